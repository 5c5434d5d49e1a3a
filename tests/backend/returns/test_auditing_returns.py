"""The auditor finds what is planted into a return that went well."""

import pytest
from sqlalchemy import text

from backend.audit import audit
from kernel.clock import now
from kernel.ids import new_id
from tests.backend.partnering import add_partner
from tests.backend.returns.conftest import asked
from tests.backend.shopper import MILK


@pytest.fixture(autouse=True)
def audited():
    """The books are cooked here on purpose."""


PLANTED = {  # case 59
    "no more is returned than was delivered": "UPDATE oms_shipment SET status = 'shipped'",
    "no more comes back than was announced": "UPDATE oms_return_line SET quantity = 1, taken_back = 1",
    "what came back was looked at, once": (
        "INSERT INTO oms_return_receipt (id, return_line_id, location_id, quantity, who, received_at) "
        "SELECT :id, l.id, p.id, 1, 'x', :now FROM oms_return_line l, oms_location p WHERE p.code = 'CENTRO'"
    ),
    "what came back lies where it was said": (
        "INSERT INTO oms_stock_move (id, kind, sku, location_id, quantity, reference, note, moved_at) "
        "SELECT :id, 'restock', l.sku, p.id, 1, 'RMA-10001', '', :now FROM oms_return_line l, oms_location p "
        "WHERE p.code = 'CENTRO'"
    ),
    "what a return credits and charges is in its notes": "UPDATE oms_return SET credited_minor = credited_minor + 1",
    "what a return refunds is in its refunds": "UPDATE oms_refund SET amount_minor = amount_minor - 1",
    "what a return makes good is credited": (
        "UPDATE oms_return SET credited_minor = 0, charged_minor = 0, given_back_minor = 0"
    ),
}


REFUNDS = [
    "UPDATE oms_refund SET credit_note_id = NULL",
    "UPDATE oms_refund SET key = 'lost'",
    "UPDATE oms_return SET refunded_minor = 0",
    "UPDATE oms_return SET resolution = 'store_credit'",
    "UPDATE oms_return SET given_back_minor = refunded_minor - 1",
]


@pytest.mark.parametrize("statement", REFUNDS)
def test_a_refund_that_is_not_its_returns_is_found(ana, desk, finance, delivered, database, statement):  # case 59
    number = delivered(ana, (MILK, "3"))
    finance.pay(number, 3 * 450_000 + 400_000)
    desk.resolved(asked(ana, number, (MILK, 1)), MILK, 1)

    with database.write() as session:
        session.execute(text(statement))
        found = {finding.invariant for finding in audit(session, has_worker=False)}

    assert "what a return refunds is in its refunds" in found


def test_a_violation_planted_into_a_return_is_found(ana, desk, finance, delivered, database):
    number = delivered(ana, (MILK, "3"))
    finance.pay(number, 3 * 450_000 + 400_000)
    rma = asked(ana, number, (MILK, 3))
    desk.done(rma, "accept")
    desk.receive(rma, (MILK, 2), is_last=True)
    desk.inspect(rma, (MILK, 1, "restock"), (MILK, 1, "scrap"))
    desk.done(rma, "resolve")
    with database.read() as session:
        assert audit(session, has_worker=False) == []

    for invariant, statement in PLANTED.items():
        given = {"id": new_id(), "now": now()}
        with database.write() as session:
            planted = session.begin_nested()
            session.execute(text(statement), {name: given[name] for name in given if f":{name}" in statement})
            found = {finding.invariant for finding in audit(session, has_worker=False)}
            planted.rollback()
        assert invariant in found


def test_a_debit_note_for_more_than_went_back_is_found(ana, desk, delivered, database):
    add_partner(database, "lecheria")
    rma = asked(ana, delivered(ana, (MILK, "2")), (MILK, 2))
    desk.done(rma, "accept")
    desk.receive(rma, (MILK, 2))
    desk.inspect(rma, (MILK, 1, "restock"), (MILK, 1, "back_to_supplier"), supplier="lecheria")
    with database.read() as session:
        assert audit(session, has_worker=False) == []

    with database.write() as session:
        more = "INSERT INTO oms_supplier_note_line (id, note_id, sku, name, quantity, cost_minor) "
        session.execute(text(f"{more} SELECT :id, id, '{MILK}', 'x', 1, 0 FROM oms_supplier_note"), {"id": new_id()})
        [finding] = audit(session, has_worker=False)

    assert finding.invariant == "what went back to a supplier is in its debit notes"
