"""A confirmed order is in the hands of the places that serve it."""

import pytest

from backend.fulfillment import service as fulfillment
from backend.inventory import service as inventory
from backend.orders import service as orders
from backend.workflows.cover_order import cover_order
from tests.backend.shopper import BREAD, MILK


@pytest.fixture
def parts(database):
    """The fulfillments of an order: (number, status, [(sku, quantity)])."""

    def look(number):
        with database.read() as session:
            order = orders.find_any(session, number).order
            return [
                (full.fulfillment.number, full.fulfillment.status, [(line.sku, line.quantity) for line in full.lines])
                for full in fulfillment.of_orders(session, [order.id])[order.id]
            ]

    return look


def test_an_order_is_confirmed_with_what_one_place_has_to_get_ready(ana, parts):
    order = ana.order((MILK, "2"), (BREAD, "1"))

    assert order["status"] == "confirmed"
    assert parts("PED-10001") == [("PED-10001-1", "pending", [(MILK, 2), (BREAD, 1)])]


def test_each_place_that_serves_a_part_has_a_fulfillment(ana, database, market, parts):
    with database.write() as session:
        inventory.receive(session, MILK, market.norte, 5)

    ana.order((MILK, "12"))

    assert [line for _, _, lines in parts("PED-10001") for line in lines] in (
        [(MILK, 10), (MILK, 2)],
        [(MILK, 2), (MILK, 10)],
    )
    assert [number for number, _, _ in parts("PED-10001")] == ["PED-10001-1", "PED-10001-2"]


def test_a_cancelled_order_is_not_got_ready(ana, parts):
    number = ana.order((MILK, "2"))["number"]

    ana.act("POST", f"/orders/{number}/cancel", {})

    assert [status for _, status, _ in parts(number)] == ["cancelled"]


def test_what_is_promised_later_is_added_to_what_is_still_to_be_picked(ana, database, parts):
    number = ana.order((MILK, "2"))["number"]
    with database.write() as session:
        found = orders.find_any(session, number, lock=True)
        [line] = found.lines
        # What a smaller line would leave: the rest of its promise is given back and promised anew, for one.
        inventory.release(session, [line.id])
        inventory.reserve(session, [inventory.Wanted(line.id, MILK, 1)])
        cover_order(session, found)
    assert parts(number) == [("PED-10001-1", "pending", [(MILK, 1)])]

    with database.write() as session:
        found = orders.find_any(session, number, lock=True)
        inventory.reserve(session, [inventory.Wanted(found.lines[0].id, MILK, 1)])
        cover_order(session, found)

    assert parts(number) == [("PED-10001-1", "pending", [(MILK, 2)])]
