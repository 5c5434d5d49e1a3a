"""Returns: what comes back of an order, what was found, and the caps that no code gets around."""

import sqlalchemy as sa
from alembic import op

from backend.migrations.append_only import make_append_only

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

# table, when it is looked at, the row that two writers wait for each other at, what there is, the most there may be
CAPS = (
    (
        "oms_return_line",
        "INSERT OR UPDATE OF taken_back, order_line_id",
        "oms_order_line WHERE id = NEW.order_line_id",
        "SELECT COALESCE(SUM(l.taken_back), 0) FROM oms_return_line l JOIN oms_return r ON r.id = l.return_id "
        "WHERE l.order_line_id = NEW.order_line_id "
        "AND r.kind = (SELECT kind FROM oms_return WHERE id = NEW.return_id)",
        "SELECT COALESCE(SUM(l.quantity), 0) FROM oms_shipment_line l JOIN oms_shipment s ON s.id = l.shipment_id "
        "WHERE l.order_line_id = NEW.order_line_id AND s.status = (SELECT CASE kind WHEN 'bounced' "
        "THEN 'returned_to_origin' ELSE 'delivered' END FROM oms_return WHERE id = NEW.return_id)",
        "more is returned than was delivered",
    ),
    (
        "oms_return_receipt",
        "INSERT",
        "oms_return_line WHERE id = NEW.return_line_id",
        "SELECT COALESCE(SUM(quantity), 0) FROM oms_return_receipt WHERE return_line_id = NEW.return_line_id",
        "SELECT quantity FROM oms_return_line WHERE id = NEW.return_line_id",
        "more came back than was announced",
    ),
    (
        "oms_return_inspection",
        "INSERT",
        "oms_return_line WHERE id = NEW.return_line_id",
        "SELECT COALESCE(SUM(quantity), 0) FROM oms_return_inspection "
        "WHERE return_line_id = NEW.return_line_id AND is_again = NEW.is_again",
        "SELECT CASE WHEN NEW.is_again THEN (SELECT COALESCE(SUM(quantity), 0) FROM oms_return_inspection "
        "WHERE return_line_id = NEW.return_line_id AND disposition = 'refurbish') "
        "ELSE (SELECT COALESCE(SUM(quantity), 0) FROM oms_return_receipt "
        "WHERE return_line_id = NEW.return_line_id) END",
        "more was looked at than came",
    ),
)


def upgrade() -> None:
    op.create_table(
        "oms_return_policy",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("policy", sa.JSON(), nullable=False),
        sa.Column("who", sa.String(length=80), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oms_return_policy")),
    )
    op.create_table(
        "oms_return",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("order_id", sa.String(length=36), nullable=False),
        sa.Column("customer_id", sa.String(length=36), nullable=False),
        sa.Column("shipment_id", sa.String(length=36), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("wish", sa.String(length=12), nullable=True),
        sa.Column("way", sa.String(length=10), nullable=False),
        sa.Column("pickup_on", sa.Date(), nullable=True),
        sa.Column("pickup_slot", sa.String(length=40), nullable=True),
        sa.Column("needs_goods", sa.Boolean(), nullable=False),
        sa.Column("refund_when", sa.String(length=10), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("value_minor", sa.BigInteger(), nullable=False),
        sa.Column("credited_minor", sa.BigInteger(), nullable=False),
        sa.Column("charged_minor", sa.BigInteger(), nullable=False),
        sa.Column("given_back_minor", sa.BigInteger(), nullable=False),
        sa.Column("resolution", sa.String(length=12), nullable=True),
        sa.Column("exchange_for", sa.JSON(), nullable=True),
        sa.Column("exchange_order_id", sa.String(length=36), nullable=True),
        sa.Column("rejected_because", sa.String(length=300), nullable=True),
        sa.Column("conversation_id", sa.String(length=36), nullable=True),
        sa.Column("answer_by", sa.Date(), nullable=True),
        sa.Column("send_by", sa.Date(), nullable=True),
        sa.Column("inspect_by", sa.Date(), nullable=True),
        sa.Column("pay_by", sa.Date(), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(kind = 'bounced') = (shipment_id IS NOT NULL)", name=op.f("ck_oms_return_bounced")),
        sa.CheckConstraint("kind IN ('return', 'bounced')", name=op.f("ck_oms_return_kind")),
        sa.CheckConstraint(
            "refund_when IN ('on_request', 'first_scan', 'inspection')", name=op.f("ck_oms_return_refund_when")
        ),
        sa.CheckConstraint(
            "resolution IN ('refund', 'exchange', 'store_credit', 'replacement', 'none')",
            name=op.f("ck_oms_return_resolution"),
        ),
        sa.CheckConstraint("status <> 'resolved' OR resolution IS NOT NULL", name=op.f("ck_oms_return_resolved")),
        sa.CheckConstraint(
            "status IN ('requested', 'accepted', 'rejected', 'in_transit', 'partly_received', 'received', 'inspected', 'resolved', 'cancelled')",
            name=op.f("ck_oms_return_status"),
        ),
        sa.CheckConstraint("way IN ('pickup', 'drop_off', 'store', 'carrier')", name=op.f("ck_oms_return_way")),
        sa.CheckConstraint(
            "wish IN ('refund', 'exchange', 'store_credit', 'replacement')", name=op.f("ck_oms_return_wish")
        ),
        sa.CheckConstraint("(settled_at IS NULL) = (resolution IS NULL)", name=op.f("ck_oms_return_settled")),
        sa.CheckConstraint(
            "credited_minor >= 0 AND charged_minor >= 0 AND given_back_minor >= 0 AND charged_minor + given_back_minor <= credited_minor",
            name=op.f("ck_oms_return_sums"),
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["oms_customer.id"], name=op.f("fk_oms_return_customer_id")),
        sa.ForeignKeyConstraint(["exchange_order_id"], ["oms_order.id"], name=op.f("fk_oms_return_exchange_order_id")),
        sa.ForeignKeyConstraint(["order_id"], ["oms_order.id"], name=op.f("fk_oms_return_order_id")),
        sa.ForeignKeyConstraint(["shipment_id"], ["oms_shipment.id"], name=op.f("fk_oms_return_shipment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oms_return")),
        sa.UniqueConstraint("number", name=op.f("uq_oms_return_number")),
        sa.UniqueConstraint("shipment_id", name=op.f("uq_oms_return_shipment_id")),
    )
    op.create_index(op.f("ix_oms_return_customer_id_id"), "oms_return", ["customer_id", "id"], unique=False)
    op.create_index(op.f("ix_oms_return_order_id"), "oms_return", ["order_id"], unique=False)
    op.create_index(op.f("ix_oms_return_status_id"), "oms_return", ["status", "id"], unique=False)
    op.create_table(
        "oms_return_entry",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("return_id", sa.String(length=36), nullable=False),
        sa.Column("what", sa.String(length=20), nullable=False),
        sa.Column("who", sa.String(length=80), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=True),
        sa.Column("message_id", sa.String(length=36), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=True),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["return_id"], ["oms_return.id"], name=op.f("fk_oms_return_entry_return_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oms_return_entry")),
    )
    op.create_index(
        op.f("ix_oms_return_entry_return_id_happened_at"),
        "oms_return_entry",
        ["return_id", "happened_at"],
        unique=False,
    )
    op.create_table(
        "oms_return_line",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("return_id", sa.String(length=36), nullable=False),
        sa.Column("order_line_id", sa.String(length=36), nullable=False),
        sa.Column("sku", sa.String(length=40), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("taken_back", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=True),
        sa.Column("photos", sa.JSON(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_oms_return_line_quantity")),
        sa.CheckConstraint("taken_back >= 0 AND taken_back <= quantity", name=op.f("ck_oms_return_line_taken_back")),
        sa.ForeignKeyConstraint(
            ["order_line_id"], ["oms_order_line.id"], name=op.f("fk_oms_return_line_order_line_id")
        ),
        sa.ForeignKeyConstraint(["return_id"], ["oms_return.id"], name=op.f("fk_oms_return_line_return_id")),
        sa.ForeignKeyConstraint(["sku"], ["oms_variant.sku"], name=op.f("fk_oms_return_line_sku")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oms_return_line")),
        sa.UniqueConstraint("return_id", "order_line_id", name=op.f("uq_oms_return_line_return_id_order_line_id")),
    )
    op.create_index(op.f("ix_oms_return_line_order_line_id"), "oms_return_line", ["order_line_id"], unique=False)
    op.create_table(
        "oms_return_inspection",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("return_line_id", sa.String(length=36), nullable=False),
        sa.Column("location_id", sa.String(length=36), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("disposition", sa.String(length=16), nullable=False),
        sa.Column("is_again", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=True),
        sa.Column("photos", sa.JSON(), nullable=False),
        sa.Column("who", sa.String(length=80), nullable=False),
        sa.Column("inspected_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("NOT (is_again AND disposition = 'refurbish')", name=op.f("ck_oms_return_inspection_again")),
        sa.CheckConstraint(
            "disposition IN ('restock', 'refurbish', 'scrap', 'back_to_supplier')",
            name=op.f("ck_oms_return_inspection_disposition"),
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_oms_return_inspection_quantity")),
        sa.ForeignKeyConstraint(
            ["location_id"], ["oms_location.id"], name=op.f("fk_oms_return_inspection_location_id")
        ),
        sa.ForeignKeyConstraint(
            ["return_line_id"], ["oms_return_line.id"], name=op.f("fk_oms_return_inspection_return_line_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oms_return_inspection")),
    )
    op.create_index(
        op.f("ix_oms_return_inspection_return_line_id"), "oms_return_inspection", ["return_line_id"], unique=False
    )
    op.create_table(
        "oms_return_receipt",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("return_line_id", sa.String(length=36), nullable=False),
        sa.Column("location_id", sa.String(length=36), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=True),
        sa.Column("who", sa.String(length=80), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_oms_return_receipt_quantity")),
        sa.ForeignKeyConstraint(["location_id"], ["oms_location.id"], name=op.f("fk_oms_return_receipt_location_id")),
        sa.ForeignKeyConstraint(
            ["return_line_id"], ["oms_return_line.id"], name=op.f("fk_oms_return_receipt_return_line_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oms_return_receipt")),
    )
    op.create_index(
        op.f("ix_oms_return_receipt_return_line_id"), "oms_return_receipt", ["return_line_id"], unique=False
    )

    for table in ("oms_return_receipt", "oms_return_inspection", "oms_return_entry"):
        make_append_only(table)
    for table, when, where, there, most, words in CAPS:
        _cap(table, when, where, there, most, words)
    counters = sa.table("oms_counter", sa.column("name"), sa.column("value"))
    op.bulk_insert(counters, [{"name": "return", "value": 10_000}])


def _cap(table: str, when: str, where: str, there: str, most: str, words: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        for change in when.split(" OR "):
            name = f"{table}_cap_{change.split()[0].lower()}"
            op.execute(
                f"CREATE TRIGGER {name} AFTER {change} ON {table} BEGIN "
                f"SELECT RAISE(ABORT, '{words}') WHERE ({there}) > ({most}); END"
            )
        return
    # Of two at once the second waits at the row that both are about, and then sees what the first wrote.
    op.execute(
        f"CREATE FUNCTION {table}_cap() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"PERFORM 1 FROM {where} FOR NO KEY UPDATE; "
        f"IF ({there}) > ({most}) THEN RAISE EXCEPTION '{words}' USING ERRCODE = 'check_violation'; END IF; "
        f"RETURN NEW; END $$"
    )
    op.execute(f"CREATE TRIGGER {table}_cap AFTER {when} ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_cap()")
