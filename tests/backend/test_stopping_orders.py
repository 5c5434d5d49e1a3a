"""Orders that are cancelled while they are got ready, and when nothing is left to do for them."""

import pytest

from backend.events import Event
from backend.shipping import service as shipping
from backend.shipping.carriers import CarrierEvent
from backend.workflows.track_shipment import track_shipment
from kernel import clock
from tests.backend.shopper import BREAD, DELIVERY_FEE, MILK, code_of

ONE = "PED-10001-1"


def cancel(shopper, number):
    return shopper.act("POST", f"/orders/{number}/cancel", {"reason": "ya no"})


def kinds(database):
    with database.read() as session:
        return [event.kind for event in session.query(Event).order_by(Event.id)]


def deliver(database, number):
    """Its carrier says so; whether that was the last parcel of its order."""
    said = CarrierEvent(f"delivered:{number}", number, "delivered", clock.now(), received_by="Ana")
    with database.write() as session:
        track_shipment(session, shipping.find(session, number), said, "carrier:table_rate")
        events = session.query(Event).filter_by(kind="shipment.delivered").order_by(Event.id).all()
        return events[-1].payload["is_last"]


@pytest.mark.parametrize("step", ["start", "pick_all", "pack"])
def test_what_has_not_left_can_be_cancelled(ana, warehouse, available, step):
    number = ana.order((MILK, "3"), (BREAD, "1"))["number"]
    if step == "start":
        warehouse.done(ONE, "start")
    else:
        warehouse.pick_all(ONE)
    if step == "pack":
        warehouse.pack(ONE)

    cancelled = cancel(ana, number).json()

    assert (cancelled["status"], cancelled["fulfillment_status"], cancelled["parcels"]) == ("cancelled", "none", [])
    assert (available(MILK), available(BREAD)) == (10, 10)
    assert warehouse.get(f"/{ONE}")["status"] == "cancelled"


def test_whoever_picks_a_cancelled_order_is_told(ana, warehouse):  # case 61
    number = ana.order((MILK, "3"))["number"]
    seen = warehouse.done(ONE, "start")
    cancel(ana, number)

    answer = warehouse.act(ONE, "picks", version=seen["version"], picks=[{"line": MILK, "quantity": 1}])

    assert code_of(answer) == (409, "fulfillment_changed")
    assert answer.json()["params"]["status"] == "cancelled"


def test_what_has_left_is_not_cancelled(ana, warehouse):  # case 61
    number = ana.order((MILK, "3"))["number"]
    warehouse.ship_all(ONE)
    before = ana.get(f"/orders/{number}").json()

    assert code_of(cancel(ana, number)) == (409, "order_not_cancellable")
    assert ana.get(f"/orders/{number}").json() == before


def test_when_a_part_has_left_only_the_rest_is_cancelled(ana, warehouse, database, available):
    number = ana.order((MILK, "3"), (BREAD, "1"))["number"]
    warehouse.pick_all(ONE)
    warehouse.pack(ONE, {"lines": [{"line": MILK, "quantity": 2}]}, {})
    warehouse.ship(ONE, "PED-10001-1-A")

    order = cancel(ana, number).json()

    assert (order["status"], order["fulfillment_status"]) == ("confirmed", "shipped")
    assert [(line["sku"], line["quantity"]) for line in order["lines"]] == [(MILK, "2")]
    assert order["total"]["amount_minor"] == 900_000 + DELIVERY_FEE
    assert [parcel["number"] for parcel in order["parcels"]] == ["PED-10001-1-A"]
    assert (available(MILK), available(BREAD)) == (8, 10)
    assert "order.cancelled" not in kinds(database)
    assert kinds(database)[-1] == "order.changed"
    assert deliver(database, "PED-10001-1-A") is True
    assert ana.get(f"/orders/{number}").json()["status"] == "closed"


def test_an_order_is_closed_when_its_last_parcel_is_delivered(ana, warehouse, database):
    number = ana.order((MILK, "3"))["number"]
    warehouse.pick_all(ONE)
    warehouse.pack(ONE, {"lines": [{"line": MILK, "quantity": 2}]}, {})
    warehouse.ship(ONE, "PED-10001-1-A")

    assert deliver(database, "PED-10001-1-A") is False
    assert ana.get(f"/orders/{number}").json()["fulfillment_status"] == "partially_delivered"
    warehouse.ship(ONE)
    assert deliver(database, "PED-10001-1-B") is True

    order = ana.get(f"/orders/{number}").json()
    assert (order["status"], order["fulfillment_status"], order["can_cancel"]) == ("closed", "delivered", False)
    assert kinds(database)[-2:] == ["order.closed", "shipment.delivered"]


def test_an_order_that_still_waits_for_an_answer_is_not_closed(ana, warehouse, database):
    number = ana.order((MILK, "3"))["number"]
    warehouse.done(ONE, "start")
    warehouse.pick(ONE, (MILK, 2, 1))
    warehouse.pack(ONE)
    warehouse.ship(ONE)

    assert deliver(database, "PED-10001-1-A") is False
    [shortage] = ana.get(f"/orders/{number}").json()["shortages"]
    ana.act("POST", f"/orders/{number}/shortages/{shortage['id']}", {"resolution": "drop"})

    assert ana.get(f"/orders/{number}").json()["status"] == "closed"


def test_the_shop_stops_an_order(ana, warehouse, database, available):
    number = ana.order((MILK, "3"))["number"]

    answer = warehouse.post(f"orders/{number}/cancel", {"reason": "agotado en bodega"})

    assert answer.json()["status"] == "cancelled"
    with database.read() as session:
        event = session.query(Event).filter_by(kind="order.cancelled").one()
    assert event.payload == {
        "number": number,
        "customer_id": ana.id,
        "reason": "agotado en bodega",
        "by": "staff",
        "goes_back": {"amount_minor": 0, "currency": "COP"},
    }
    assert available(MILK) == 10


def test_a_cancelled_order_has_nothing_left_to_decide(ana, warehouse):
    number = ana.order((MILK, "3"))["number"]
    warehouse.done(ONE, "start")
    warehouse.pick(ONE, (MILK, 2, 1))

    assert cancel(ana, number).json()["shortages"] == []
