"""Sessions of staff, that end."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_ENDINGS = "'signed_out', 'ended_by_member', 'ended_by_admin', 'deactivated', 'password_changed'"


def upgrade() -> None:
    op.create_table(
        "oms_staff_session",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("member_id", sa.String(length=36), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("address", sa.String(length=60), nullable=False),
        sa.Column("device", sa.String(length=200), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_why", sa.String(length=20), nullable=True),
        sa.CheckConstraint(f"ended_why IN ({_ENDINGS})", name=op.f("ck_oms_staff_session_ended_why")),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_why IS NULL)", name=op.f("ck_oms_staff_session_ended")),
        sa.ForeignKeyConstraint(["member_id"], ["oms_staff_member.id"], name=op.f("fk_oms_staff_session_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oms_staff_session")),
    )
    op.create_index(op.f("ix_oms_staff_session_member_id"), "oms_staff_session", ["member_id"], unique=False)
