"""Acts that wait for a second person."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

_ACTS = "'credit_note', 'debit_note', 'write_off', 'journal_entry'"
_STATUSES = "'pending', 'approved', 'refused', 'withdrawn'"


def upgrade() -> None:
    op.create_table(
        "oms_pending_act",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("act", sa.String(length=20), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=True),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("requested_by", sa.String(length=80), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(length=80), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.String(length=300), nullable=True),
        sa.Column("result", sa.String(length=40), nullable=True),
        sa.CheckConstraint(f"act IN ({_ACTS})", name=op.f("ck_oms_pending_act_act")),
        sa.CheckConstraint(f"status IN ({_STATUSES})", name=op.f("ck_oms_pending_act_status")),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_oms_pending_act_amount")),
        sa.CheckConstraint("(status = 'pending') = (decided_at IS NULL)", name=op.f("ck_oms_pending_act_decided")),
        sa.CheckConstraint(
            "status NOT IN ('approved', 'refused') OR decided_by <> requested_by",
            name=op.f("ck_oms_pending_act_second_person"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oms_pending_act")),
        sa.UniqueConstraint("number", name=op.f("uq_oms_pending_act_number")),
    )
    op.create_index(op.f("ix_oms_pending_act_status_number"), "oms_pending_act", ["status", "number"], unique=False)
    counters = sa.table("oms_counter", sa.column("name"), sa.column("value"))
    op.bulk_insert(counters, [{"name": "pending_act", "value": 10_000}])
