"""The shop, its catalog, customers and staff."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "oms_catalog_version",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oms_catalog_version")),
    )
    op.create_table(
        "oms_category",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name_es", sa.String(length=120), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_oms_category")),
    )
    op.create_table(
        "oms_customer",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oms_customer")),
    )
    op.create_table(
        "oms_sign_in_attempt",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("email", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=60), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oms_sign_in_attempt")),
    )
    op.create_index("ix_oms_sign_in_attempt_email_tried_at", "oms_sign_in_attempt", ["email", "tried_at"])
    op.create_index("ix_oms_sign_in_attempt_address_tried_at", "oms_sign_in_attempt", ["address", "tried_at"])
    op.create_table(
        "oms_shop",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("locale", sa.String(length=12), nullable=False),
        sa.Column("time_zone", sa.String(length=60), nullable=False),
        sa.Column("delivery_fee_minor", sa.BigInteger(), nullable=False),
        sa.Column("profile", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oms_shop")),
    )
    op.create_table(
        "oms_staff_member",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("email", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("role IN ('admin', 'agent', 'warehouse', 'finance')", name=op.f("ck_oms_staff_member_role")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oms_staff_member")),
        sa.UniqueConstraint("email", name=op.f("uq_oms_staff_member_email")),
    )
    op.create_table(
        "oms_tax_class",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name_es", sa.String(length=120), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("rate", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_oms_tax_class")),
    )
    op.create_table(
        "oms_address",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("customer_id", sa.String(length=36), nullable=False),
        sa.Column("text", sa.String(length=300), nullable=False),
        sa.Column("folded", sa.String(length=600), nullable=False),
        sa.Column("city", sa.String(length=80), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["oms_customer.id"], name=op.f("fk_oms_address_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oms_address")),
        sa.UniqueConstraint("customer_id", "folded", name=op.f("uq_oms_address_customer_id_folded")),
    )
    op.create_table(
        "oms_channel_identity",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("customer_id", sa.String(length=36), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["oms_customer.id"], name=op.f("fk_oms_channel_identity_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oms_channel_identity")),
        sa.UniqueConstraint("channel", "external_id", name=op.f("uq_oms_channel_identity_channel_external_id")),
    )
    op.create_index(op.f("ix_oms_channel_identity_customer_id"), "oms_channel_identity", ["customer_id"], unique=False)
    op.create_table(
        "oms_product",
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("category_code", sa.String(length=40), nullable=False),
        sa.Column("name_es", sa.String(length=120), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("brand", sa.String(length=80), nullable=True),
        sa.Column("description_es", sa.String(length=300), nullable=False),
        sa.Column("description_en", sa.String(length=300), nullable=False),
        sa.Column("also_called_es", sa.JSON(), nullable=False),
        sa.Column("also_called_en", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["category_code"], ["oms_category.code"], name=op.f("fk_oms_product_category_code")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_oms_product")),
    )
    op.create_index(op.f("ix_oms_product_category_code"), "oms_product", ["category_code"], unique=False)
    op.create_table(
        "oms_variant",
        sa.Column("sku", sa.String(length=40), nullable=False),
        sa.Column("product_code", sa.String(length=60), nullable=False),
        sa.Column("name_es", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("kind_es", sa.String(length=80), nullable=True),
        sa.Column("kind_en", sa.String(length=80), nullable=True),
        sa.Column("size", sa.String(length=20), nullable=True),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("price_quantity", sa.Integer(), nullable=False),
        sa.Column("tax_class", sa.String(length=20), nullable=False),
        sa.Column("base_unit", sa.String(length=20), nullable=False),
        sa.Column("popularity", sa.Integer(), nullable=False),
        sa.Column("is_usual", sa.Boolean(), nullable=False),
        sa.Column("is_sold", sa.Boolean(), nullable=False),
        sa.CheckConstraint("price_minor >= 0", name=op.f("ck_oms_variant_price")),
        sa.CheckConstraint("price_quantity > 0", name=op.f("ck_oms_variant_price_quantity")),
        sa.ForeignKeyConstraint(["product_code"], ["oms_product.code"], name=op.f("fk_oms_variant_product_code")),
        sa.ForeignKeyConstraint(["tax_class"], ["oms_tax_class.code"], name=op.f("fk_oms_variant_tax_class")),
        sa.PrimaryKeyConstraint("sku", name=op.f("pk_oms_variant")),
    )
    op.create_index(op.f("ix_oms_variant_product_code"), "oms_variant", ["product_code"], unique=False)
    op.create_table(
        "oms_variant_unit",
        sa.Column("sku", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("factor", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint("factor > 0", name=op.f("ck_oms_variant_unit_factor")),
        sa.ForeignKeyConstraint(["sku"], ["oms_variant.sku"], name=op.f("fk_oms_variant_unit_sku")),
        sa.PrimaryKeyConstraint("sku", "code", name=op.f("pk_oms_variant_unit")),
    )
