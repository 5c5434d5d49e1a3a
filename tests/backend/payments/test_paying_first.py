"""An order that must be paid first waits for it: paid, it goes on; unpaid in time, its stock is for others."""

from datetime import datetime, timedelta

import pytest
import time_machine

from backend.catalog.payment_methods import PaymentMethod
from backend.catalog.shop import set_payments
from backend.ledger import chart
from backend.orders import approval
from backend.orders.models import Order, OrderChange, OrderHold, OrderLine
from backend.payments.models import Refund
from backend.payments.providers import Outcome, Providers
from backend.workflows.expire_order import PATIENCE, enqueue_unpaid, expire_order
from kernel import clock
from tests.backend.payments.at_provider import told
from tests.backend.shopper import BREAD, DELIVERY_FEE, code_of, staff_as

WORDS = {"es": "hoy", "en": "today"}
TOTAL = 620_000 + DELIVERY_FEE
FEE = TOTAL * 25 // 1000
METHODS = [
    PaymentMethod("cash_on_delivery", WORDS, "on_delivery"),
    PaymentMethod("nequi", WORDS, "transfer", holds_until_paid=True, expires_minutes=120),
    PaymentMethod("online", WORDS, "online", holds_until_paid=True, expires_minutes=60),
]


@pytest.fixture
def first(ana, online, database):
    """Places an order that must be paid first."""
    with database.write() as session:
        set_payments(session, METHODS, "demo")

    def place(method="online", quantity="1"):
        ana.add(BREAD, quantity)
        choice = {"address_text": "Calle 45 # 12-30, Bogotá", "payment_method": method}
        assert ana.act("PUT", "/cart/checkout", choice).status_code == 200
        return ana.place(ana.confirm()).json()

    return place


def status(ana, number):
    order = ana.get(f"/orders/{number}").json()
    return order["status"], order["payment_status"], order["pay_by"] is not None


def expire(online, number, providers=None):
    with online.database.read() as session:
        order_id = session.query(Order).filter(Order.number == number).one().id
    expire_order(online.database, providers or online.providers, order_id)


def later(**given):
    return time_machine.travel(clock.now() + timedelta(**given), tick=False)


def test_it_waits_and_its_link_is_told_at_once(ana, first, online, database):
    order = first()

    assert (order["status"], order["payment_status"]) == ("on_hold", "due")
    assert order["pay_by"] is not None
    payment = online.open()
    [link] = told(database, "payment.link_ready")
    assert (link["number"], link["amount"]["amount_minor"], link["url"]) == (order["number"], TOTAL, payment.url)
    [held] = told(database, "order.held")
    assert (held["reasons"], held["until"][-6:]) == (["awaiting_payment"], "-05:00")


def test_paid_it_is_confirmed(ana, first, online, database, books):
    number = first()["number"]
    online.open()
    online.press("captured")
    assert status(ana, number) == ("on_hold", "due", True)

    online.check()

    assert status(ana, number) == ("confirmed", "paid", False)
    assert len(told(database, "order.confirmed")) == 1
    assert books() == {chart.CLEARING: TOTAL - FEE, chart.ADVANCES: TOTAL, chart.FEES: FEE}
    with later(minutes=61):
        expire(online, number)
    assert status(ana, number) == ("confirmed", "paid", False)


def test_a_transfer_that_finance_records_confirms_it(ana, first, online, finance):
    number = first("nequi")["number"]
    assert online.payment() is None

    finance.pay(number, TOTAL - 1)
    assert status(ana, number) == ("on_hold", "partly_paid", True)
    finance.pay(number, 1)

    assert status(ana, number) == ("confirmed", "paid", False)


def test_unpaid_in_time_it_is_cancelled_and_its_stock_is_free(ana, first, online, database, available):
    number = first()["number"]
    online.open()
    before = available(BREAD)

    with later(minutes=59):
        expire(online, number)
    assert status(ana, number) == ("on_hold", "due", True)
    with later(minutes=61):
        with database.write() as session:
            assert enqueue_unpaid(session, 10) == 1
        expire(online, number)
        expire(online, number)

    assert status(ana, number) == ("cancelled", "none", False)
    assert available(BREAD) == before + 1
    [cancelled] = told(database, "order.cancelled")
    assert (cancelled["by"], cancelled["reason"]) == ("system", "unpaid")
    [expired] = told(database, "payment.expired")
    assert expired["ends_order"] is True
    assert "ya no sirve" in online.press("captured").text or "venció" in online.press("captured").text


def test_what_was_paid_before_the_clock_asks_wins(ana, first, online, database):  # cases 70, 76
    number = first()["number"]
    online.open()
    online.press("captured")

    with later(minutes=61):
        expire(online, number)

    assert status(ana, number) == ("confirmed", "paid", False)
    assert told(database, "order.cancelled") == []


def test_money_that_comes_after_the_end_goes_back(ana, first, finance, online, database):  # case 76
    number = first("nequi")["number"]
    with later(minutes=121):
        expire(online, number)
    assert status(ana, number) == ("cancelled", "none", False)

    finance.pay(number, TOTAL)

    [back] = [payment["goes_back"]["amount_minor"] for payment in told(database, "payment.recorded")]
    with database.read() as session:
        [refund] = session.query(Refund).all()
        assert (refund.amount_minor, back) == (TOTAL, TOTAL)
    assert status(ana, number)[0] == "cancelled"


def test_who_paid_a_part_is_not_cancelled_by_the_clock(ana, first, finance, online):
    number = first("nequi")["number"]
    finance.pay(number, 100_000)

    with later(minutes=121):
        expire(online, number)

    assert status(ana, number) == ("on_hold", "partly_paid", True)


def pay_by(ana, number):
    return datetime.fromisoformat(ana.get(f"/orders/{number}").json()["pay_by"])


def one_more(ana, number):
    return ana.act("POST", f"/orders/{number}/changes", {"changes": [{"op": "add", "sku": BREAD, "quantity": "1"}]})


def test_who_changes_what_waits_to_be_paid_gains_and_loses_no_time(ana, first, database):
    number = first("nequi")["number"]
    given = pay_by(ana, number) + timedelta(minutes=30)  # as after a proof that was not accepted
    with database.write() as session:
        approval.give_time(session, session.query(Order).one().id, given)

    shown = one_more(ana, number).json()
    changed = ana.act("POST", f"/orders/{number}/changes/{shown['confirmation']}")

    assert changed.status_code == 200, changed.text
    assert changed.json()["total"]["amount_minor"] == TOTAL + 620_000
    assert pay_by(ana, number) == given


def test_what_was_to_be_paid_by_now_is_not_changed_any_more(ana, first, count_rows, database):
    number = first("nequi")["number"]
    shown = one_more(ana, number).json()

    with database.write() as session:
        session.query(OrderHold).update({OrderHold.expires_at: OrderHold.held_at})
    asked = one_more(ana, number)
    said_yes = ana.act("POST", f"/orders/{number}/changes/{shown['confirmation']}")

    assert (code_of(asked), code_of(said_yes)) == ((409, "payment_time_over"), (409, "payment_time_over"))
    assert (count_rows(OrderChange), count_rows(OrderLine)) == (1, 1)
    assert status(ana, number) == ("on_hold", "due", True)


class Silent:
    code = "demo"

    def look(self, provider_ref):
        raise Outcome("no answer", is_known=False)


def test_a_provider_that_does_not_answer_is_waited_for_a_while(ana, first, online):
    number = first()["number"]
    online.open()
    silent = Providers({"demo": Silent()})

    with later(minutes=61):
        expire(online, number, silent)
    assert status(ana, number) == ("on_hold", "due", True)
    with later(minutes=61, seconds=PATIENCE.total_seconds()):
        expire(online, number, silent)
    assert status(ana, number) == ("cancelled", "none", False)


def test_what_a_person_approves_still_waits_to_be_paid(ana, first, online, database, http):
    with database.write() as session:
        approval.add_rule(session, "new_customer", {}, is_active=True, position=0)
    number = first()["number"]

    def approve():
        found = http.request("GET", f"/staff/orders/{number}", headers=staff_as("sales")).json()
        headers = staff_as("sales") | {"Idempotency-Key": f"approve:{found['version']}:{found['holds'][0]['outcome']}"}
        return http.request(
            "POST", f"/staff/orders/{number}/approve", json={"version": found["version"]}, headers=headers
        )

    assert approve().json()["status"] == "on_hold"
    online.open()
    online.press("captured")
    online.check()
    assert status(ana, number) == ("confirmed", "paid", False)


def test_what_is_paid_still_waits_for_the_person(ana, first, online, database):
    with database.write() as session:
        approval.add_rule(session, "new_customer", {}, is_active=True, position=0)
    number = first()["number"]
    online.open()
    online.press("captured")
    online.check()

    assert status(ana, number) == ("on_hold", "paid", False)


def test_a_shop_may_let_one_go_unpaid(ana, first, online, http):
    number = first()["number"]
    found = http.request("GET", f"/staff/orders/{number}", headers=staff_as("sales")).json()

    answer = http.request(
        "POST",
        f"/staff/orders/{number}/approve",
        json={"version": found["version"]},
        headers=staff_as("sales") | {"Idempotency-Key": "approve:1"},
    )

    assert answer.json()["status"] == "confirmed"
    with later(minutes=61):
        expire(online, number)
    assert status(ana, number) == ("confirmed", "due", False)
