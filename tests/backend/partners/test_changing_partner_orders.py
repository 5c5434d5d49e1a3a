"""Changes of placed orders that partners, or the future, shall serve: by staff, as by the customer."""

from datetime import date
from itertools import count

import pytest
from sqlalchemy import select

from backend.inventory import service as inventory
from backend.inventory.models import Allocation, Backorder, Reservation
from backend.mail.models import Mail
from backend.orders.models import OrderLineEnd
from backend.partners import service as partners
from backend.partners.models import PartnerPromise
from backend.workflows.receive_stock import Received, receive_stock
from kernel import clock
from tests.backend.partnering import PartnerSystem, add_partner
from tests.backend.shopper import BREAD, MILK, SODA, code_of, staff_as


@pytest.fixture
def abril(http, market, database):
    add_partner(database, "abril", BREAD)
    return PartnerSystem(http, "abril")


@pytest.fixture
def change(http):
    """What staff do: show a change, then do it."""
    keys = count(1)

    def act(path, body=None):
        headers = staff_as("sales") | {"Idempotency-Key": f"c:{next(keys)}"}
        return http.request("POST", f"/staff/orders/{path}", json=body, headers=headers)

    def change(number, *changes):
        shown = act(f"{number}/changes", {"changes": list(changes)})
        return act(f"{number}/changes/{shown.json()['confirmation']}") if shown.status_code == 201 else shown

    return change


def live(database):
    """(partner, sku, base units) of what partners promise, and (sku, base units) of what we do."""
    with database.read() as session:
        query = select(PartnerPromise).where(PartnerPromise.state == "live")
        theirs = list(session.scalars(query.order_by(PartnerPromise.sku, PartnerPromise.quantity)))
        known = partners.by_ids(session, [one.partner_id for one in theirs])
        query = select(Reservation).where(Reservation.state == "live").order_by(Reservation.sku)
        ours = [(one.sku, one.quantity) for one in session.scalars(query)]
    return [(known[one.partner_id].code, one.sku, one.quantity) for one in theirs], ours


def letters(database):
    with database.read() as session:
        query = select(Mail.subject).where(Mail.key.startswith("purchase_order.")).order_by(Mail.id)
        return list(session.scalars(query))


def asked(partner):
    """(number, status, quantities) of the partner's purchase orders."""
    return [
        (one["number"], one["status"], sorted(line["base_quantity"] for line in one["lines"]))
        for one in partner.get().json()
    ]


def more(sku, quantity="1"):
    return {"op": "add", "sku": sku, "quantity": quantity}


def test_more_and_less_of_a_partners_line_is_asked_of_them_anew(ana, abril, change, database, available):
    number = ana.order((MILK, "2"), (BREAD, "30"))["number"]
    abril.answer("OC-10001", "confirm", {"ships_on": clock.now().date().isoformat()})

    grown = change(number, more(BREAD, "2"))

    assert grown.status_code == 200, grown.text
    assert (live(database), asked(abril)) == (
        ([("abril", BREAD, 32)], [(MILK, 2)]),
        [("OC-10001", "sent", [32])],
    )
    change(number, {"op": "set", "sku": BREAD, "quantity": "5"})
    assert (live(database), asked(abril)) == (([("abril", BREAD, 5)], [(MILK, 2)]), [("OC-10001", "sent", [5])])
    assert (available(BREAD), available(MILK)) == (10, 8)
    assert letters(database) == [
        "Orden de compra OC-10001 de El Parque",
        "Cambió la orden de compra OC-10001 de El Parque",
        "Cambió la orden de compra OC-10001 de El Parque",
    ]


def test_a_change_of_our_own_line_leaves_the_partner_alone(ana, abril, change, database):
    number = ana.order((MILK, "2"), (BREAD, "30"))["number"]
    abril.answer("OC-10001", "confirm", {"ships_on": clock.now().date().isoformat()})

    assert change(number, more(MILK)).status_code == 200

    assert (live(database), asked(abril)) == (([("abril", BREAD, 30)], [(MILK, 3)]), [("OC-10001", "confirmed", [30])])
    assert letters(database) == ["Orden de compra OC-10001 de El Parque"]


def test_a_partners_line_that_is_taken_out_is_taken_back_from_them(ana, abril, change, database):
    number = ana.order((MILK, "2"), (BREAD, "30"))["number"]

    assert change(number, {"op": "remove", "sku": BREAD}).status_code == 200

    assert (live(database), asked(abril)) == (([], [(MILK, 2)]), [("OC-10001", "cancelled", [30])])
    assert letters(database)[-1] == "Cancelamos la orden de compra OC-10001 de El Parque"


def test_a_line_that_is_added_goes_to_the_partner_who_ships_it(ana, abril, change, database, available):
    number = ana.order((MILK, "2"))["number"]

    assert change(number, more(BREAD, "30")).status_code == 200

    assert (live(database), asked(abril)) == (([("abril", BREAD, 30)], [(MILK, 2)]), [("OC-10001", "sent", [30])])
    assert available(BREAD) == 10


def test_what_is_more_goes_to_whom_supplies_it_now_and_the_rest_stays(ana, abril, change, database, http):
    number = ana.order((MILK, "1"), (BREAD, "30"))["number"]
    with database.write() as session:
        partners.stop_supply(session, partners.find(session, "abril"), BREAD)
    add_partner(database, "bruno", BREAD)

    change(number, more(BREAD, "2"))

    assert live(database)[0] == [("bruno", BREAD, 2), ("abril", BREAD, 30)]
    assert asked(PartnerSystem(http, "bruno")) == [("OC-10002", "sent", [2])]
    assert asked(abril) == [("OC-10001", "sent", [30])]


def test_what_a_partner_no_longer_supplies_grows_from_our_own_stock(ana, abril, change, database, available):
    number = ana.order((BREAD, "30"))["number"]
    with database.write() as session:
        partners.stop_supply(session, partners.find(session, "abril"), BREAD)

    assert code_of(change(number, more(BREAD, "11"))) == (409, "out_of_stock")
    change(number, more(BREAD, "4"))

    assert live(database) == ([("abril", BREAD, 30)], [(BREAD, 4)])
    assert available(BREAD) == 6


def test_what_we_had_promised_ourselves_stays_ours_when_a_partner_supplies_it(ana, change, database, http):
    number = ana.order((BREAD, "3"))["number"]
    add_partner(database, "abril", BREAD)

    change(number, more(BREAD, "20"))
    assert live(database) == ([("abril", BREAD, 20)], [(BREAD, 3)])

    change(number, {"op": "set", "sku": BREAD, "quantity": "2"})
    assert live(database) == ([], [(BREAD, 2)])
    assert asked(PartnerSystem(http, "abril")) == [("OC-10001", "cancelled", [20])]


def test_while_the_customer_is_asked_about_what_a_partner_rejected_the_order_stays(
    ana, abril, change, database, count_rows
):
    number = ana.order((MILK, "2"), (BREAD, "30"))["number"]
    abril.answer("OC-10001", "reject", {"note": "No hay harina"})

    assert code_of(change(number, {"op": "remove", "sku": BREAD})) == (409, "shortage_open")
    assert code_of(change(number, more(SODA))) == (409, "shortage_open")
    assert count_rows(OrderLineEnd) == 0

    [shortage] = ana.get(f"/orders/{number}/shortages").json()["shortages"]
    assert ana.act("POST", f"/orders/{number}/shortages/{shortage['id']}", {"resolution": "drop"}).status_code == 200
    assert change(number, more(SODA)).status_code == 200
    assert live(database) == ([], [(SODA, 1), (MILK, 2)])


def test_once_a_partner_shipped_a_part_an_order_is_not_changed(ana, abril, change):
    number = ana.order((MILK, "2"), (BREAD, "30"))["number"]
    abril.answer("OC-10001", "ship", {"carrier": "manual", "tracking_number": "A1"})

    refused = change(number, more(MILK))

    assert code_of(refused) == (409, "order_not_changeable")


def test_what_takes_the_place_of_a_rejected_order_says_where_it_comes_from(ana, abril, database, market):
    number = ana.order((BREAD, "12"))["number"]
    abril.answer("OC-10001", "reject", {"note": "No hay harina"})
    [shortage] = ana.get(f"/orders/{number}/shortages").json()["shortages"]
    ana.act("POST", f"/orders/{number}/shortages/{shortage['id']}", {"resolution": "wait"})

    with database.write() as session:
        [(_, filled)] = receive_stock(session, "CENTRO", [Received(BREAD, 2)])

    assert (filled.quantity, filled.allocated.rule) == (12, "nearest_complete")
    with database.read() as session:
        assert session.scalars(select(Allocation.rule)).all() == ["nearest_complete"]


@pytest.fixture
def waiting(ana, database, market):
    """An order of twelve milks: ten are there, two come on a day."""
    with database.write() as session:
        inventory.announce(session, MILK, market.centro, 9, date(2030, 1, 7), "OC-1")
    ana.change({"op": "add", "sku": MILK, "quantity": "12", "may_wait": True})
    ana.choose()
    return ana.place(ana.confirm()).json()["number"]


def still_waiting(database):
    with database.read() as session:
        query = select(Backorder).where(Backorder.state == "waiting")
        return [(one.quantity, one.promised_on) for one in session.scalars(query)]


def test_less_of_what_waits_waits_for_less(ana, change, database, waiting, available):
    change(waiting, {"op": "set", "sku": MILK, "quantity": "11"})
    assert (live(database)[1], still_waiting(database)) == ([(MILK, 10)], [(1, date(2030, 1, 7))])

    change(waiting, {"op": "set", "sku": MILK, "quantity": "8"})
    assert (live(database)[1], still_waiting(database)) == ([(MILK, 8)], [])
    assert available(MILK) == 2


def test_another_line_leaves_what_waits_in_its_place(ana, change, database, waiting):
    with database.read() as session:
        before = session.scalars(select(Backorder.id)).all()

    assert change(waiting, more(SODA)).status_code == 200

    with database.read() as session:
        assert session.scalars(select(Backorder.id)).all() == before
    assert live(database)[1] == [(SODA, 1), (MILK, 10)]


def test_more_of_what_is_not_there_is_refused(ana, change, database, waiting):
    assert code_of(change(waiting, more(MILK))) == (409, "out_of_stock")
    assert still_waiting(database) == [(2, date(2030, 1, 7))]
