"""The auditor is quiet when all is well (the fixture of every other test), and finds what is planted here."""

from datetime import date

import pytest
from sqlalchemy import text

from backend.audit import audit
from backend.ledger.rules import payment_received
from backend.ledger.service import Fact, post
from kernel.clock import now
from kernel.ids import new_id
from tests.backend.shopper import BREAD, MILK


@pytest.fixture(autouse=True)
def audited():
    """The books are cooked here on purpose."""


PLANTED = {  # case 59
    "on hand is the sum of the moves": "UPDATE oms_stock_level SET on_hand = on_hand + 1 WHERE sku = :milk",
    "reserved is the sum of the live reservations and holds": "UPDATE oms_stock_level SET reserved = reserved + 1",
    "an order's line is served whole, once": "UPDATE oms_reservation SET quantity = 1 WHERE sku = :milk",
    "an order's totals are the sums of its lines": (
        "UPDATE oms_order SET subtotal_minor = subtotal_minor + 1, total_minor = total_minor + 1"
    ),
    "an order says how it came and went in its history": (
        "INSERT INTO oms_order_entry (id, order_id, what, who, happened_at) "
        "SELECT :id, id, 'placed', 'someone', :now FROM oms_order"
    ),
    "an order's facts left as events, once each": (
        "INSERT INTO oms_event (id, kind, subject, payload, happened_at) "
        "SELECT :id, 'order.placed', number, '{}', :now FROM oms_order"
    ),
    "a cart became one order, or none": "UPDATE oms_cart SET status = 'open'",
}


@pytest.mark.parametrize("invariant", PLANTED)
def test_a_planted_violation_is_found(ana, database, invariant):
    ana.order((MILK, "2"), (BREAD, "1"))
    given = {"milk": MILK, "id": new_id(), "now": now()}
    statement = PLANTED[invariant]
    with database.write() as session:
        session.execute(text(statement), {name: given[name] for name in given if f":{name}" in statement})

    with database.read() as session:
        assert invariant in {finding.invariant for finding in audit(session)}


PLANTED_ON_THE_WAY = {  # case 59
    "every unit of a confirmed order is got ready, waited for, or asked about": (
        "UPDATE oms_fulfillment_line SET quantity = quantity + 1"
    ),
    "nothing leaves that was not ordered": "UPDATE oms_shipment_line SET quantity = quantity + 1",
    "what left the shelves is issued": "UPDATE oms_reservation SET state = 'released' WHERE state = 'issued'",
    "nothing is packed that was not picked": "UPDATE oms_fulfillment_line SET picked = picked - 1",
    "a fulfillment is as far as its lines and parcels": "UPDATE oms_fulfillment SET status = 'pending'",
}


@pytest.mark.parametrize("invariant", PLANTED_ON_THE_WAY)
def test_a_violation_planted_into_what_was_shipped_is_found(ana, warehouse, database, invariant):
    ana.order((MILK, "2"), (BREAD, "1"))
    warehouse.ship_all("PED-10001-1")
    with database.write() as session:
        assert audit(session) == []
        session.execute(text(PLANTED_ON_THE_WAY[invariant]))

    with database.read() as session:
        assert invariant in {finding.invariant for finding in audit(session)}


def test_a_cancelled_order_that_keeps_its_stock_is_found(ana, database):
    ana.order((MILK, "2"))
    with database.write() as session:
        session.execute(text("UPDATE oms_order SET status = 'cancelled'"))

    with database.read() as session:
        found = {finding.invariant: finding.facts for finding in audit(session)}

    assert found["an order's line is served whole, once"] == {
        "sku": MILK,
        "due": 0,
        "live": 2,
        "issued": 0,
        "waiting": 0,
    }
    assert found["an order's facts left as events, once each"] == {"placed": 1, "cancelled": 0}


def test_an_event_of_no_order_is_found(ana, database):
    ana.order((MILK, "2"))
    with database.write() as session:
        session.execute(
            text(
                "INSERT INTO oms_event (id, kind, subject, payload, happened_at) "
                "VALUES (:id, 'order.placed', 'PED-1', '{}', :now)"
            ),
            {"id": new_id(), "now": now()},
        )

    with database.read() as session:
        assert [finding.subject for finding in audit(session)] == ["PED-1"]


def test_an_entry_that_lost_its_balance_is_found(database):
    with database.write() as session:
        fact = Fact("payment:1", "payment_received", "PED-10001", "COP", date(2026, 11, 25), "system")
        entry_id = post(session, fact, payment_received("1110", 1_000))
        session.execute(text(f"DROP TRIGGER oms_posting_sealed{'' if database.is_sqlite else ' ON oms_posting'}"))
        session.execute(
            text(
                "INSERT INTO oms_posting (entry_id, position, account_code, debit_minor, credit_minor) "
                "VALUES (:id, 9, '1105', 1, 0)"
            ),
            {"id": entry_id},
        )

    with database.read() as session:
        [finding] = audit(session)
    assert (finding.invariant, finding.subject) == ("a journal entry balances", "payment:1")
    assert finding.facts == {"debits": 1_001, "credits": 1_000}
