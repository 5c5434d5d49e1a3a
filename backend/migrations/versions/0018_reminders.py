"""Reminders of invoices, and promises to pay."""

import sqlalchemy as sa
from alembic import op

from backend.migrations.append_only import make_append_only

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "oms_payment_promise",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("customer_id", sa.String(length=36), nullable=False),
        sa.Column("promised_on", sa.Date(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("said", sa.String(length=300), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'kept', 'broken', 'replaced')", name=op.f("ck_oms_payment_promise_state")
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_oms_payment_promise_amount")),
        sa.ForeignKeyConstraint(["customer_id"], ["oms_customer.id"], name=op.f("fk_oms_payment_promise_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oms_payment_promise")),
    )
    op.create_index(op.f("ix_oms_payment_promise_customer_id_state"), "oms_payment_promise", ["customer_id", "state"])
    op.create_index(op.f("ix_oms_payment_promise_state_promised_on"), "oms_payment_promise", ["state", "promised_on"])
    op.create_table(
        "oms_reminder",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("invoice_id", sa.String(length=36), nullable=False),
        sa.Column("stage", sa.String(length=10), nullable=False),
        sa.Column("open_minor", sa.BigInteger(), nullable=False),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("stage IN ('soon', 'today', 'late', 'later', 'last')", name=op.f("ck_oms_reminder_stage")),
        sa.ForeignKeyConstraint(["invoice_id"], ["oms_invoice.id"], name=op.f("fk_oms_reminder_invoice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oms_reminder")),
        sa.UniqueConstraint("invoice_id", "stage", name=op.f("uq_oms_reminder_invoice_id_stage")),
    )
    make_append_only("oms_reminder")
