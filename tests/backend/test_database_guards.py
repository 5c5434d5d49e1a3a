"""What the database itself refuses, whatever the code above it does."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from kernel.clock import now
from kernel.ids import new_id
from tests.backend.shopper import MILK

APPEND_ONLY = ("oms_stock_move", "oms_event", "oms_order_line", "oms_order_entry")


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_history_is_neither_changed_nor_removed(ana, database, table):
    ana.order((MILK, "1"))

    changes = [f"UPDATE {table} SET id = id", f"DELETE FROM {table}"]
    if not database.is_sqlite:
        changes.append(f"TRUNCATE {table} CASCADE")
    for change in changes:
        with pytest.raises(DBAPIError, match=f"{table} is append-only"), database.write() as session:
            session.execute(text(change))

    with database.read() as session:
        assert session.scalar(text(f"SELECT count(*) FROM {table}")) > 0


@pytest.mark.parametrize(
    "overselling",
    [
        "UPDATE oms_stock_level SET reserved = on_hand + 1",
        "UPDATE oms_stock_level SET reserved = -1",
        "UPDATE oms_stock_level SET on_hand = reserved - 1",
    ],
)
def test_available_stock_is_never_negative(ana, database, overselling):
    ana.order((MILK, "1"))

    with pytest.raises(IntegrityError), database.write() as session:
        session.execute(text(overselling))


def test_a_customer_has_one_open_cart(ana, database):  # case 64
    ana.add(MILK)

    with pytest.raises(IntegrityError), database.write() as session:
        session.execute(
            text(
                "INSERT INTO oms_cart (id, customer_id, status, version, changed_at) "
                "VALUES (:id, :customer, 'open', 0, :now)"
            ),
            {"id": new_id(), "customer": ana.id, "now": now()},
        )


def test_a_reservation_needs_its_order_line(ana, database, market):
    with pytest.raises(IntegrityError), database.write() as session:
        session.execute(
            text(
                "INSERT INTO oms_reservation (id, order_line_id, sku, location_id, quantity, state, reserved_at) "
                "VALUES (:id, :line, :sku, :location, 1, 'live', :now)"
            ),
            {"id": new_id(), "line": new_id(), "sku": MILK, "location": market.centro, "now": now()},
        )


def test_an_orders_total_is_its_parts(ana, database):
    ana.order((MILK, "1"))

    with pytest.raises(IntegrityError), database.write() as session:
        session.execute(text("UPDATE oms_order SET total_minor = total_minor - 1"))
