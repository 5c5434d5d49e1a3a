"""Discounts, their uses, and what they took off."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "oms_discount",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name_es", sa.String(length=80), nullable=False),
        sa.Column("name_en", sa.String(length=80), nullable=False),
        sa.Column("is_automatic", sa.Boolean(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("percent", sa.String(32), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("sku", sa.String(length=40), nullable=True),
        sa.Column("category", sa.String(length=40), nullable=True),
        sa.Column("minimum_minor", sa.BigInteger(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("max_uses", sa.Integer(), nullable=True),
        sa.Column("max_uses_each", sa.Integer(), nullable=True),
        sa.Column("uses", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(kind = 'amount') = (amount_minor IS NOT NULL)", name=op.f("ck_oms_discount_amount")),
        sa.CheckConstraint("(kind = 'percentage') = (percent IS NOT NULL)", name=op.f("ck_oms_discount_percent")),
        sa.CheckConstraint("kind IN ('percentage', 'amount')", name=op.f("ck_oms_discount_kind")),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_oms_discount_amount_positive")),
        sa.CheckConstraint("max_uses_each > 0", name=op.f("ck_oms_discount_uses_each")),
        sa.CheckConstraint("minimum_minor >= 0", name=op.f("ck_oms_discount_minimum")),
        sa.CheckConstraint("sku IS NULL OR category IS NULL", name=op.f("ck_oms_discount_goods")),
        sa.CheckConstraint("uses >= 0 AND (max_uses IS NULL OR uses <= max_uses)", name=op.f("ck_oms_discount_uses")),
        sa.ForeignKeyConstraint(["category"], ["oms_category.code"], name=op.f("fk_oms_discount_category")),
        sa.ForeignKeyConstraint(["sku"], ["oms_variant.sku"], name=op.f("fk_oms_discount_sku")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_oms_discount")),
    )
    op.create_index(op.f("ix_oms_discount_is_automatic"), "oms_discount", ["is_automatic"], unique=False)
    op.create_table(
        "oms_discount_use",
        sa.Column("order_id", sa.String(length=36), nullable=False),
        sa.Column("discount_code", sa.String(length=40), nullable=False),
        sa.Column("customer_id", sa.String(length=36), nullable=False),
        sa.Column("nth", sa.Integer(), nullable=False),
        sa.Column("most", sa.Integer(), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("nth > 0 AND (most IS NULL OR nth <= most)", name=op.f("ck_oms_discount_use_nth")),
        sa.ForeignKeyConstraint(["customer_id"], ["oms_customer.id"], name=op.f("fk_oms_discount_use_customer_id")),
        sa.ForeignKeyConstraint(
            ["discount_code"], ["oms_discount.code"], name=op.f("fk_oms_discount_use_discount_code")
        ),
        sa.ForeignKeyConstraint(["order_id"], ["oms_order.id"], name=op.f("fk_oms_discount_use_order_id")),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_oms_discount_use")),
        sa.UniqueConstraint(
            "discount_code", "customer_id", "nth", name=op.f("uq_oms_discount_use_discount_code_customer_id_nth")
        ),
    )
    op.add_column("oms_cart", sa.Column("discount_code", sa.String(length=40), nullable=True))
    op.add_column(
        "oms_invoice_line", sa.Column("discount_minor", sa.BigInteger(), server_default=sa.text("0"), nullable=False)
    )
    op.add_column("oms_order", sa.Column("discount", sa.JSON(), nullable=True))
    op.add_column(
        "oms_order", sa.Column("discount_minor", sa.BigInteger(), server_default=sa.text("0"), nullable=False)
    )
    op.add_column(
        "oms_order_line", sa.Column("discount_minor", sa.BigInteger(), server_default=sa.text("0"), nullable=False)
    )
