from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import update

from backend.catalog.models import Variant
from backend.events import Event
from backend.inventory import service as inventory
from backend.inventory.models import Reservation
from backend.orders import approval
from backend.orders.models import Order
from bench.sql_tape import recorded
from tests.backend.shopper import BREAD, DELIVERY_FEE, MILK, SODA, TOMATO, code_of


def test_an_order_is_what_was_confirmed_to_the_peso(ana):
    ana.add(MILK, "2")
    ana.add(SODA, "1", "sixpack")
    ana.add(TOMATO, "1.5", "libra")

    order = ana.order((BREAD, "1"))

    assert order["number"] == "PED-10001"
    assert (order["status"], order["fulfillment_status"], order["payment_status"]) == (
        "confirmed",
        "unfulfilled",
        "due",
    )
    assert [(line["sku"], line["quantity"], line["unit"], line["base_quantity"]) for line in order["lines"]] == [
        (MILK, "2", "unidad", 2),
        (SODA, "1", "sixpack", 6),
        (TOMATO, "1.5", "libra", 750),
        (BREAD, "1", "unidad", 1),
    ]
    assert [line["total"]["amount_minor"] for line in order["lines"]] == [900_000, 2_142_000, 330_000, 620_000]
    assert [line["tax"]["amount_minor"] for line in order["lines"]] == [0, 342_000, 0, 29_524]
    assert order["subtotal"] == {"amount_minor": 3_992_000, "currency": "COP"}
    assert order["tax"]["amount_minor"] == 371_524
    assert order["total"]["amount_minor"] == 3_992_000 + DELIVERY_FEE
    assert (order["address"], order["payment_method"]) == ("Calle 45 # 12-30, Bogotá", "cash_on_delivery")


@pytest.mark.parametrize(
    ("rule", "status", "on_sqlite", "on_postgresql"),
    # A transaction is begun by a statement on SQLite alone. One that is held is got ready nowhere, and has its holds.
    [(None, "confirmed", 24, 23), ("new_customer", "on_hold", 24, 23)],
)
def test_an_order_of_three_lines_takes_so_many_statements(
    ana, beto, database, database_url, rule, status, on_sqlite, on_postgresql
):
    lines = [(MILK, "1"), (SODA, "1"), (BREAD, "1")]
    beto.order(*lines)  # tariff and calendar are read once by each process
    if rule is not None:
        with database.write() as session:
            approval.add_rule(session, rule, {}, is_active=True, position=0)
    confirmation = ana.confirmed(*lines)

    with recorded(database.engine) as tape:
        order = ana.place(confirmation).json()

    assert (order["number"], order["status"]) == ("PED-10002", status)
    assert len(tape) == (on_sqlite if database_url.startswith("sqlite") else on_postgresql), [s.sql for s in tape]


def test_a_placed_order_promises_its_stock_and_closes_its_cart(ana, available):
    ana.order((MILK, "4"))

    assert available(MILK) == 6
    assert ana.cart()["is_empty"]
    assert [order["number"] for order in ana.get("/orders").json()] == ["PED-10001"]


def test_the_same_confirmation_again_is_the_same_order(ana, count_rows):  # case 65
    confirmation = ana.confirmed((MILK, "1"))
    first = ana.place(confirmation)

    again = ana.place(confirmation)

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert count_rows(Order) == 1


def test_two_confirmations_of_one_cart_are_one_order(ana, count_rows):  # case 64
    on_whatsapp = ana.confirmed((MILK, "1"))
    on_the_web = ana.confirm()

    numbers = {ana.place(confirmation).json()["number"] for confirmation in (on_whatsapp, on_the_web)}

    assert numbers == {"PED-10001"}
    assert count_rows(Order) == 1


def test_an_older_confirmation_of_an_ordered_cart_is_stale(ana, count_rows):  # case 64
    older = ana.confirmed((MILK, "1"))
    newer = ana.confirmed((MILK, "1"))
    assert ana.place(newer).status_code == 201

    answer = ana.place(older)

    assert code_of(answer) == (409, "confirmation_stale")
    assert answer.json()["params"] == {"reason": "ordered", "changes": [], "number": "PED-10001"}
    assert count_rows(Order) == 1


@pytest.mark.parametrize(
    ("meddle", "what"),
    [
        (lambda ana: ana.add(MILK, "1"), "quantity"),
        (lambda ana: ana.add(BREAD, "1"), "quantity"),
        (lambda ana: ana.change({"op": "clear"}), "quantity"),
        (lambda ana: ana.act("PUT", "/cart/checkout", {"address_text": "Carrera 7 # 1-2"}), "address"),
        (lambda ana: ana.act("PUT", "/cart/checkout", {"payment_method": "nequi"}), "payment_method"),
    ],
    ids=["more of it", "another line", "emptied", "address", "payment method"],
)
def test_a_confirmation_of_something_else_is_stale(ana, count_rows, meddle, what):
    confirmation = ana.confirmed((MILK, "1"))
    meddle(ana)

    answer = ana.place(confirmation)

    assert code_of(answer) == (409, "confirmation_stale")
    assert answer.json()["params"]["reason"] == "changed"
    assert what in {change["what"] for change in answer.json()["params"]["changes"]}
    assert count_rows(Order) == 0


def test_a_price_that_rose_since_is_told_and_not_charged(ana, database, count_rows):  # case 137
    confirmation = ana.confirmed((MILK, "2"))
    with database.write() as session:
        session.execute(update(Variant).where(Variant.sku == MILK).values(price_minor=500_000))

    answer = ana.place(confirmation)

    assert code_of(answer) == (409, "confirmation_stale")
    assert answer.json()["params"]["changes"] == [
        {"what": "price", "sku": MILK, "name": "Leche entera 1 L", "was": 900_000, "now": 1_000_000},
        {"what": "total", "was": 900_000 + DELIVERY_FEE, "now": 1_000_000 + DELIVERY_FEE},
    ]
    assert count_rows(Order) == 0


def test_a_confirmation_ends_after_half_an_hour(ana, count_rows):
    confirmation = ana.confirmed((MILK, "1"))

    with time_machine.travel(timedelta(minutes=30, seconds=1)):
        ana.headers = type(ana)(ana.http, ana.id).headers
        answer = ana.place(confirmation)

    assert code_of(answer) == (409, "confirmation_stale")
    assert answer.json()["params"]["reason"] == "expired"
    assert count_rows(Order) == 0


@pytest.mark.parametrize("made_up", ["no-such-confirmation", "PED-10001", "x" * 100])
def test_a_made_up_confirmation_orders_nothing(ana, count_rows, made_up):
    ana.confirmed((MILK, "1"))

    answer = ana.place(made_up)

    assert code_of(answer) == (409, "confirmation_stale")
    assert answer.json()["params"] == {"reason": "unknown", "changes": []}
    assert count_rows(Order) == 0


def test_a_confirmation_is_of_no_use_to_someone_else(ana, beto, count_rows):  # case 82
    confirmation = ana.confirmed((MILK, "1"))

    assert beto.place(confirmation).json()["params"] == {"reason": "unknown", "changes": []}
    assert count_rows(Order) == 0


def test_stock_that_went_since_the_confirmation_is_out_of_stock(ana, beto, count_rows):
    confirmation = ana.confirmed((MILK, "1"), (SODA, "8"))
    beto.order((SODA, "5"))

    answer = ana.place(confirmation)

    assert code_of(answer) == (409, "out_of_stock")
    assert answer.json()["params"] == {"sku": SODA, "name": "Gaseosa 400 ml", "unit": "unidad", "available": 5}
    assert count_rows(Order) == 1
    assert count_rows(Reservation) == 1


def test_two_lines_of_one_product_are_summed_against_its_stock(ana, beto):  # case 57
    ana.add(SODA, "1", "sixpack")
    confirmation = ana.confirmed((SODA, "4"))
    beto.order((SODA, "1"))

    answer = ana.place(confirmation)

    assert code_of(answer) == (409, "out_of_stock")
    assert answer.json()["params"]["available"] == 9


def test_a_line_is_served_whole_from_the_preferred_place_that_has_it(ana, database, market):
    with database.write() as session:
        inventory.receive(session, MILK, market.norte, 30)

    ana.order((MILK, "20"))
    ana.order((MILK, "10"))

    with database.read() as session:
        assert inventory.levels(session, MILK) == [(MILK, "CENTRO", 10, 10), (MILK, "NORTE", 30, 20)]


def test_a_line_that_no_place_has_whole_is_split(ana, database, market):
    with database.write() as session:
        inventory.receive(session, MILK, market.norte, 5)

    ana.order((MILK, "12"))

    with database.read() as session:
        assert inventory.levels(session, MILK) == [(MILK, "CENTRO", 10, 10), (MILK, "NORTE", 5, 2)]


def test_a_product_that_is_no_longer_sold_blocks_its_confirmation(ana, database, count_rows):
    confirmation = ana.confirmed((MILK, "1"), (BREAD, "1"))
    with database.write() as session:
        session.execute(update(Variant).where(Variant.sku == BREAD).values(is_sold=False))

    assert code_of(ana.place(confirmation)) == (409, "confirmation_stale")
    assert ana.cart()["unavailable"] == [BREAD]
    assert code_of(ana.act("POST", "/cart/confirmation")) == (409, "out_of_stock")
    assert count_rows(Order) == 0


def test_placing_leaves_its_events_with_the_order(ana, database):
    ana.order((MILK, "2"))

    with database.read() as session:
        placed, confirmed = session.query(Event).order_by(Event.id)
    assert (placed.kind, placed.subject) == ("order.placed", "PED-10001")
    assert placed.payload["total"] == {"amount_minor": 900_000 + DELIVERY_FEE, "currency": "COP"}
    assert placed.payload["lines"] == [{"sku": MILK, "base_quantity": 2}]
    assert (confirmed.kind, confirmed.subject) == ("order.confirmed", "PED-10001")
    assert confirmed.payload == {
        "number": "PED-10001",
        "customer_id": ana.id,
        "total": placed.payload["total"],
        "discount": None,
        "promised_on": None,
    }
