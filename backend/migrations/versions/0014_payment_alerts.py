"""What of payments a person of finance must look at."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

KINDS = (
    "kind IN ('event_reused', 'missing_here', 'missing_there', 'captured_differs', 'refunded_differs', 'fee_differs', "
    "'currency_differs', 'payout_differs')"
)


def upgrade() -> None:
    op.create_table(
        "oms_payment_alert",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("key", sa.String(length=300), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("provider", sa.String(length=20), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.String(length=80), nullable=True),
        sa.Column("note", sa.String(length=300), nullable=True),
        sa.CheckConstraint(KINDS, name=op.f("ck_oms_payment_alert_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oms_payment_alert")),
        sa.UniqueConstraint("key", name=op.f("uq_oms_payment_alert_key")),
    )
    op.create_index(op.f("ix_oms_payment_alert_closed_at_id"), "oms_payment_alert", ["closed_at", "id"])
