"""Quotes."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "oms_quote",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("customer_id", sa.String(length=36), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("order_id", sa.String(length=36), nullable=True),
        sa.Column("who", sa.String(length=80), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "status IN ('drafted', 'sent', 'accepted', 'placed', 'withdrawn')", name=op.f("ck_oms_quote_status")
        ),
        sa.CheckConstraint(
            "(status IN ('accepted', 'placed')) = (order_id IS NOT NULL)", name=op.f("ck_oms_quote_ordered")
        ),
        sa.CheckConstraint("status <> 'sent' OR valid_until IS NOT NULL", name=op.f("ck_oms_quote_sent")),
        sa.ForeignKeyConstraint(["customer_id"], ["oms_customer.id"], name=op.f("fk_oms_quote_customer_id")),
        sa.ForeignKeyConstraint(["order_id"], ["oms_order.id"], name=op.f("fk_oms_quote_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oms_quote")),
        sa.UniqueConstraint("number", name=op.f("uq_oms_quote_number")),
        sa.UniqueConstraint("order_id", name=op.f("uq_oms_quote_order_id")),
    )
    op.create_index(op.f("ix_oms_quote_customer_id_id"), "oms_quote", ["customer_id", "id"], unique=False)
    op.create_index(op.f("ix_oms_quote_status_id"), "oms_quote", ["status", "id"], unique=False)
    counters = sa.table("oms_counter", sa.column("name"), sa.column("value"))
    op.bulk_insert(counters, [{"name": "quote", "value": 10_000}])
