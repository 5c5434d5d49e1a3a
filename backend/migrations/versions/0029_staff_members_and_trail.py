"""Members with limits and links to set a password; the trail of what they did."""

import sqlalchemy as sa
from alembic import op

from backend.migrations.append_only import make_append_only

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("oms_staff_member", sa.Column("limits", sa.JSON(), nullable=False, server_default="{}"))
    op.create_table(
        "oms_staff_link",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("member_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("made_by", sa.String(length=80), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('invite', 'reset')", name=op.f("ck_oms_staff_link_kind")),
        sa.ForeignKeyConstraint(["member_id"], ["oms_staff_member.id"], name=op.f("fk_oms_staff_link_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oms_staff_link")),
    )
    op.create_index(op.f("ix_oms_staff_link_member_id"), "oms_staff_link", ["member_id"], unique=False)
    op.create_table(
        "oms_audit_entry",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("role", sa.String(length=60), nullable=False),
        sa.Column("session_id", sa.String(length=36), nullable=True),
        sa.Column("act", sa.String(length=160), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=True),
        sa.Column("result", sa.String(length=80), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=True),
        sa.Column("request", sa.JSON(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oms_audit_entry")),
    )
    op.create_index(op.f("ix_oms_audit_entry_at"), "oms_audit_entry", ["at"], unique=False)
    op.create_index(op.f("ix_oms_audit_entry_who_at"), "oms_audit_entry", ["who", "at"], unique=False)
    op.create_index(op.f("ix_oms_audit_entry_subject"), "oms_audit_entry", ["subject"], unique=False)
    op.create_index(op.f("ix_oms_audit_entry_result"), "oms_audit_entry", ["result"], unique=False)
    make_append_only("oms_audit_entry")
