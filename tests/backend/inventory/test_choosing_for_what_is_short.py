"""What is short is offered: to wait, to take something else or less, or to do without."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from backend.catalog.substitutes import add_substitutes
from backend.inventory import service as inventory
from backend.inventory.models import Backorder, IncomingStock, StockHold
from backend.orders.models import Order
from kernel import clock
from kernel.ids import new_id
from tests.backend.shopper import BREAD, MILK, SODA, code_of


@pytest.fixture
def thursday() -> date:
    return clock.now().date() + timedelta(days=3)


@pytest.fixture
def coming(database, market, thursday):
    """Twenty milks come on `thursday`; bread and soda go instead of milk."""
    with database.write() as session:
        session.add(
            IncomingStock(
                id=new_id(),
                sku=MILK,
                location_id=market.norte,
                quantity=20,
                received=0,
                expected_on=thursday,
                reference="OC-7",
                created_at=clock.now(),
            )
        )
        add_substitutes(session, {MILK: [BREAD, SODA]})


def left_with(database, market, shopper, count):
    """The cart wants six milks; of ten only `count` are left."""
    shopper.add(MILK, "6")
    shopper.choose()
    with database.write() as session:
        inventory.adjust(session, MILK, market.centro, count - 10, note="rotas")


def test_the_refusal_says_what_may_be_chosen(ana, database, market, coming, thursday, count_rows):
    left_with(database, market, ana, 4)
    with database.write() as session:
        inventory.adjust(session, BREAD, market.centro, -10, note="gone")

    refused = ana.act("POST", "/cart/confirmation")

    assert code_of(refused) == (409, "out_of_stock")
    assert refused.json()["params"] == {
        "sku": MILK,
        "name": "Leche entera 1 L",
        "unit": "unidad",
        "available": 4,
        "choices": {
            "wait": {"promised_on": thursday.isoformat()},
            "substitutes": [
                {
                    "sku": SODA,
                    "name": "Gaseosa 400 ml",
                    "name_en": "Gaseosa 400 ml",
                    "price": {"amount_minor": 357_000, "currency": "COP"},
                }
            ],
            "reduce": "4",
            "drop": True,
        },
    }
    assert count_rows(StockHold) == 0


def test_nobody_waits_for_what_nobody_announced(ana, database, market):
    left_with(database, market, ana, 0)

    refused = ana.act("PUT", "/cart/shortages", {"sku": MILK, "choice": "wait"})

    assert code_of(refused) == (409, "out_of_stock")
    assert refused.json()["params"]["choices"] == {"wait": None, "substitutes": [], "reduce": None, "drop": True}


def test_who_waits_is_told_until_when_and_gets_a_backorder(ana, database, market, coming, thursday, available):
    left_with(database, market, ana, 4)
    assert ana.act("PUT", "/cart/shortages", {"sku": MILK, "choice": "wait"}).status_code == 200

    shown = ana.act("POST", "/cart/confirmation").json()
    placed = ana.place(shown["confirmation"])

    assert [(line["sku"], line["quantity"], line["promised_on"]) for line in shown["waiting"]] == [
        (MILK, "2", thursday.isoformat())
    ]
    assert placed.status_code == 201, placed.text
    assert placed.json()["waiting"] == shown["waiting"]
    assert ana.get("/orders/latest").json()["waiting"] == shown["waiting"]
    assert available(MILK) == 0
    with database.read() as session:
        [waiting] = session.scalars(select(Backorder))
        [line] = inventory.reservations_of(session, [waiting.order_line_id])
    assert (waiting.quantity, waiting.state, waiting.promised_on) == (2, "waiting", thursday)
    assert (line.quantity, line.location_id) == (4, market.centro)


def test_something_out_of_stock_can_be_put_into_the_cart_by_who_waits(ana, database, market, coming):
    with database.write() as session:
        inventory.adjust(session, MILK, market.centro, -10, note="gone")

    refused = ana.change({"op": "add", "sku": MILK, "quantity": "2"})
    added = ana.change({"op": "add", "sku": MILK, "quantity": "2", "may_wait": True})
    ana.choose()

    assert code_of(refused) == (409, "out_of_stock")
    assert added.status_code == 200
    assert ana.place(ana.confirm()).status_code == 201


def test_more_waiting_than_was_shown_is_refused(ana, beto, database, market, coming, count_rows):
    left_with(database, market, ana, 6)
    ana.act("PUT", "/cart/shortages", {"sku": MILK, "choice": "wait"})
    confirmation = ana.confirm()
    beto.order((MILK, "5"))

    refused = ana.place(confirmation)

    assert code_of(refused) == (409, "confirmation_stale")
    assert refused.json()["params"]["changes"] == [
        {"what": "waiting", "sku": MILK, "name": "Leche entera 1 L", "was": 0, "now": 5}
    ]
    assert (count_rows(Order), count_rows(Backorder)) == (1, 0)


def test_those_who_wait_already_come_first(ana, beto, database, market, coming):
    for shopper, quantity in ((ana, "15"), (beto, "6")):
        shopper.choose()
        answer = shopper.change({"op": "add", "sku": MILK, "quantity": quantity, "may_wait": True})
        assert answer.status_code == 200
    ana.place(ana.confirm())
    ana.change({"op": "add", "sku": MILK, "quantity": "15", "may_wait": True})

    refused = ana.change({"op": "add", "sku": MILK, "quantity": "1", "may_wait": True})

    assert code_of(refused) == (409, "out_of_stock")
    assert refused.json()["params"]["choices"]["wait"] is None


def test_the_choice_to_reduce_leaves_what_there_is(ana, database, market):
    left_with(database, market, ana, 4)

    cart = ana.act("PUT", "/cart/shortages", {"sku": MILK, "choice": "reduce"}).json()

    assert [(line["sku"], line["quantity"]) for line in cart["lines"]] == [(MILK, "4")]


def test_the_choice_to_do_without_takes_the_line_out(ana, database, market):
    left_with(database, market, ana, 4)
    ana.add(BREAD, "1")

    cart = ana.act("PUT", "/cart/shortages", {"sku": MILK, "choice": "drop"}).json()

    assert [line["sku"] for line in cart["lines"]] == [BREAD]


def test_a_substitute_takes_the_place_of_the_line_in_its_own_unit(ana, database, market, coming):
    ana.add(MILK, "6")
    ana.add(SODA, "1")
    with database.write() as session:
        inventory.adjust(session, MILK, market.centro, -10, note="gone")

    cart = ana.act("PUT", "/cart/shortages", {"sku": MILK, "choice": "substitute", "substitute_sku": BREAD}).json()

    assert [(line["sku"], line["quantity"]) for line in cart["lines"]] == [(BREAD, "6"), (SODA, "1")]


@pytest.mark.parametrize(
    ("choice", "status", "code"),
    [
        ({"sku": SODA, "choice": "drop"}, 404, "not_in_cart"),
        ({"sku": "NADA", "choice": "wait"}, 404, "not_in_cart"),
        ({"sku": MILK, "choice": "substitute"}, 422, "invalid_change"),
        ({"sku": MILK, "choice": "drop", "substitute_sku": BREAD}, 422, "invalid_change"),
        ({"sku": MILK, "choice": "substitute", "substitute_sku": "NADA"}, 422, "not_a_substitute"),
        ({"sku": MILK, "choice": "pray"}, 422, "invalid_request"),
    ],
)
def test_a_choice_that_is_none_changes_nothing(ana, coming, choice, status, code):
    before = ana.add(MILK, "6")

    refused = ana.act("PUT", "/cart/shortages", choice)

    assert code_of(refused) == (status, code)
    assert ana.cart() == before
