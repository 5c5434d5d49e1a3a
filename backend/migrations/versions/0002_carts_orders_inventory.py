"""Carts, orders, inventory, the outbox and the idempotent acts."""

import sqlalchemy as sa
from alembic import op

from backend.migrations.append_only import make_append_only

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "oms_counter",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_oms_counter")),
    )
    op.create_table(
        "oms_event",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oms_event")),
    )
    op.create_index(op.f("ix_oms_event_kind_subject"), "oms_event", ["kind", "subject"], unique=False)
    op.create_table(
        "oms_idempotent_act",
        sa.Column("scope", sa.String(length=80), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("request_hash", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("scope", "key", name=op.f("pk_oms_idempotent_act")),
    )
    op.create_index(op.f("ix_oms_idempotent_act_created_at"), "oms_idempotent_act", ["created_at"], unique=False)
    op.create_table(
        "oms_location",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("preference", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oms_location")),
        sa.UniqueConstraint("code", name=op.f("uq_oms_location_code")),
    )
    op.create_table(
        "oms_bin",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("location_id", sa.String(length=36), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["location_id"], ["oms_location.id"], name=op.f("fk_oms_bin_location_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oms_bin")),
        sa.UniqueConstraint("location_id", "code", name=op.f("uq_oms_bin_location_id_code")),
    )
    op.create_table(
        "oms_cart",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("customer_id", sa.String(length=36), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=300), nullable=True),
        sa.Column("payment_method", sa.String(length=40), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("status IN ('open', 'ordered')", name=op.f("ck_oms_cart_status")),
        sa.ForeignKeyConstraint(["customer_id"], ["oms_customer.id"], name=op.f("fk_oms_cart_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oms_cart")),
    )
    op.create_index(
        "uq_oms_cart_one_open",
        "oms_cart",
        ["customer_id"],
        unique=True,
        sqlite_where=sa.text("status = 'open'"),
        postgresql_where=sa.text("status = 'open'"),
    )
    op.create_table(
        "oms_cart_confirmation",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("cart_id", sa.String(length=36), nullable=False),
        sa.Column("cart_version", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["cart_id"], ["oms_cart.id"], name=op.f("fk_oms_cart_confirmation_cart_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oms_cart_confirmation")),
    )
    op.create_index(op.f("ix_oms_cart_confirmation_cart_id"), "oms_cart_confirmation", ["cart_id"], unique=False)
    op.create_table(
        "oms_order",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("customer_id", sa.String(length=36), nullable=False),
        sa.Column("cart_id", sa.String(length=36), nullable=False),
        sa.Column("cart_version", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("subtotal_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("delivery_fee_minor", sa.BigInteger(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("address", sa.String(length=300), nullable=False),
        sa.Column("payment_method", sa.String(length=40), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "status IN ('draft', 'placed', 'on_hold', 'confirmed', 'cancelled', 'closed')",
            name=op.f("ck_oms_order_status"),
        ),
        sa.CheckConstraint("total_minor = subtotal_minor + delivery_fee_minor", name=op.f("ck_oms_order_total")),
        sa.ForeignKeyConstraint(["cart_id"], ["oms_cart.id"], name=op.f("fk_oms_order_cart_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["oms_customer.id"], name=op.f("fk_oms_order_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oms_order")),
        sa.UniqueConstraint("cart_id", name=op.f("uq_oms_order_cart_id")),
        sa.UniqueConstraint("number", name=op.f("uq_oms_order_number")),
    )
    op.create_index(op.f("ix_oms_order_customer_id_id"), "oms_order", ["customer_id", "id"], unique=False)
    op.create_index(op.f("ix_oms_order_status_id"), "oms_order", ["status", "id"], unique=False)
    op.create_table(
        "oms_cart_line",
        sa.Column("cart_id", sa.String(length=36), nullable=False),
        sa.Column("sku", sa.String(length=40), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("factor", sa.Integer(), nullable=False),
        sa.Column("base_quantity", sa.Integer(), nullable=False),
        sa.CheckConstraint("base_quantity > 0", name=op.f("ck_oms_cart_line_base_quantity")),
        sa.CheckConstraint("factor > 0", name=op.f("ck_oms_cart_line_factor")),
        sa.ForeignKeyConstraint(["cart_id"], ["oms_cart.id"], name=op.f("fk_oms_cart_line_cart_id")),
        sa.ForeignKeyConstraint(["sku"], ["oms_variant.sku"], name=op.f("fk_oms_cart_line_sku")),
        sa.PrimaryKeyConstraint("cart_id", "sku", "unit", name=op.f("pk_oms_cart_line")),
    )
    op.create_table(
        "oms_order_entry",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("order_id", sa.String(length=36), nullable=False),
        sa.Column("what", sa.String(length=20), nullable=False),
        sa.Column("who", sa.String(length=80), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=True),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["oms_order.id"], name=op.f("fk_oms_order_entry_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oms_order_entry")),
    )
    op.create_index(
        op.f("ix_oms_order_entry_order_id_happened_at"), "oms_order_entry", ["order_id", "happened_at"], unique=False
    )
    op.create_table(
        "oms_order_line",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("order_id", sa.String(length=36), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("sku", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("unit_name_es", sa.String(length=40), nullable=False),
        sa.Column("unit_name_en", sa.String(length=40), nullable=False),
        sa.Column("factor", sa.Integer(), nullable=False),
        sa.Column("base_quantity", sa.Integer(), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column("price_quantity", sa.Integer(), nullable=False),
        sa.Column("unit_price_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_class", sa.String(length=20), nullable=False),
        sa.Column("tax_rate", sa.String(length=32), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("base_quantity > 0", name=op.f("ck_oms_order_line_base_quantity")),
        sa.CheckConstraint("total_minor >= tax_minor AND tax_minor >= 0", name=op.f("ck_oms_order_line_tax")),
        sa.ForeignKeyConstraint(["order_id"], ["oms_order.id"], name=op.f("fk_oms_order_line_order_id")),
        sa.ForeignKeyConstraint(["sku"], ["oms_variant.sku"], name=op.f("fk_oms_order_line_sku")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oms_order_line")),
        sa.UniqueConstraint("order_id", "position", name=op.f("uq_oms_order_line_order_id_position")),
    )
    op.create_table(
        "oms_stock_level",
        sa.Column("sku", sa.String(length=40), nullable=False),
        sa.Column("location_id", sa.String(length=36), nullable=False),
        sa.Column("on_hand", sa.Integer(), nullable=False),
        sa.Column("reserved", sa.Integer(), nullable=False),
        sa.CheckConstraint("on_hand >= reserved", name=op.f("ck_oms_stock_level_available")),
        sa.CheckConstraint("reserved >= 0", name=op.f("ck_oms_stock_level_reserved")),
        sa.ForeignKeyConstraint(["location_id"], ["oms_location.id"], name=op.f("fk_oms_stock_level_location_id")),
        sa.ForeignKeyConstraint(["sku"], ["oms_variant.sku"], name=op.f("fk_oms_stock_level_sku")),
        sa.PrimaryKeyConstraint("sku", "location_id", name=op.f("pk_oms_stock_level")),
    )
    op.create_table(
        "oms_stock_move",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("sku", sa.String(length=40), nullable=False),
        sa.Column("location_id", sa.String(length=36), nullable=False),
        sa.Column("bin_id", sa.String(length=36), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=80), nullable=True),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('receipt', 'issue', 'restock', 'adjustment', 'transfer')", name=op.f("ck_oms_stock_move_kind")
        ),
        sa.CheckConstraint("quantity <> 0", name=op.f("ck_oms_stock_move_quantity")),
        sa.ForeignKeyConstraint(["bin_id"], ["oms_bin.id"], name=op.f("fk_oms_stock_move_bin_id")),
        sa.ForeignKeyConstraint(["location_id"], ["oms_location.id"], name=op.f("fk_oms_stock_move_location_id")),
        sa.ForeignKeyConstraint(["sku"], ["oms_variant.sku"], name=op.f("fk_oms_stock_move_sku")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oms_stock_move")),
    )
    op.create_index(op.f("ix_oms_stock_move_sku_location_id"), "oms_stock_move", ["sku", "location_id"], unique=False)
    op.create_table(
        "oms_reservation",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("order_line_id", sa.String(length=36), nullable=False),
        sa.Column("sku", sa.String(length=40), nullable=False),
        sa.Column("location_id", sa.String(length=36), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reserved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('live', 'released', 'issued')", name=op.f("ck_oms_reservation_state")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_oms_reservation_quantity")),
        sa.ForeignKeyConstraint(["location_id"], ["oms_location.id"], name=op.f("fk_oms_reservation_location_id")),
        sa.ForeignKeyConstraint(
            ["order_line_id"],
            ["oms_order_line.id"],
            name=op.f("fk_oms_reservation_order_line_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["sku"], ["oms_variant.sku"], name=op.f("fk_oms_reservation_sku")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oms_reservation")),
    )
    op.create_index(op.f("ix_oms_reservation_order_line_id"), "oms_reservation", ["order_line_id"], unique=False)
    op.create_index(
        op.f("ix_oms_reservation_sku_location_id_state"),
        "oms_reservation",
        ["sku", "location_id", "state"],
        unique=False,
    )

    op.bulk_insert(sa.table("oms_counter", sa.column("name"), sa.column("value")), [{"name": "order", "value": 10_000}])
    for table in ("oms_stock_move", "oms_event", "oms_order_line", "oms_order_entry"):
        make_append_only(table)
