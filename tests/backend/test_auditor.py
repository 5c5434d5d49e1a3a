"""The auditor is quiet when all is well (the fixture of every other test), and finds what is planted here."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from backend.audit import audit
from backend.discounts import service as discounts
from backend.discounts.service import NewDiscount
from backend.inventory import service as inventory
from backend.ledger.rules import payment_received
from backend.ledger.service import Fact, post
from backend.orders import service as orders
from backend.orders.approval import AWAITING_PAYMENT, Reason
from backend.workflows.hold_order import hold_order
from backend.workflows.record_payment import record_payment
from kernel.clock import now
from kernel.ids import new_id
from tests.backend.auditing import findings
from tests.backend.invoicing.conftest import bill
from tests.backend.shopper import BREAD, MILK

__all__ = ["bill"]


@pytest.fixture(autouse=True)
def audited(database):
    """The books are cooked here on purpose: what looks at them after every other test finds it as the auditor does."""
    yield
    with database.read() as session:
        assert findings(session) == audit(session, has_worker=False)


PLANTED = {  # case 59
    "on hand is the sum of the moves": "UPDATE oms_stock_level SET on_hand = on_hand + 1 WHERE sku = :milk",
    "reserved is the sum of the live reservations and holds": "UPDATE oms_stock_level SET reserved = reserved + 1",
    "an order's line is served whole, once": "UPDATE oms_reservation SET quantity = 1 WHERE sku = :milk",
    "no bin holds less than nothing": (
        "INSERT INTO oms_stock_move (id, kind, sku, location_id, quantity, note, moved_at) "
        "SELECT :id, 'adjustment', sku, location_id, -100, '', :now FROM oms_stock_level WHERE sku = :milk"
    ),
    "an order's totals are the sums of its lines": (
        "UPDATE oms_order SET subtotal_minor = subtotal_minor + 1, total_minor = total_minor + 1"
    ),
    "an order's line costs its price less its discount": (
        "INSERT INTO oms_order_line (id, order_id, position, sku, name, name_en, unit, unit_name_es, unit_name_en, "
        "factor, base_quantity, price_minor, price_quantity, unit_price_minor, tax_class, tax_rate, tax_minor, "
        "total_minor) SELECT :id, order_id, 99, sku, name, name_en, unit, unit_name_es, unit_name_en, factor, "
        "base_quantity, price_minor, price_quantity, unit_price_minor, tax_class, tax_rate, tax_minor, "
        "total_minor + 9 FROM oms_order_line WHERE sku = :milk"
    ),
    "an order says how it came and went in its history": (
        "INSERT INTO oms_order_entry (id, order_id, what, who, happened_at) "
        "SELECT :id, id, 'placed', 'someone', :now FROM oms_order"
    ),
    "an order's facts left as events, once each": (
        "INSERT INTO oms_event (id, kind, subject, payload, happened_at) "
        "SELECT :id, 'order.placed', number, '{}', :now FROM oms_order"
    ),
    "who became one person with others did so by a proof that is written down": (
        "UPDATE oms_customer SET person_id = id"
    ),
    "who is one person with others goes on as one who is nobody else": "UPDATE oms_customer SET person_id = id",
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


PLANTED_ON_DISCOUNTS = {  # case 59
    "a discount's uses are its orders, and no more than it may have": "UPDATE oms_discount SET uses = uses + 1",
    "an order with a discount is a use of it": "DELETE FROM oms_discount_use",
    "an order's totals are the sums of its lines": "UPDATE oms_order SET discount_minor = discount_minor + 1",
}


@pytest.mark.parametrize("invariant", PLANTED_ON_DISCOUNTS)
def test_a_violation_planted_into_a_discount_is_found(ana, database, invariant):
    with database.write() as session:
        given = NewDiscount("Diez", "Ten", True, "percentage", Decimal(10), None, None, None, 0, None, None, 2, None)
        discounts.put(session, "DIEZ", given)
    ana.order((MILK, "2"))
    with database.write() as session:
        assert audit(session) == []
        session.execute(text(PLANTED_ON_DISCOUNTS[invariant]))

    with database.read() as session:
        assert invariant in {finding.invariant for finding in audit(session)}


def test_no_discount_has_more_uses_than_it_may_have(ana, database):
    with database.write() as session:
        given = NewDiscount("Diez", "Ten", True, "percentage", Decimal(10), None, None, None, 0, None, None, 1, 1)
        discounts.put(session, "DIEZ", given)
    ana.order((MILK, "1"))

    for beyond in ("UPDATE oms_discount SET uses = 2", "UPDATE oms_discount_use SET nth = 2"):
        with pytest.raises(IntegrityError), database.write() as session:
            session.execute(text(beyond))


@pytest.mark.parametrize(
    ("invariant", "statement"),
    [
        ("what a walk carries is being picked there", "UPDATE oms_fulfillment SET status = 'pending'"),
        ("what a walk carries is being picked there", "UPDATE oms_picking_walk SET location_id = :norte"),
        (
            "what a walk carries is being picked there",
            "UPDATE oms_picking_walk SET ended_at = started_at, ended_by = picker",
        ),
        ("an open walk carries something", "UPDATE oms_picking_basket SET left_at = :now"),
    ],
)  # case 59
def test_a_violation_planted_into_a_walk_is_found(ana, warehouse, database, market, invariant, statement):
    ana.order((MILK, "1"))
    assert warehouse.post("picking-walks", {"location": "CENTRO", "next": 1}).status_code == 200
    given = {"norte": market.norte, "now": now()}
    with database.write() as session:
        assert audit(session) == []
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
    "the account of goods is what lies in the house": (
        "INSERT INTO oms_stock_move (id, kind, sku, location_id, quantity, cost_minor, note, moved_at) "
        "SELECT :id, 'adjustment', sku, location_id, 1, 5, '', :now FROM oms_stock_level WHERE sku = :milk"
    ),
    "what has left is billed": "UPDATE oms_shipment_line SET quantity = quantity + 1",
}


@pytest.mark.parametrize("invariant", PLANTED_ON_THE_WAY)
def test_a_violation_planted_into_what_was_shipped_is_found(ana, warehouse, database, invariant):
    ana.order((MILK, "2"), (BREAD, "1"))
    warehouse.ship_all("PED-10001-1")
    with database.write() as session:
        assert audit(session) == []
        given = {"milk": MILK, "id": new_id(), "now": now()}
        statement = PLANTED_ON_THE_WAY[invariant]
        session.execute(text(statement), {name: given[name] for name in given if f":{name}" in statement})

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


def found_by(database):
    with database.read() as session:
        return {finding.invariant: finding.facts for finding in audit(session)}


def test_a_hold_that_nobody_reserved_for_is_found(ana, database):
    ana.order((MILK, "2"))
    with database.write() as session:
        session.execute(text("UPDATE oms_stock_hold SET state = 'live'"))

    assert found_by(database) == {
        "reserved is the sum of the live reservations and holds": {"reserved": 2, "live": 4},
    }


def test_a_line_that_waits_for_what_it_has_is_found(ana, database):
    ana.order((MILK, "2"))
    with database.write() as session:
        session.execute(
            text(
                "INSERT INTO oms_backorder (id, order_line_id, sku, quantity, state, created_at) "
                "SELECT :id, id, sku, 1, 'waiting', :now FROM oms_order_line"
            ),
            {"id": new_id(), "now": now()},
        )

    found = found_by(database)["an order's line is served whole, once"]
    assert (found["due"], found["live"], found["waiting"]) == (2, 2, 1)


def test_a_count_whose_difference_was_not_moved_is_found(database, market):
    with database.write() as session:
        shelf = inventory.add_bin(session, market.centro, "A-01")
        session.execute(
            text(
                "INSERT INTO oms_stock_count (id, bin_id, sku, counted, expected, who, note, counted_at) "
                "VALUES (:id, :bin, :milk, 3, 5, 'staff:1', '', :now)"
            ),
            {"id": new_id(), "bin": shelf, "milk": MILK, "now": now()},
        )

    assert found_by(database) == {"a count moved its difference": {"counted": 3, "expected": 5, "moved": 0}}


def test_an_order_that_nobody_chose_the_locations_of_is_found(ana, beto, database):
    ana.order((MILK, "2"))
    cart = beto.add(MILK, "1")["id"]
    with database.write() as session:
        session.execute(text("UPDATE oms_order SET cart_id = :cart"), {"cart": cart})

    assert "an order says how its locations were chosen" in found_by(database)


PLANTED_IN_PAYMENTS = {
    "a payment pays no more than came": "UPDATE oms_payment SET captured_minor = captured_minor - 1",
    "no more is refunded than was captured": "UPDATE oms_payment SET refunded_minor = 1",
    "what banks dispute is in the books": "UPDATE oms_payment SET status = 'disputed', disputed_minor = 5",
    "an invoice is paid at most whole": (
        "INSERT INTO oms_settlement (id, invoice_id, kind, amount_minor, who, settled_at) "
        "SELECT :id, id, 'write_off', 1, 'someone', :now FROM oms_invoice"
    ),
    "a customer's balance is never below zero": (
        "INSERT INTO oms_balance_entry (id, key, customer_id, currency, kind, amount_minor, who, entered_at) "
        "SELECT :id, :id, id, 'COP', 'refunded', -1000000, 'someone', :now FROM oms_customer"
    ),
    "what was used of a balance pays its invoice": (
        "INSERT INTO oms_balance_entry "
        "(id, key, customer_id, currency, kind, amount_minor, invoice_id, who, entered_at) "
        "SELECT :id, :id, customer_id, 'COP', 'used', -1, id, 'someone', :now FROM oms_invoice"
    ),
    "what is captured was said": (
        "INSERT INTO oms_payment (id, number, key, customer_id, method, provider, currency, amount_minor, "
        "captured_minor, refunded_minor, fee_minor, status, who, created_at) SELECT :id, 'PAG-1', :id, id, 'nequi', "
        "'manual', 'COP', 5, 5, 0, 0, 'captured', 'someone', :now FROM oms_customer"
    ),
    "receivables are what is open": (
        "INSERT INTO oms_settlement (id, invoice_id, kind, amount_minor, who, settled_at) "
        "SELECT :id, id, 'write_off', -1, 'someone', :now FROM oms_invoice"
    ),
    "advances are what customers have with us": (
        "INSERT INTO oms_balance_entry (id, key, customer_id, currency, kind, amount_minor, who, entered_at) "
        "SELECT :id, :id, id, 'COP', 'store_credit', 7, 'someone', :now FROM oms_customer"
    ),
}


@pytest.mark.parametrize("invariant", PLANTED_IN_PAYMENTS)
def test_a_violation_planted_into_what_was_paid_is_found(ana, database, bill, invariant):
    number = ana.order((BREAD, "1"))["number"]
    with database.write() as session:
        found = orders.find_any(session, number, lock=True)
        amount = found.order.total_minor + 50
        record_payment(
            session, found, key="1", method="nequi", amount_minor=amount, reference=None, who="staff:finance"
        )
    bill(number, {BREAD: 1})
    given = {"id": new_id(), "now": now()}
    statement = PLANTED_IN_PAYMENTS[invariant]
    with database.write() as session:
        assert audit(session) == []
        session.execute(text(statement), {name: given[name] for name in given if f":{name}" in statement})

    with database.read() as session:
        assert invariant in {finding.invariant for finding in audit(session)}


PLANTED_IN_HOLDS = (
    "expires_at = NULL",
    "reason = 'amount_over'",
    "ended_at = :now",
    "ended_by = 'someone'",
)


@pytest.mark.parametrize("change", PLANTED_IN_HOLDS)
def test_a_violation_planted_into_what_waits_to_be_paid_is_found(ana, database, change):
    number = ana.order((MILK, "1"))["number"]
    with database.write() as session:
        found = orders.find_any(session, number, lock=True)
        hold_order(session, found, [Reason(AWAITING_PAYMENT, {"until": "-"}, now() + timedelta(hours=1))])
        assert audit(session) == []
        session.execute(text(f"UPDATE oms_order_hold SET {change}"), {"now": now()} if ":now" in change else {})

    with database.read() as session:
        assert [(each.invariant, each.subject) for each in audit(session)] == [
            ("an order waits to be paid until a time, and a hold that ended says when", number)
        ]


_REMIND = (
    "INSERT INTO oms_reminder (id, invoice_id, stage, open_minor, reminded_at) "
    "SELECT :id, id, 'late', {open}, {at} FROM oms_invoice"
)
_PROMISE = (
    "INSERT INTO oms_payment_promise (id, customer_id, promised_on, amount_minor, currency, state, made_at) "
    "SELECT :id, id, '2030-01-01', 5, 'COP', {state}, :now FROM oms_customer"
)
PLANTED_IN_REMINDERS = (
    ("a reminder is of what was open", _REMIND.format(open="0", at=":now")),
    ("a reminder is of what was open", _REMIND.format(open="payable_minor + 1", at=":now")),
    ("a reminder is of what was open", _REMIND.format(open="1", at="'2020-01-01 00:00:00+00:00'")),
    ("a customer has one open promise to pay", _PROMISE.format(state="'open'")),
    ("a promise that ended says when", _PROMISE.format(state="'kept'")),
)


@pytest.mark.parametrize(("invariant", "statement"), PLANTED_IN_REMINDERS)
def test_a_violation_planted_into_what_customers_are_reminded_of_is_found(ana, database, bill, invariant, statement):
    number = ana.order((BREAD, "1"))["number"]
    bill(number, {BREAD: 1})
    with database.write() as session:
        for before in (
            _REMIND.format(open="1", at=":now").replace("'late'", "'soon'"),
            _PROMISE.format(state="'open'"),
        ):
            session.execute(text(before), _given(before))
        assert audit(session) == []
        session.execute(text(statement), _given(statement))

    with database.read() as session:
        assert [each.invariant for each in audit(session)] == [invariant]


def _given(statement):
    return {"id": new_id()} | ({"now": now()} if ":now" in statement else {})


def test_a_proof_that_is_not_of_its_orders_customer_is_found(ana, beto, database):
    ana.order((BREAD, "1"))
    with database.write() as session:
        assert audit(session) == []
        session.execute(
            text(
                "INSERT INTO oms_payment_proof (id, number, order_id, customer_id, attachment_id, attachment_hash, "
                "attachment_type, status, sent_at) "
                "SELECT :id, 'CPB-1', id, :customer, 'f', 'h', 'image/jpeg', 'open', :now FROM oms_order"
            ),
            {"id": new_id(), "customer": beto.id, "now": now()},
        )

    with database.read() as session:
        assert [(each.invariant, each.subject) for each in audit(session)] == [
            ("a proof is of its order's customer and payment", "CPB-1")
        ]
