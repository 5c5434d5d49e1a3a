"""What a picker does not find, and what its customer wants then."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import text

from backend.catalog.models import Substitute
from backend.events import Event
from backend.inventory import service as inventory
from backend.workflows.resolve_shortage import drop_unanswered
from tests.backend.shopper import BREAD, DELIVERY_FEE, MILK, SODA, code_of

ONE = "PED-10001-1"


@pytest.fixture
def short_by_two(ana, warehouse, database):
    """Five of milk and a bread were ordered; three and one were found. Soda may stand in for milk."""
    with database.write() as session:
        session.add(Substitute(sku=MILK, substitute_sku=SODA, position=0))
    number = ana.order((MILK, "5"), (BREAD, "1"))["number"]
    warehouse.done(ONE, "start")
    warehouse.pick(ONE, (MILK, 3, 2), (BREAD, 1))
    return number


def resolve(shopper, number, resolution, substitute_sku=None):
    [shortage] = shopper.get(f"/orders/{number}").json()["shortages"]
    body = {"resolution": resolution, "substitute_sku": substitute_sku}
    return shopper.act("POST", f"/orders/{number}/shortages/{shortage['id']}", body)


def lines_of(order):
    return [(line["sku"], line["quantity"], line["total"]["amount_minor"]) for line in order["lines"]]


def told(database, kind):
    with database.read() as session:
        return [event.payload for event in session.query(Event).filter_by(kind=kind).order_by(Event.id)]


def test_what_is_not_found_is_written_off_and_its_customer_asked(ana, warehouse, database, short_by_two):
    order = ana.get(f"/orders/{short_by_two}").json()

    [shortage] = order["shortages"]
    assert (shortage["sku"], shortage["quantity"], shortage["wait_until"]) == (MILK, "2", None)
    assert [one["sku"] for one in shortage["substitutes"]] == [SODA]
    assert ana.get(f"/orders/{short_by_two}/shortages").json()["shortages"] == [shortage]
    with database.read() as session:
        assert inventory.levels(session, MILK) == [(MILK, "CENTRO", 8, 3)]
    [fact] = told(database, "fulfillment.short")
    assert (fact["number"], fact["customer_id"], fact["fulfillment"]) == (short_by_two, ana.id, ONE)
    assert [(one["id"], one["quantity"], one["name"]) for one in fact["shortages"]] == [
        (shortage["id"], "2", "Leche entera 1 L")
    ]


def test_an_open_shortage_does_not_hinder_the_rest(ana, warehouse, short_by_two):
    assert warehouse.pack(ONE)["status"] == "packed"
    warehouse.ship(ONE)

    assert ana.get(f"/orders/{short_by_two}").json()["fulfillment_status"] == "partially_shipped"


def test_without_it_the_line_is_smaller_and_so_is_the_sum(ana, warehouse, database, short_by_two):
    order = resolve(ana, short_by_two, "drop").json()

    assert lines_of(order) == [(BREAD, "1", 620_000), (MILK, "3", 1_350_000)]
    assert order["total"]["amount_minor"] == 1_970_000 + DELIVERY_FEE
    assert order["tax"]["amount_minor"] == 29_524
    assert order["shortages"] == []
    assert told(database, "order.changed") == [
        {
            "number": short_by_two,
            "customer_id": ana.id,
            "difference_minor": -900_000,
            "currency": "COP",
            "by": "customer",
        }
    ]
    warehouse.pack(ONE)
    warehouse.ship(ONE)
    assert ana.get(f"/orders/{short_by_two}").json()["fulfillment_status"] == "shipped"


def test_a_line_that_was_dropped_after_its_parcel_left_keeps_what_left(ana, warehouse, short_by_two):
    warehouse.pack(ONE)
    warehouse.ship(ONE)

    order = resolve(ana, short_by_two, "drop").json()

    assert order["fulfillment_status"] == "shipped"
    assert sorted((line["sku"], line["quantity"]) for line in order["parcels"][0]["lines"]) == [
        (MILK, "3"),
        (BREAD, "1"),
    ]


def test_a_substitute_is_added_to_the_open_basket(ana, warehouse, short_by_two):
    order = resolve(ana, short_by_two, "substitute", SODA).json()

    assert lines_of(order) == [(BREAD, "1", 620_000), (MILK, "3", 1_350_000), (SODA, "2", 714_000)]
    assert order["total"]["amount_minor"] == 2_684_000 + DELIVERY_FEE
    basket = warehouse.get(f"/{ONE}")
    assert (basket["status"], basket["lines"][-1]["sku"], basket["lines"][-1]["quantity"]) == ("picking", SODA, 2)
    warehouse.pick(ONE, (SODA, 2))
    warehouse.pack(ONE)
    assert warehouse.ship(ONE)["status"] == "shipped"
    assert ana.get(f"/orders/{short_by_two}").json()["fulfillment_status"] == "shipped"


def test_a_substitute_is_never_dearer_than_what_was_agreed(ana, database, short_by_two):
    with database.write() as session:
        session.execute(text("UPDATE oms_variant SET price_minor = 500000 WHERE sku = :sku"), {"sku": SODA})

    order = resolve(ana, short_by_two, "substitute", SODA).json()

    line = order["lines"][-1]
    assert (line["sku"], line["unit_price"]["amount_minor"], line["total"]["amount_minor"]) == (SODA, 450_000, 900_000)
    assert order["total"]["amount_minor"] == 2_870_000 + DELIVERY_FEE


def test_a_substitute_after_packing_gets_a_fulfillment_of_its_own(ana, warehouse, short_by_two):
    warehouse.pack(ONE)

    resolve(ana, short_by_two, "substitute", SODA)

    assert [(line["sku"], line["quantity"]) for line in warehouse.get("/PED-10001-2")["lines"]] == [(SODA, 2)]


def test_who_waits_has_a_backorder(ana, warehouse, short_by_two):
    order = resolve(ana, short_by_two, "wait").json()

    assert lines_of(order) == [(MILK, "5", 2_250_000), (BREAD, "1", 620_000)]
    assert order["shortages"] == []
    warehouse.pack(ONE)
    warehouse.ship(ONE)
    assert ana.get(f"/orders/{short_by_two}").json()["fulfillment_status"] == "partially_shipped"


@pytest.mark.parametrize(
    ("resolution", "substitute_sku", "status", "code"),
    [
        ("substitute", BREAD, 409, "not_a_substitute"),
        ("substitute", "NO-SUCH-SKU", 409, "not_a_substitute"),
        ("substitute", None, 409, "not_a_substitute"),
        ("something", None, 422, "invalid_request"),
    ],
)
def test_a_choice_that_is_none_changes_nothing(ana, short_by_two, resolution, substitute_sku, status, code):
    before = ana.get(f"/orders/{short_by_two}").json()

    assert code_of(resolve(ana, short_by_two, resolution, substitute_sku)) == (status, code)
    assert ana.get(f"/orders/{short_by_two}").json() == before


def test_a_substitute_that_ran_out_is_refused(ana, beto, short_by_two):
    beto.order((SODA, "9"))

    assert ana.get(f"/orders/{short_by_two}").json()["shortages"][0]["substitutes"] == []
    assert code_of(resolve(ana, short_by_two, "substitute", SODA)) == (409, "not_a_substitute")


def test_a_choice_is_made_once(ana, short_by_two):
    [shortage] = ana.get(f"/orders/{short_by_two}").json()["shortages"]
    resolve(ana, short_by_two, "drop")

    answer = ana.act("POST", f"/orders/{short_by_two}/shortages/{shortage['id']}", {"resolution": "wait"})

    assert code_of(answer) == (409, "shortage_resolved")
    assert answer.json()["params"] == {"resolution": "drop"}


def test_nobody_decides_for_someone_else(ana, beto, warehouse, short_by_two):  # case 82
    [shortage] = ana.get(f"/orders/{short_by_two}").json()["shortages"]
    path = f"/orders/{short_by_two}/shortages"
    theirs = beto.order((BREAD, "1"))["number"]

    assert code_of(beto.get(path)) == (404, "order_not_found")
    assert code_of(beto.act("POST", f"{path}/{shortage['id']}", {"resolution": "drop"})) == (404, "order_not_found")
    answer = beto.act("POST", f"/orders/{theirs}/shortages/{shortage['id']}", {"resolution": "drop"})
    assert code_of(answer) == (404, "shortage_not_found")


def test_staff_decide_for_a_customer_who_said_so(ana, warehouse, short_by_two):
    [shortage] = ana.get(f"/orders/{short_by_two}").json()["shortages"]

    answer = warehouse.post(f"orders/{short_by_two}/shortages/{shortage['id']}", {"resolution": "drop"})

    assert lines_of(answer.json()) == [(BREAD, "1", 620_000), (MILK, "3", 1_350_000)]


def test_a_fulfillment_of_which_nothing_was_found_is_over(ana, warehouse):
    ana.order((MILK, "2"))
    warehouse.done(ONE, "start")

    assert warehouse.pick(ONE, (MILK, 0, 2))["status"] == "cancelled"


def test_an_order_that_has_nothing_left_is_cancelled(ana, warehouse, available):
    number = ana.order((MILK, "2"))["number"]
    warehouse.done(ONE, "start")
    warehouse.pick(ONE, (MILK, 0, 2))

    assert resolve(ana, number, "drop").json()["status"] == "cancelled"
    assert available(MILK) == 8


def test_what_nobody_decides_in_a_day_is_left_out(ana, database, short_by_two):
    with database.write() as session:
        assert drop_unanswered(session) == 0

    with time_machine.travel(timedelta(hours=24, seconds=1)), database.write() as session:
        assert drop_unanswered(session) == 1
        assert drop_unanswered(session) == 0

    assert lines_of(ana.get(f"/orders/{short_by_two}").json()) == [(BREAD, "1", 620_000), (MILK, "3", 1_350_000)]
