"""Orders that have been too long where they are."""

from datetime import timedelta

import time_machine
from sqlalchemy import select

from backend.events import Event
from backend.inventory import service as inventory
from backend.orders import approval
from backend.shipping import service as shipping
from backend.shipping.carriers import CarrierEvent
from backend.workflows.find_stuck_orders import find_stuck_orders, note_stuck_orders
from backend.workflows.track_shipment import track_shipment
from backend.workflows.withdraw_incoming import withdraw_incoming
from kernel import clock
from tests.backend.partnering import PartnerSystem, add_partner
from tests.backend.shopper import BREAD, MILK
from tests.backend.storm_of_changes import begin_picking


def stuck(database, **later):
    with time_machine.travel(clock.now() + timedelta(**later), tick=False), database.read() as session:
        return [(one.number, one.reason) for one in find_stuck_orders(session)]


def test_what_goes_on_is_not_stuck(ana, database):
    ana.order((MILK, "1"))

    assert stuck(database, minutes=1) == []


def test_an_order_nobody_picks_is_stuck_with_its_reason(ana, database):
    number = ana.order((MILK, "1"))["number"]

    assert stuck(database, days=15) == [(number, "not_picked")]


def test_an_order_on_hold_for_more_than_a_day_is_stuck(ana, database, market):
    with database.write() as session:
        approval.add_rule(session, "amount_over", {"amount_minor": 1}, is_active=True, position=0)
    number = ana.order((MILK, "1"))["number"]

    assert stuck(database, hours=23) == []
    assert stuck(database, hours=25) == [(number, "held")]


def test_a_basket_that_was_left_is_stuck(ana, database):
    number = ana.order((MILK, "1"))["number"]
    begin_picking(database, f"{number}-1")

    assert stuck(database, hours=3) == []
    assert stuck(database, hours=5) == [(number, "picking")]


def test_what_was_picked_and_is_not_packed_is_stuck(ana, database, warehouse):
    number = ana.order((MILK, "1"))["number"]
    warehouse.pick_all(f"{number}-1")

    assert stuck(database, hours=3) == []
    assert stuck(database, hours=5) == [(number, "not_packed")]


def test_a_parcel_that_does_not_leave_is_stuck(ana, database, warehouse):
    number = ana.order((MILK, "1"))["number"]
    warehouse.pick_all(f"{number}-1")
    warehouse.pack(f"{number}-1")

    assert stuck(database, hours=23) == []
    assert stuck(database, hours=25) == [(number, "not_shipped")]


def test_a_parcel_of_which_the_carrier_says_nothing_is_stuck(ana, database, warehouse):
    number = ana.order((MILK, "1"))["number"]
    warehouse.ship_all(f"{number}-1")

    assert stuck(database, hours=71) == []
    assert stuck(database, hours=73) == [(number, "silent")]
    with time_machine.travel(clock.now() + timedelta(hours=70), tick=False), database.write() as session:
        said = CarrierEvent("1", f"{number}-1-A", "in_transit", clock.now())
        track_shipment(session, shipping.find(session, f"{number}-1-A"), said, "carrier:table_rate")
    assert stuck(database, hours=73) == []
    assert stuck(database, hours=144) == [(number, "silent")]


def test_a_parcel_that_arrived_is_not_stuck(ana, database, warehouse):
    number = ana.order((MILK, "1"))["number"]
    warehouse.ship_all(f"{number}-1")
    with database.write() as session:
        said = CarrierEvent("1", f"{number}-1-A", "delivered", clock.now())
        track_shipment(session, shipping.find(session, f"{number}-1-A"), said, "carrier:table_rate")

    assert stuck(database, days=30) == []


def wait_for_more(shopper):
    """An order of two milks more than there are."""
    shopper.change({"op": "add", "sku": MILK, "quantity": "12", "may_wait": True})
    shopper.choose()
    return shopper.place(shopper.confirm()).json()["number"]


def test_an_order_whose_goods_should_have_come_is_stuck(ana, database, market):
    with database.write() as session:
        day = clock.now().date() + timedelta(days=4)
        inventory.announce(session, MILK, market.centro, 5, day, "OC-1")
    number = wait_for_more(ana)

    assert "backorder_late" not in {reason for _, reason in stuck(database, days=3)}
    assert (number, "backorder_late") in stuck(database, days=6)


def test_an_order_that_waits_for_what_nobody_announces_is_stuck(ana, database, market):
    with database.write() as session:
        day = clock.now().date() + timedelta(days=4)
        incoming = inventory.announce(session, MILK, market.centro, 5, day, "OC-1").id
    number = wait_for_more(ana)
    with database.write() as session:
        withdraw_incoming(session, incoming, "staff:wendy")
    [asked] = ana.get(f"/orders/{number}/shortages").json()["shortages"]
    assert ana.act("POST", f"/orders/{number}/shortages/{asked['id']}", {"resolution": "wait"}).status_code == 200

    assert stuck(database, hours=12) == []
    assert (number, "backorder_unannounced") in stuck(database, hours=25)


def test_a_customer_who_was_asked_and_says_nothing_is_stuck(ana, database, warehouse):
    number = ana.order((MILK, "2"))["number"]
    [line] = warehouse.done(f"{number}-1", "start")["lines"]
    warehouse.pick(f"{number}-1", (line["id"], 1, 1))
    warehouse.pack(f"{number}-1")
    warehouse.ship(f"{number}-1")

    assert stuck(database, hours=23) == []
    assert stuck(database, hours=25) == [(number, "shortage_unanswered")]


def test_a_partner_who_does_not_answer_or_not_ship_is_stuck(ana, database, http, market):
    add_partner(database, "abril", BREAD)
    number = ana.order((BREAD, "30"))["number"]

    assert stuck(database, hours=47) == []
    assert stuck(database, hours=49) == [(number, "partner_silent")]

    day = (clock.now() + timedelta(days=3)).date().isoformat()
    answered = PartnerSystem(http, "abril").answer("OC-10001", "confirm", {"ships_on": day})
    assert answered.status_code == 200
    assert stuck(database, hours=49) == []
    assert stuck(database, days=5) == [(number, "partner_late")]


def test_the_longest_stuck_come_first_each_with_its_words(ana, beto, database):
    first, second = ana.order((MILK, "1"))["number"], beto.order((MILK, "1"))["number"]

    with time_machine.travel(clock.now() + timedelta(days=15), tick=False), database.read() as session:
        found = find_stuck_orders(session)

    assert [one.number for one in found] == [first, second]
    assert {one.reason for one in found} == {"not_picked"}
    assert found[0].es == "está confirmado hace más de un día hábil y nadie lo ha alistado"


def test_what_is_stuck_is_made_known_once_a_day(ana, database):
    number = ana.order((MILK, "1"))["number"]
    with time_machine.travel(clock.now() + timedelta(days=15), tick=False):
        with database.write() as session:
            assert note_stuck_orders(session)
        with database.write() as session:
            assert not note_stuck_orders(session)

    with database.read() as session:
        [event] = session.scalars(select(Event).where(Event.kind == "orders.stuck")).all()
    assert (event.payload["count"], event.payload["orders"][0]["number"]) == (1, number)


def test_staff_see_what_is_stuck_in_words(ana, database, http, staff, market):
    assert http.request("GET", "/staff/stuck", headers=staff).json() == []
