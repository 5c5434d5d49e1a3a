"""Goods that come back: received by line and quantity, looked at unit by unit, and where they end."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from backend.inventory.models import StockMove
from backend.returns.models import ReturnInspection, ReturnReceipt
from kernel import clock
from kernel.ids import new_id
from tests.backend.partnering import add_partner
from tests.backend.returns.conftest import asked
from tests.backend.shopper import BREAD, MILK, code_of


def moves(database, rma):
    with database.read() as session:
        query = select(StockMove.kind, StockMove.sku, StockMove.quantity).where(StockMove.reference == rma)
        return [tuple(row) for row in session.execute(query.order_by(StockMove.id))]


@pytest.fixture
def rma(ana, desk, delivered):
    """Three of milk and one of bread, accepted."""
    number = asked(ana, delivered(ana, (MILK, "3"), (BREAD, "1")), (MILK, 3), (BREAD, 1))
    desk.done(number, "accept")
    return number


def test_goods_may_come_in_several_parcels(rma, desk):
    assert desk.done(rma, "send")["status"] == "in_transit"

    assert desk.receive(rma, (MILK, 2))["status"] == "partly_received"
    said = desk.receive(rma, (MILK, 1), (BREAD, 1))

    assert said["status"] == "received"
    assert [(each["sku"], each["location"], each["quantity"]) for each in said["receipts"]] == [
        (MILK, "CENTRO", 2), (MILK, "CENTRO", 1), (BREAD, "CENTRO", 1),
    ]  # fmt: skip


def test_more_than_announced_is_refused_and_writes_nothing(rma, desk, count_rows):  # case 81
    desk.receive(rma, (MILK, 2))

    lines = [{"line": BREAD, "quantity": 1}, {"line": MILK, "quantity": 2}]
    answer = desk.step(rma, "receipts", location="CENTRO", lines=lines)

    assert code_of(answer) == (409, "received_too_many")
    assert answer.json()["params"]["left"] == 1
    assert count_rows(ReturnReceipt) == 1


def test_what_never_comes_may_be_returned_later(rma, ana, desk):
    said = desk.receive(rma, (MILK, 2), is_last=True)

    assert said["status"] == "received"
    lines = ana.get(f"/orders/{said['order_number']}/returnable").json()["lines"]
    assert {line["sku"]: line["left"] for line in lines} == {MILK: 1, BREAD: 1}


def test_each_unit_goes_where_it_is_said(rma, desk, database, available):
    desk.receive(rma, (MILK, 3), (BREAD, 1))

    said = desk.inspect(rma, (MILK, 1, "restock"), (MILK, 1, "scrap"), (MILK, 1, "refurbish"))
    assert said["status"] == "received"
    add_partner(database, "molino")
    said = desk.inspect(rma, (BREAD, 1, "back_to_supplier"), supplier="molino")

    assert said["status"] == "inspected"
    assert moves(database, rma) == [
        ("restock", MILK, 1), ("restock", MILK, 1), ("adjustment", MILK, -1), ("restock", BREAD, 1),
        ("adjustment", BREAD, -1),
    ]  # fmt: skip
    assert (available(MILK), available(BREAD)) == (8, 9)


def test_what_was_refurbished_is_looked_at_once_more(rma, desk, available):
    desk.receive(rma, (MILK, 3), (BREAD, 1))
    desk.inspect(rma, (MILK, 3, "refurbish"), (BREAD, 1, "restock"))
    again = {"line": MILK, "quantity": 2, "disposition": "restock", "is_again": True}

    desk.done(rma, "inspections", location="CENTRO", lines=[again])

    assert available(MILK) == 9
    answer = desk.step(rma, "inspections", location="CENTRO", lines=[again])
    assert code_of(answer) == (409, "inspected_too_many")
    assert answer.json()["params"]["left"] == 1


def test_what_never_came_is_not_inspected(rma, desk, count_rows, database):
    line = {"line": MILK, "quantity": 1, "disposition": "restock"}
    assert code_of(desk.step(rma, "inspections", location="CENTRO", lines=[line])) == (409, "return_step_illegal")
    desk.receive(rma, (BREAD, 1))

    answer = desk.step(rma, "inspections", location="CENTRO", lines=[line])

    assert code_of(answer) == (409, "inspected_too_many")
    assert (count_rows(ReturnInspection), moves(database, rma)) == (0, [])


def test_goods_of_a_return_that_nobody_accepted_are_not_received(ana, desk, delivered):
    rma = asked(ana, delivered(ana, (MILK, "1")), (MILK, 1))

    answer = desk.step(rma, "receipts", location="CENTRO", lines=[{"line": MILK, "quantity": 1}])

    assert code_of(answer) == (409, "return_step_illegal")


def test_a_line_or_a_place_that_is_not_there_is_refused(rma, desk):
    answer = desk.step(rma, "receipts", location="CENTRO", lines=[{"line": "SAL", "quantity": 1}])
    assert code_of(answer) == (422, "not_in_return")
    answer = desk.step(rma, "receipts", location="LUNA", lines=[{"line": MILK, "quantity": 1}])
    assert code_of(answer) == (404, "location_not_found")


def test_what_came_is_not_cancelled(rma, ana, desk):
    desk.receive(rma, (MILK, 1))

    assert code_of(ana.act("POST", f"/returns/{rma}/cancel", {})) == (409, "return_step_illegal")


CAPS = {
    "more is returned than was delivered": (
        "UPDATE oms_return_line SET quantity = 4, taken_back = 4 WHERE quantity = 3"
    ),
    "more came back than was announced": (
        "INSERT INTO oms_return_receipt (id, return_line_id, location_id, quantity, who, received_at) "
        "SELECT :id, l.id, p.id, 4, 'x', :now FROM oms_return_line l, oms_location p "
        "WHERE l.quantity = 3 AND p.code = 'CENTRO'"
    ),
    "more was looked at than came": (
        "INSERT INTO oms_return_inspection "
        "(id, return_line_id, location_id, quantity, disposition, is_again, photos, who, inspected_at) "
        "SELECT :id, l.id, p.id, 1, 'scrap', false, '[]', 'x', :now FROM oms_return_line l, oms_location p "
        "WHERE l.quantity = 3 AND p.code = 'CENTRO'"
    ),
}


def test_the_database_itself_keeps_the_caps(rma, database):
    for words, statement in CAPS.items():
        given = {"id": new_id(), "now": clock.now()} if ":id" in statement else {}
        with pytest.raises(DBAPIError, match=words), database.write() as session:
            session.execute(text(statement), given)
