"""What leaves is billed by itself, in the transaction in which it leaves."""

from sqlalchemy import text

from backend.catalog.models import ShopProfile
from backend.invoicing.models import Invoice, InvoiceLine
from backend.ledger.models import JournalEntry
from backend.orders import service as orders
from backend.shipping.models import Shipment
from backend.workflows.invoice_order import invoice_order
from tests.backend.shopper import BREAD, DELIVERY_FEE, MILK, SODA, code_of


def documents(database):
    with database.read() as session:
        found = session.query(Invoice).order_by(Invoice.sequence)
        return [(each.number, each.cause, each.total_minor) for each in found]


def bill_on_payment(database):
    with database.write() as session:
        row = session.get_one(ShopProfile, 1)
        row.profile = row.profile | {"invoice_on": "payment"}


def pay(database, number, cause="payment:1"):
    with database.write() as session:
        return invoice_order(session, orders.find_any(session, number, lock=True), cause, "system")


def test_a_parcel_is_billed_as_it_leaves(ana, warehouse, database):
    number = ana.order((SODA, "2"), (BREAD, "1"))["number"]
    warehouse.pick_all(f"{number}-1")
    warehouse.pack(f"{number}-1")
    assert documents(database) == []

    warehouse.ship(f"{number}-1")
    warehouse.ship(f"{number}-1", f"{number}-1-A")

    total = ana.get(f"/orders/{number}").json()["total"]["amount_minor"]
    assert documents(database) == [("FV-1", f"shipment:{number}-1-A", total)]


def test_each_parcel_has_its_invoice_and_the_delivery_is_billed_once(ana, warehouse, database):
    number = ana.order((MILK, "3"))["number"]
    [line] = warehouse.pick_all(f"{number}-1")["lines"]
    warehouse.pack(
        f"{number}-1",
        {"lines": [{"line": line["id"], "quantity": 1}]},
        {"lines": [{"line": line["id"], "quantity": 2}]},
    )

    warehouse.ship(f"{number}-1", f"{number}-1-B")
    warehouse.ship(f"{number}-1", f"{number}-1-A")

    assert documents(database) == [
        ("FV-1", f"shipment:{number}-1-B", 900_000 + DELIVERY_FEE),
        ("FV-2", f"shipment:{number}-1-A", 450_000),
    ]


def test_without_a_number_to_give_nothing_leaves(ana, warehouse, database, count_rows):  # case 77
    number = ana.order((SODA, "2"))["number"]
    warehouse.pick_all(f"{number}-1")
    warehouse.pack(f"{number}-1")
    with database.write() as session:
        session.execute(
            text("UPDATE oms_invoice_series SET resolution = :resolution WHERE kind = 'invoice'"),
            {"resolution": '{"number": "1", "from": 1, "to": 0, "valid_until": "2100-01-01"}'},
        )

    refused = warehouse.act(f"{number}-1", "ship", carrier="table_rate")

    assert code_of(refused) == (409, "invoice_series_used_up")
    assert (warehouse.get(f"/{number}-1")["status"], count_rows(Invoice), count_rows(JournalEntry)) == ("packed", 0, 0)
    with database.read() as session:
        assert [each.status for each in session.query(Shipment)] == ["packed"]


def test_what_is_given_away_is_billed_and_nothing_is_booked(ana, warehouse, database, count_rows):
    with database.write() as session:
        session.execute(text("UPDATE oms_variant SET price_minor = 0 WHERE sku = :sku"), {"sku": MILK})
        session.execute(text("UPDATE oms_rate SET price_minor = 0"))
        session.execute(text("UPDATE oms_shop SET delivery_fee_minor = 0"))
    number = ana.order((MILK, "1"))["number"]

    warehouse.ship_all(f"{number}-1")

    assert documents(database) == [("FV-1", f"shipment:{number}-1-A", 0)]
    assert count_rows(JournalEntry) == 0


def test_where_the_shop_bills_on_payment_the_order_is_billed_whole_and_once(ana, warehouse, database, count_rows):
    bill_on_payment(database)
    number = ana.order((SODA, "2"), (BREAD, "1"))["number"]

    first, again = pay(database, number), pay(database, number)
    other = pay(database, number, "payment:2")
    warehouse.ship_all(f"{number}-1")

    assert (first.invoice.number, again.invoice.number, other) == ("FV-1", "FV-1", None)
    assert first.invoice.total_minor == ana.get(f"/orders/{number}").json()["total"]["amount_minor"]
    assert (count_rows(Invoice), count_rows(InvoiceLine), count_rows(JournalEntry)) == (1, 2, 1)


def test_where_the_shop_bills_on_payment_the_rest_is_billed_as_it_leaves(ana, warehouse, database):
    bill_on_payment(database)
    number = ana.order((SODA, "2"))["number"]

    warehouse.ship_all(f"{number}-1")

    assert [number for number, _, _ in documents(database)] == ["FV-1"]
    assert pay(database, number) is None


def test_otherwise_a_payment_bills_nothing(ana, database):
    number = ana.order((SODA, "2"))["number"]

    assert pay(database, number) is None
    assert documents(database) == []
