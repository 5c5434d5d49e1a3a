"""What staff asks for of all that is kept of one person."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

_KINDS = "'look', 'export', 'erasure'"
_ENDED = "'done', 'refused', 'failed'"
_STATUSES = f"'queued', 'working', 'clearing', {_ENDED}"
_REASONS = "'asked', 'consent_withdrawn', 'authority'"


def upgrade() -> None:
    op.create_table(
        "oms_data_request",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("customer_id", sa.String(length=36), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=True),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("requested_by", sa.String(length=80), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("found", sa.JSON(), nullable=False),
        sa.CheckConstraint(f"kind IN ({_KINDS})", name=op.f("ck_oms_data_request_kind")),
        sa.CheckConstraint(f"status IN ({_STATUSES})", name=op.f("ck_oms_data_request_status")),
        sa.CheckConstraint(f"reason IN ({_REASONS})", name=op.f("ck_oms_data_request_reason")),
        sa.CheckConstraint("(kind = 'erasure') = (reason IS NOT NULL)", name=op.f("ck_oms_data_request_reasoned")),
        sa.CheckConstraint("kind = 'erasure' OR status <> 'clearing'", name=op.f("ck_oms_data_request_clears")),
        sa.CheckConstraint(
            f"(status IN ({_ENDED})) = (ended_at IS NOT NULL)", name=op.f("ck_oms_data_request_ended")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["oms_customer.id"], name=op.f("fk_oms_data_request_customer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oms_data_request")),
        sa.UniqueConstraint("number", name=op.f("uq_oms_data_request_number")),
    )
    op.create_index(op.f("ix_oms_data_request_customer_id_number"), "oms_data_request", ["customer_id", "number"])
    op.create_index(op.f("ix_oms_data_request_status_due_at"), "oms_data_request", ["status", "due_at"])
    counters = sa.table("oms_counter", sa.column("name"), sa.column("value"))
    op.bulk_insert(counters, [{"name": "data_request", "value": 10_000}])
