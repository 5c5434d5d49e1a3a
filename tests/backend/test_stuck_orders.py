"""Orders that have been too long where they are."""

from datetime import timedelta

import time_machine
from sqlalchemy import select

from backend.events import Event
from backend.orders import approval
from backend.workflows.find_stuck_orders import find_stuck_orders, note_stuck_orders
from kernel import clock
from tests.backend.shopper import MILK
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
