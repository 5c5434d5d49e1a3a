"""A promise that slips is told, once for each new day."""

from datetime import date
from itertools import count

import pytest
import time_machine
from sqlalchemy import delete, select, update

from backend.catalog.models import Substitute
from backend.events import Event
from backend.inventory import service as inventory
from backend.inventory.models import Backorder, IncomingStock
from backend.orders.models import Order, OrderEntry, OrderLine
from backend.seed.demo import _SHOP_FILE, _open_for_delivery
from backend.workflows.keep_promises import keep_overdue_promises, keep_promises
from backend.workflows.receive_stock import Received, receive_stock
from kernel import clock
from kernel.ids import new_id
from kernel.yaml_files import read_yaml
from tests.backend.shopper import MILK, SODA, code_of, staff_as

WEDNESDAY = "2026-11-25T15:00:00+00:00"


@pytest.fixture
def wednesday():
    with time_machine.travel(WEDNESDAY):
        yield


def announce(session, market, quantity, day):
    incoming = IncomingStock(
        id=new_id(), sku=MILK, location_id=market.centro, quantity=quantity, received=0,
        expected_on=date.fromisoformat(day), reference="OC-1", created_at=clock.now(), withdrawn_at=None,
    )  # fmt: skip
    session.add(incoming)
    session.flush()
    return incoming.id


def wait_for(shopper, quantity):
    """An order that waits for all of its milk."""
    shopper.headers = type(shopper)(shopper.http, shopper.id).headers
    shopper.choose()
    added = shopper.change({"op": "add", "sku": MILK, "quantity": quantity, "may_wait": True})
    assert added.status_code == 200, added.text
    placed = shopper.place(shopper.confirm())
    assert placed.status_code == 201, placed.text
    return placed.json()


@pytest.fixture
def empty(wednesday, database, market):
    """A shop with zones and a week, without milk."""
    with database.write() as session:
        _open_for_delivery(session, read_yaml(_SHOP_FILE))
        inventory.adjust(session, MILK, market.centro, -10, note="gone")


def delays(session):
    return [
        (event.subject, event.payload["was"], event.payload["promised_on"])
        for event in session.scalars(select(Event).where(Event.kind == "order.delayed").order_by(Event.id))
    ]


def move_to(database, incoming_id, day):
    with database.write() as session:
        session.execute(
            update(IncomingStock).where(IncomingStock.id == incoming_id).values(expected_on=date.fromisoformat(day))
        )
        return keep_promises(session, [MILK])


def test_goods_that_come_later_postpone_those_who_wait_for_them(empty, database, market, ana, beto):
    with database.write() as session:
        incoming = announce(session, market, 3, "2026-11-27")
    first, second = wait_for(ana, "2"), wait_for(beto, "1")
    assert (first["promised_on"], second["promised_on"]) == ("2026-11-28", "2026-11-28")  # Bogotá is a day further

    assert move_to(database, incoming, "2026-11-27") == 0
    assert move_to(database, incoming, "2026-11-30") == 2
    assert move_to(database, incoming, "2026-11-30") == 0
    assert move_to(database, incoming, "2026-11-28") == 0
    assert move_to(database, incoming, "2026-12-07") == 2  # over the holiday of the 8th

    with database.read() as session:
        assert delays(session) == [
            (first["number"], "2026-11-28", "2026-12-01"),
            (second["number"], "2026-11-28", "2026-12-01"),
            (first["number"], "2026-12-01", "2026-12-09"),
            (second["number"], "2026-12-01", "2026-12-09"),
        ]
        assert {str(day) for day in session.scalars(select(Backorder.promised_on))} == {"2026-12-07"}
        entries = session.scalars(select(OrderEntry.note).where(OrderEntry.what == "delayed")).all()
    assert entries.count("2026-11-28 → 2026-12-01") == 2
    assert ana.get("/orders/latest").json()["promised_on"] == "2026-12-09"


def test_who_waited_first_is_served_first(empty, database, market, ana, beto):
    with database.write() as session:
        early = announce(session, market, 2, "2026-11-27")
        announce(session, market, 5, "2026-12-03")
    wait_for(ana, "2")
    wait_for(beto, "1")

    assert move_to(database, early, "2026-12-01") == 1

    assert ana.get("/orders/latest").json()["promised_on"] == "2026-12-02"
    assert beto.get("/orders/latest").json()["promised_on"] == "2026-12-04"


def test_what_nobody_announces_any_more_takes_no_promise_back(empty, database, market, ana):
    with database.write() as session:
        incoming = announce(session, market, 2, "2026-11-27")
    order = wait_for(ana, "2")
    with database.write() as session:
        session.execute(delete(IncomingStock).where(IncomingStock.id == incoming))

        assert keep_promises(session, [MILK]) == 0

    assert ana.get("/orders/latest").json()["promised_on"] == order["promised_on"]
    with database.read() as session:
        assert delays(session) == []


def test_who_waits_for_less_keeps_their_place(empty, database, market, ana, beto):
    with database.write() as session:
        announce(session, market, 9, "2026-11-27")
    first, second = wait_for(ana, "3"), wait_for(beto, "2")

    body = {"changes": [{"op": "set", "sku": MILK, "quantity": "2"}]}
    shown = ana.act("POST", f"/orders/{first['number']}/changes", body)
    assert shown.status_code == 201, shown.text
    changed = ana.act("POST", f"/orders/{first['number']}/changes/{shown.json()['confirmation']}")
    assert changed.status_code == 200, changed.text
    with database.write() as session:
        receive_stock(session, "CENTRO", [Received(MILK, 3)])

    with database.read() as session:
        rows = session.execute(
            select(Order.number, Backorder.state, Backorder.quantity)
            .join(OrderLine, OrderLine.id == Backorder.order_line_id)
            .join(Order, Order.id == OrderLine.order_id)
        )
        assert sorted(rows.tuples()) == sorted(
            [
                (first["number"], "cancelled", 1),
                (first["number"], "filled", 2),
                (second["number"], "filled", 1),
                (second["number"], "waiting", 1),
            ]
        )


@pytest.fixture
def desk(http):
    """The warehouse, telling what its suppliers say."""
    keys = count(1)

    def act(method, path, body=None):
        headers = staff_as("warehouse") | {"Idempotency-Key": f"i:{next(keys)}"}
        return http.request(method, f"/staff/stock/{path}", json=body, headers=headers)

    return act


def announced(desk, quantity, day, reference="OC-7"):
    body = {"sku": MILK, "location": "CENTRO", "quantity": quantity, "expected_on": day, "reference": reference}
    answer = desk("POST", "incoming", body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_whoever_waits_is_told_when_the_supplier_names_a_later_day(empty, database, desk, ana):
    incoming = announced(desk, 3, "2026-11-27")
    number = wait_for(ana, "2")["number"]

    later = desk("PATCH", f"incoming/{incoming['id']}", {"expected_on": "2026-11-30"})
    earlier = desk("PATCH", f"incoming/{incoming['id']}", {"expected_on": "2026-11-27"})

    assert (later.status_code, later.json()["expected_on"]) == (200, "2026-11-30")
    assert earlier.json()["expected_on"] == "2026-11-27"
    with database.read() as session:
        assert delays(session) == [(number, "2026-11-28", "2026-12-01")]
        [entry] = session.scalars(select(OrderEntry).where(OrderEntry.what == "delayed"))
    assert (entry.who, entry.note) == ("staff:someone", "2026-11-28 → 2026-12-01")
    assert ana.get("/orders/latest").json()["promised_on"] == "2026-12-01"


def test_what_a_supplier_withdraws_is_waited_for_from_the_next(empty, database, desk, ana):
    first = announced(desk, 3, "2026-11-27")
    announced(desk, 3, "2026-12-03", "OC-8")
    number = wait_for(ana, "2")["number"]

    withdrawn = desk("DELETE", f"incoming/{first['id']}").json()

    assert withdrawn["is_withdrawn"]
    assert [each["reference"] for each in desk("GET", "incoming").json()] == ["OC-8"]
    with database.read() as session:
        assert delays(session) == [(number, "2026-11-28", "2026-12-04")]


def withdrawn_from(database, desk, ana):
    """An order of two milks that a supplier was to bring and does not; and one that never had a day."""
    with database.write() as session:
        session.add(Substitute(sku=MILK, substitute_sku=SODA, position=0))
    incoming = announced(desk, 2, "2026-11-27")
    number = wait_for(ana, "2")["number"]
    assert desk("DELETE", f"incoming/{incoming['id']}").status_code == 200
    return number


@pytest.mark.parametrize(
    ("resolution", "instead", "status", "waits", "lines"),
    [
        ("wait", None, "confirmed", [("cancelled", 2, None), ("waiting", 2, None)], [(MILK, "2")]),
        ("substitute", SODA, "confirmed", [("cancelled", 2, None)], [(SODA, "2")]),
        ("drop", None, "cancelled", [("cancelled", 2, None)], [(MILK, "2")]),
    ],
)
def test_what_nobody_brings_any_more_is_decided_by_its_customer(
    empty, database, desk, ana, resolution, instead, status, waits, lines
):
    number = withdrawn_from(database, desk, ana)

    [asked] = ana.get(f"/orders/{number}/shortages").json()["shortages"]
    assert (asked["sku"], asked["quantity"], asked["wait_until"]) == (MILK, "2", None)
    assert [one["sku"] for one in asked["substitutes"]] == [SODA]
    with database.read() as session:
        [told] = session.scalars(select(Event).where(Event.kind == "fulfillment.short"))
        assert (told.subject, told.payload["why"], len(told.payload["shortages"])) == (number, "withdrawn", 1)

    body = {"resolution": resolution, "substitute_sku": instead}
    answer = ana.act("POST", f"/orders/{number}/shortages/{asked['id']}", body)

    assert answer.status_code == 200, answer.text
    order = answer.json()
    assert order["status"] == status
    assert [(line["sku"], line["quantity"]) for line in order["lines"]] == lines
    with database.read() as session:
        kept = session.execute(
            select(Backorder.state, Backorder.quantity, Backorder.promised_on).order_by(Backorder.id)
        ).all()
    assert [tuple(row) for row in kept] == waits


def test_who_waits_without_a_day_is_not_asked_again(empty, database, desk, ana):
    number = withdrawn_from(database, desk, ana)
    [asked] = ana.get(f"/orders/{number}/shortages").json()["shortages"]
    ana.act("POST", f"/orders/{number}/shortages/{asked['id']}", {"resolution": "wait"})

    second = announced(desk, 1, "2026-11-27")
    assert desk("DELETE", f"incoming/{second['id']}").status_code == 200

    assert ana.get(f"/orders/{number}/shortages").json()["shortages"] == []


def test_what_came_or_was_withdrawn_is_neither_moved_nor_withdrawn_again(empty, database, desk):
    gone, here = announced(desk, 3, "2026-11-27"), announced(desk, 2, "2026-11-27", "OC-8")
    desk("DELETE", f"incoming/{gone['id']}")
    receipt = {"location": "CENTRO", "reference": "OC-8", "lines": [{"sku": MILK, "quantity": 2}]}
    assert desk("POST", "receipts", receipt).status_code == 201
    day = {"expected_on": "2026-11-30"}

    for incoming, params in (
        (gone, {"reference": "OC-7", "received": 0, "is_withdrawn": True}),
        (here, {"reference": "OC-8", "received": 2, "is_withdrawn": False}),
    ):
        for refused in (
            desk("PATCH", f"incoming/{incoming['id']}", day),
            desk("DELETE", f"incoming/{incoming['id']}"),
        ):
            assert code_of(refused) == (409, "incoming_over")
            assert refused.json()["params"] == params
    assert code_of(desk("PATCH", "incoming/x", day)) == (404, "incoming_not_found")
    with database.read() as session:
        assert {row.expected_on.isoformat() for row in session.scalars(select(IncomingStock))} == {"2026-11-27"}


def test_goods_that_arrive_late_postpone_whom_they_were_for(empty, database, desk, market, ana):
    announced(desk, 2, "2026-11-27")
    number = wait_for(ana, "2")["number"]

    with time_machine.travel("2026-12-02T15:00:00+00:00"), database.write() as session:
        receive_stock(session, "CENTRO", [Received(MILK, 2)], reference="OC-7")

    with database.read() as session:
        assert delays(session) == [(number, "2026-11-28", "2026-12-03")]


def test_goods_that_arrive_in_time_postpone_nobody(empty, database, desk, market, ana):
    announced(desk, 2, "2026-11-27")
    wait_for(ana, "2")

    with time_machine.travel("2026-11-27T15:00:00+00:00"), database.write() as session:
        receive_stock(session, "CENTRO", [Received(MILK, 2)], reference="OC-7")

    with database.read() as session:
        assert delays(session) == []


def test_what_did_not_come_is_waited_for_from_the_next_that_is_announced(empty, database, desk, ana):
    announced(desk, 2, "2026-11-27")
    announced(desk, 2, "2026-12-03", "OC-8")
    number = wait_for(ana, "2")["number"]

    with time_machine.travel("2026-11-27T15:00:00+00:00"), database.write() as session:
        assert keep_overdue_promises(session) == 0
    with time_machine.travel("2026-11-28T15:00:00+00:00"):
        with database.write() as session:
            assert keep_overdue_promises(session) == 1
        with database.write() as session:
            assert keep_overdue_promises(session) == 0

    with database.read() as session:
        assert delays(session) == [(number, "2026-11-28", "2026-12-04")]
