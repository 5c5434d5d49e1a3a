"""Money goes back: never more than there is, once, by who may, and what became of it the provider tells."""

from dataclasses import replace

import httpx
import pytest

from backend.events import Event
from backend.ledger import chart
from backend.payments.models import Refund
from backend.payments.providers import Providers
from backend.payments.providers.demo import Demo
from backend.workflows.check_payment import fold
from backend.workflows.send_refund import enqueue_unsettled_refunds
from kernel import clock
from kernel.tokens import Principal
from tests.backend.shopper import BREAD, DELIVERY_FEE, SODA, bearer, code_of

TOTAL = 620_000 + DELIVERY_FEE
FEE = TOTAL * 25 // 1000


@pytest.fixture
def number(ana, online):
    return ana.order((BREAD, "1"))["number"]


@pytest.fixture
def paid(ana, number, online):
    """The payment of the order, captured by the demo's provider."""
    assert ana.act("POST", f"/orders/{number}/payment-link").status_code == 201
    online.open()
    online.press("captured")
    return online.check()


def ask(finance, payment, amount_minor, **given):
    key = given.pop("key", None)
    body = {"amount_minor": amount_minor, "currency": "COP", "reason": "Llegó dañado"} | given
    return finance.post(f"/payments/{payment.number}/refunds", body, key=key)


def refund_of(online, number):
    with online.database.read() as session:
        return session.query(Refund).filter(Refund.number == number).one()


def send(online, answer):
    number = answer.json()["number"]
    online.send(refund_of(online, number).id)
    return refund_of(online, number)


def told(online, kind):
    with online.database.read() as session:
        return [event.payload for event in session.query(Event).filter(Event.kind == kind)]


def test_an_advance_goes_back_to_how_it_was_paid(ana, number, paid, online, finance, books):
    answer = ask(finance, paid, 300_000)
    assert (answer.status_code, answer.json()["status"], answer.json()["number"]) == (201, "approved", "DEV-10001")

    assert send(online, answer).status == "succeeded"

    assert books() == {chart.CLEARING: TOTAL - FEE - 300_000, chart.ADVANCES: TOTAL - 300_000, chart.FEES: FEE}
    assert ana.get(f"/orders/{number}").json()["payment_status"] == "partly_paid"
    [said] = told(online, "refund.succeeded")
    assert (said["amount"]["amount_minor"], said["number"], said["refund"]) == (300_000, number, "DEV-10001")


def test_what_is_invoiced_goes_back_after_its_credit_note_only(
    ana, number, paid, online, finance, bill, credit, books
):  # case 71
    bill(number, {BREAD: 1})
    assert code_of(ask(finance, paid, 1)) == (409, "refund_too_large")

    credit("FV-1", (1, 1))
    assert finance.balance(ana.id) == 620_000
    answer = ask(finance, paid, 620_000)
    assert finance.balance(ana.id) == 0
    send(online, answer)

    assert books()[chart.CLEARING] == DELIVERY_FEE - FEE
    assert (chart.ADVANCES in books(), chart.RECEIVABLE in books()) == (False, False)
    assert ana.get(f"/orders/{number}").json()["payment_status"] == "partly_refunded"


def test_a_card_is_refunded_in_part_twice_and_no_more_than_came(number, paid, online, finance, books):  # cases 71, 135
    first, second = (ask(finance, paid, TOTAL // 2) for _ in range(2))
    assert (first.json()["number"], second.json()["number"]) == ("DEV-10001", "DEV-10002")

    assert code_of(ask(finance, paid, 1)) == (409, "refund_too_large")
    for answer in (first, second):
        send(online, answer)
    assert code_of(ask(finance, paid, 1)) == (409, "refund_too_large")
    assert books() == {chart.CLEARING: -FEE, chart.FEES: FEE}
    assert online.payment().refunded_minor == TOTAL


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"amount_minor": TOTAL + 1}, (409, "refund_too_large")),
        ({"amount_minor": 0}, (422, "invalid_request")),
        ({"amount_minor": -5}, (422, "invalid_request")),
        ({"amount_minor": 1.5}, (422, "invalid_request")),
        ({"currency": "USD"}, (409, "payment_mismatch")),
        ({"reason": ""}, (422, "invalid_request")),
        ({"way": "dispute"}, (422, "invalid_request")),
    ],
)
def test_what_is_no_refund_writes_nothing(paid, finance, count_rows, wrong, code):  # case 71
    assert code_of(ask(finance, paid, **{"amount_minor": 5} | wrong)) == code
    assert count_rows(Refund) == 0


def test_what_nobody_paid_is_not_refunded(ana, number, online, finance):  # case 71
    ana.act("POST", f"/orders/{number}/payment-link")
    assert code_of(ask(finance, online.open(), 1)) == (409, "refund_too_large")


def test_a_refund_is_seen_by_whose_money_it_is_and_nobody_else(ana, beto, paid, finance):  # case 82
    assert ask(finance, paid, 100_000).status_code == 201

    assert [each["amount"]["amount_minor"] for each in ana.get("/refunds").json()["refunds"]] == [100_000]
    assert beto.get("/refunds").json()["refunds"] == []


def test_one_act_is_one_refund(paid, finance, count_rows):
    first, again = (ask(finance, paid, 5_000, key="refund:1") for _ in range(2))

    assert first.json() == again.json()
    assert count_rows(Refund) == 1


def test_above_the_limit_of_a_role_another_person_approves(paid, online, finance, http):  # case 92
    agent = bearer(Principal("staff", "luis", grants=frozenset({"role:agent"})))
    body = {"amount_minor": 100_001, "currency": "COP", "reason": "Llegó tarde"}
    asked = http.request(
        "POST", f"/staff/payments/{paid.number}/refunds", json=body, headers=agent | {"Idempotency-Key": "a:1"}
    ).json()
    assert asked["status"] == "requested"

    mine = http.request("POST", "/staff/refunds/DEV-10001/approval", headers=agent | {"Idempotency-Key": "a:2"})
    assert code_of(mine) == (403, "same_person")
    peer = bearer(Principal("staff", "rosa", grants=frozenset({"role:agent"})))
    theirs = http.request("POST", "/staff/refunds/DEV-10001/approval", headers=peer | {"Idempotency-Key": "a:3"})
    assert code_of(theirs) == (403, "refund_limit")
    assert (theirs.json()["params"]["limit_minor"], refund_of(online, "DEV-10001").status) == (100_000, "requested")

    approved = finance.post("/refunds/DEV-10001/approval", None).json()
    assert (approved["status"], approved["requested_by"] != approved["approved_by"]) == ("approved", True)
    assert code_of(finance.post("/refunds/DEV-10001/approval", None)) == (409, "refund_not_open")


def test_a_refund_above_every_limit_waits_and_may_be_rejected(ana, online, finance, books):
    number = ana.order((BREAD, "4"))["number"]
    ana.act("POST", f"/orders/{number}/payment-link")
    online.open()
    online.press("captured")
    online.check()
    ana.act("POST", f"/orders/{number}/cancel", {})
    amount = 4 * 620_000 + DELIVERY_FEE
    assert refund_of(online, "DEV-10001").status == "requested"
    assert finance.balance(ana.id) == 0

    rejected = finance.post("/refunds/DEV-10001/rejection", {"reason": "Ya se había usado"}).json()

    assert (rejected["status"], finance.balance(ana.id)) == ("rejected", amount)
    assert told(online, "refund.rejected")[0]["reason"] == "Ya se había usado"
    assert ana.get("/refunds").json()["refunds"][0]["note"] == "Ya se había usado"


def test_only_a_refund_that_waits_is_rejected(paid, online, finance):
    answer = ask(finance, paid, 5_000)
    assert answer.json()["status"] == "approved"

    assert code_of(finance.post("/refunds/DEV-10001/rejection", {"reason": "No"})) == (409, "refund_not_open")

    assert (refund_of(online, "DEV-10001").status, told(online, "refund.rejected")) == ("approved", [])


def test_what_the_provider_gives_back_is_not_paid_out_by_hand(paid, online, finance):
    ask(finance, paid, 5_000)

    assert code_of(finance.post("/refunds/DEV-10001/payout", {"out_of": "cash"})) == (409, "refund_not_open")

    assert (refund_of(online, "DEV-10001").status, online.payment().refunded_minor) == ("approved", 0)


def test_a_cancelled_order_gives_back_what_came(ana, number, paid, online, books):  # case 76
    ana.act("POST", f"/orders/{number}/cancel", {})

    [said] = told(online, "order.cancelled")
    assert said["goes_back"] == {"amount_minor": TOTAL, "currency": "COP"}
    online.send(refund_of(online, "DEV-10001").id)
    assert books() == {chart.CLEARING: -FEE, chart.FEES: FEE}
    assert ana.get(f"/orders/{number}").json()["payment_status"] == "refunded"


def test_what_is_paid_after_the_cancellation_goes_back(ana, number, online, books):  # case 76
    ana.act("POST", f"/orders/{number}/payment-link")
    online.open()
    online.press("captured")
    ana.act("POST", f"/orders/{number}/cancel", {})

    online.check()

    assert told(online, "payment.recorded")[0]["goes_back"]["amount_minor"] == TOTAL
    online.send(refund_of(online, "DEV-10001").id)
    assert chart.ADVANCES not in books()


def test_a_link_of_a_cancelled_order_is_void(ana, number, online):  # case 80
    ana.act("POST", f"/orders/{number}/payment-link")
    online.open()
    ana.act("POST", f"/orders/{number}/cancel", {})
    online.check()

    assert "ya no sirve" in online.press("captured").text


def test_what_a_smaller_order_needs_no_more_is_the_customers(ana, number, online, paid, finance):
    whole = ana.order((SODA, "2"), (BREAD, "1"))["number"]
    finance.pay(whole, 714_000 + 620_000 + DELIVERY_FEE)
    shown = ana.act("POST", f"/orders/{whole}/changes", {"changes": [{"op": "remove", "sku": SODA}]})
    ana.act("POST", f"/orders/{whole}/changes/{shown.json()['confirmation']}")

    assert finance.balance(ana.id) == 714_000


def test_money_that_came_by_hand_goes_back_by_hand(ana, number, finance, online, books):
    payment = finance.pay(number, TOTAL)
    asked = finance.post(
        f"/payments/{payment['number']}/refunds", {"amount_minor": 100_000, "currency": "COP", "reason": "Faltó pan"}
    ).json()
    assert (asked["way"], asked["status"]) == ("manual", "approved")
    online.send(refund_of(online, asked["number"]).id)
    assert refund_of(online, asked["number"]).status == "approved"

    done = finance.post(f"/refunds/{asked['number']}/payout", {"out_of": "cash", "reference": "R-1"}).json()

    assert done["status"] == "succeeded"
    assert books() == {chart.BANK: TOTAL, chart.CASH: -100_000, chart.ADVANCES: TOTAL - 100_000}
    assert code_of(finance.post(f"/refunds/{asked['number']}/payout", {"out_of": "cash"})) == (409, "refund_not_open")


class Lossy(httpx.BaseTransport):
    """Hands refunds on, and loses the answer as often as asked; `refuses` says no instead."""

    def __init__(self, inner, losses=0, refuses=False):
        self.inner, self.losses, self.refuses, self.asked = inner, losses, refuses, 0

    def handle_request(self, request):
        if not request.url.path.endswith("/refunds"):
            return self.inner.handle_request(request)
        self.asked += 1
        if self.refuses:
            return httpx.Response(409)
        answer = self.inner.handle_request(request)
        if self.asked <= self.losses:
            raise httpx.ReadTimeout("lost", request=request)
        return answer


def over(online, **given):
    transport = Lossy(online.transport, **given)
    online.providers = Providers({"demo": Demo("http://provider", online.secret, transport=transport)})
    return transport


def test_a_refund_of_which_nobody_knows_is_looked_for_before_it_is_tried_again(paid, online, finance, books):  # case 68
    lossy = over(online, losses=1)
    answer = ask(finance, paid, 5_000)
    assert send(online, answer).status == "unknown"
    with online.database.write() as session:
        assert enqueue_unsettled_refunds(session, clock.now(), 10) == 1

    assert send(online, answer).status == "succeeded"

    assert (lossy.asked, online.payment().refunded_minor) == (1, 5_000)
    assert books()[chart.ADVANCES] == TOTAL - 5_000


def test_a_refund_that_the_provider_refuses_is_the_customers_again(ana, number, paid, online, finance):
    over(online, refuses=True)
    answer = ask(finance, paid, 5_000)

    assert send(online, answer).status == "failed"

    assert len(told(online, "refund.failed")) == 1
    assert ask(finance, paid, TOTAL).status_code == 201


def test_a_refund_that_comes_back_is_booked_back(paid, online, finance, books):  # case 76
    answer = ask(finance, paid, 5_000)
    send(online, answer)
    before = online.demo.look(paid.provider_ref)
    failed = replace(before, refunds=tuple(replace(each, status="failed") for each in before.refunds))

    for _ in range(2):
        with online.database.write() as session:
            fold(session, session.merge(online.payment()), failed, "demo")

    assert (online.payment().refunded_minor, books()[chart.ADVANCES]) == (0, TOTAL)
    assert refund_of(online, "DEV-10001").status == "failed"
    assert len(told(online, "refund.failed")) == 1


@pytest.mark.parametrize(("sent_minor", "seen_minor"), [(5_000, 5_001), (None, TOTAL + 1)])
def test_a_refund_of_another_amount_goes_to_review_and_is_never_booked(
    paid, online, finance, books, sent_minor, seen_minor
):
    """Ours, of which the provider tells another amount; or one of its own pages, of more than came."""
    if sent_minor is not None:
        send(online, ask(finance, paid, sent_minor))
    else:
        online.demo.refund(paid.provider_ref, "by hand", "", 20_000)
    seen = online.demo.look(paid.provider_ref)
    other = replace(seen, refunds=tuple(replace(each, amount_minor=seen_minor) for each in seen.refunds))
    before = books()

    with online.database.write() as session:
        fold(session, session.merge(online.payment()), other, "demo")

    assert (online.payment().status, online.payment().refunded_minor) == ("review", sent_minor or 0)
    assert books() == before


def test_a_refund_made_in_the_providers_own_pages_reaches_the_books(
    number, paid, online, finance, bill, books
):  # case 75
    bill(number, {BREAD: 1})
    online.demo.refund(paid.provider_ref, "by hand", "", 20_000)

    online.check()
    online.check()

    assert (online.payment().refunded_minor, finance.due(number)) == (20_000, 20_000)
    assert (books()[chart.RECEIVABLE], books()[chart.CLEARING]) == (20_000, TOTAL - FEE - 20_000)
    [said] = told(online, "refund.unexpected")
    assert said["amount"]["amount_minor"] == 20_000


def test_a_chargeback_is_kept_apart_and_nothing_is_got_ready(ana, number, paid, online, finance, books):  # case 76
    online.press("disputed")
    online.check()

    assert books() == {
        chart.CLEARING: -FEE,
        chart.DISPUTED: TOTAL,
        chart.ADVANCES: TOTAL,
        chart.FEES: FEE,
    }
    assert (ana.get(f"/orders/{number}").json()["status"], len(told(online, "payment.disputed"))) == ("on_hold", 1)
    assert code_of(ask(finance, online.payment(), 1)) == (409, "payment_disputed")

    online.press("shop_wins")
    assert online.check().status == "captured"
    assert books() == {chart.CLEARING: TOTAL - FEE, chart.ADVANCES: TOTAL, chart.FEES: FEE}


def test_an_order_is_cancelled_whose_money_its_customers_bank_holds(ana, number, paid, online, count_rows):
    online.press("disputed")
    online.check()

    assert ana.act("POST", f"/orders/{number}/cancel", {}).status_code == 200

    assert (online.payment().status, count_rows(Refund)) == ("disputed", 0)


def test_a_chargeback_that_is_lost_is_an_expense_for_what_was_invoiced(
    number, paid, online, bill, books, finance
):  # case 76
    bill(number, {BREAD: 1})
    online.press("disputed")
    online.press("shop_loses")

    online.check()
    online.check()

    assert (books()[chart.CHARGEBACKS], books()[chart.CLEARING]) == (TOTAL, -FEE)
    assert (chart.DISPUTED in books(), online.payment().status, finance.due(number)) == (False, "lost", 0)


def test_a_chargeback_of_what_nobody_got_is_no_expense(ana, number, paid, online, books):  # case 76
    online.press("disputed")
    online.check()
    online.press("shop_loses")
    online.check()

    assert books() == {chart.CLEARING: -FEE, chart.FEES: FEE}
    assert ana.get(f"/orders/{number}").json()["due"]["amount_minor"] == TOTAL


def test_what_the_balance_paid_is_balance_again_after_a_credit_note(ana, online, finance, bill, credit, books):
    first = ana.order((BREAD, "1"))["number"]
    finance.pay(first, 2 * TOTAL)
    bill(first, {BREAD: 1}, "shipment:1")
    second = ana.order((BREAD, "1"))["number"]
    bill(second, {BREAD: 1}, "shipment:2")
    assert finance.balance(ana.id) == 0

    credit("FV-2", (1, 1), with_delivery=True)

    assert finance.balance(ana.id) == TOTAL
    assert (books()[chart.ADVANCES], chart.RECEIVABLE in books()) == (TOTAL, False)
