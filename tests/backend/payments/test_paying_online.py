"""A pay link is bound to its order and amount, and only what the provider says, when asked, is booked."""

import itertools
import json
from datetime import timedelta

import httpx
import pytest
import time_machine
from standardwebhooks import Webhook

from backend.ledger import chart
from backend.payments.models import Payment, PaymentEvent
from backend.payments.providers import Providers, Seen
from backend.payments.providers.demo import Demo
from backend.workflows.check_payment import check_payment, enqueue_overdue, fold
from kernel import clock
from tests.backend.payments.at_provider import ask, told
from tests.backend.shopper import DELIVERY_FEE, MILK, code_of

TOTAL = 620_000 + DELIVERY_FEE
FEE = TOTAL * 25 // 1000


def webhook(http, secret, body, *, event_id="evt_1", at=None):
    at, content = at or clock.now(), json.dumps(body)
    headers = {
        "webhook-id": event_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(event_id, at, content),
        "content-type": "application/json",
    }
    return http.request("POST", "/payments/demo/events", content=content, headers=headers)


def captured(payment, **given):
    said = {"payment": payment.provider_ref, "kind": "captured", "amount_minor": TOTAL, "currency": "COP"}
    return said | {"happened_at": clock.now().isoformat()} | given


def test_a_link_is_made_after_the_commit_and_told(ana, number, online, database):
    answer = ask(ana, number)

    assert (answer.status_code, answer.json()["url"], answer.json()["amount"]["amount_minor"]) == (201, None, TOTAL)
    payment = online.open()
    [said] = told(database, "payment.link_ready")
    assert (said["url"], said["amount"]["amount_minor"], payment.status) == (payment.url, TOTAL, "pending")
    assert ask(ana, number).json()["url"] == payment.url


def test_what_is_paid_at_the_provider_is_booked_with_its_fee(ana, number, online, books):
    ask(ana, number)
    online.open()
    assert "Listo" in online.press("captured").text

    payment = online.check()

    assert (payment.status, payment.captured_minor, payment.fee_minor) == ("captured", TOTAL, FEE)
    assert books() == {chart.CLEARING: TOTAL - FEE, chart.ADVANCES: TOTAL, chart.FEES: FEE}
    assert ana.get(f"/orders/{number}").json()["payment_status"] == "paid"
    assert code_of(ask(ana, number)) == (409, "nothing_due")


def test_a_link_is_used_once(ana, number, online, count_rows, books):  # case 80
    ask(ana, number)
    online.open()
    online.press("captured")
    again = online.press("captured")
    online.check()
    online.check()

    assert "Listo" in again.text
    assert (count_rows(Payment), books()[chart.ADVANCES]) == (1, TOTAL)


def test_when_something_else_is_due_the_old_link_is_void(ana, number, online, finance):  # case 80
    ask(ana, number)
    old = online.open()
    finance.pay(number, 100_000)

    new = ask(ana, number).json()
    assert (new["payment"] != old.number, new["amount"]["amount_minor"]) == (True, TOTAL - 100_000)
    check_payment(online.database, online.providers, old.id)

    page = online.browser.post(f"/{old.provider_ref}", data={"wish": "captured"})
    assert "ya no sirve" in page.text
    with online.database.read() as session:
        assert session.get_one(Payment, old.id).status == "expired"


def test_an_expired_link_takes_no_money_and_the_customer_hears_of_it(ana, number, online, database):
    ask(ana, number)
    online.open()
    with time_machine.travel(clock.now() + timedelta(minutes=61), tick=False):
        assert "venció" in online.press("captured").text
        assert online.check().status == "expired"
        online.check()

    [said] = told(database, "payment.expired")
    assert said["amount"]["amount_minor"] == TOTAL


def test_a_declined_payment_is_told_and_another_link_may_be_had(ana, number, online, database):
    ask(ana, number)
    first = online.open()
    online.press("failed")
    assert online.check().status == "failed"

    assert ask(ana, number).json()["payment"] != first.number
    assert len(told(database, "payment.failed")) == 1


def test_a_webhook_that_never_comes_is_made_up_for_by_asking(ana, number, online, database):  # case 70
    ask(ana, number)
    online.open()
    online.press("captured")

    with database.write() as session:
        assert enqueue_overdue(session, clock.now() - timedelta(minutes=2), 10) == 0
        assert enqueue_overdue(session, clock.now() + timedelta(seconds=1), 10) == 1
    assert online.check().status == "captured"


def test_a_webhook_is_kept_once_and_books_nothing_by_itself(ana, number, online, http, count_rows):  # cases 67, 69
    ask(ana, number)
    payment = online.open()

    first, again = (webhook(http, online.secret, captured(payment)) for _ in range(2))

    assert [answer.json() for answer in (first, again)] == [{"events": 1, "kept": 1}, {"events": 1, "kept": 0}]
    assert count_rows(PaymentEvent) == 1
    assert online.check().captured_minor == 0


def test_an_event_of_an_unknown_payment_is_parked(online, http, database):  # case 69
    answer = webhook(http, online.secret, captured(Payment(provider_ref="demo_nobody")))

    assert answer.json() == {"events": 1, "kept": 1}
    with database.read() as session:
        assert session.query(PaymentEvent).one().outcome == "parked"


@pytest.mark.parametrize("minutes", [-10, 10])
def test_a_webhook_of_another_time_is_refused(ana, number, online, http, count_rows, minutes):  # case 16
    ask(ana, number)
    payment = online.open()

    answer = webhook(http, online.secret, captured(payment), at=clock.now() + timedelta(minutes=minutes))

    assert code_of(answer) == (403, "payment_signature_refused")
    assert count_rows(PaymentEvent) == 0


def test_no_replay_of_a_genuine_event_counts(ana, number, online, http, books, count_rows):  # case 16
    ask(ana, number)
    said = captured(online.open())
    webhook(http, online.secret, said)
    online.check()
    before = books()

    refused = [
        webhook(http, online.secret, said, at=clock.now() - timedelta(minutes=10)).status_code == 403,
        webhook(http, online.secret, said, at=clock.now() + timedelta(minutes=10)).status_code == 403,
        webhook(http, online.secret, said | {"amount_minor": TOTAL + 1}).json()["kept"] == 0,
    ]
    online.check()

    print(f"replays refused: {sum(refused)} of {len(refused)}")
    assert (refused, count_rows(PaymentEvent), books()) == ([True] * 3, 1, before)


def test_a_webhook_of_someone_else_or_without_sense_is_refused(ana, number, online, http, count_rows):
    ask(ana, number)
    payment = online.open()
    other = "whsec_" + "QUJD" * 11

    assert code_of(webhook(http, other, captured(payment))) == (403, "payment_signature_refused")
    for wrong in (
        {},
        captured(payment, kind="rich"),
        captured(payment, amount_minor="5"),
        [],
        captured(payment, happened_at="x"),
    ):
        assert code_of(webhook(http, online.secret, wrong)) == (422, "unreadable_payment_event")
    assert code_of(http.request("POST", "/payments/nobody/events", content=b"{}")) == (
        404,
        "payment_provider_not_found",
    )
    assert count_rows(PaymentEvent) == 0


def seen(status, captured=0, fee=0, currency="COP", **more):
    """As the demo's provider would say it of the first payment."""
    return Seen(status, captured, fee, currency, **{"number": "PAG-10001", "merchant": "demo"} | more)


STATES = [
    seen("open"),
    seen("captured", TOTAL, FEE),
    seen("failed"),
    seen("captured", TOTAL),
    seen("expired"),
    seen("open"),
]


def test_in_whatever_order_it_is_learned_the_end_is_the_same(ana, number, online, database):  # case 69
    ask(ana, number)
    payment_id = online.open().id

    class Undone(Exception):
        pass

    ends = set()
    for order in dict.fromkeys(itertools.permutations(STATES)):
        try:
            with database.write() as session:
                payment = session.get_one(Payment, payment_id)
                for state in order:
                    fold(session, payment, state, "demo")
                ends.add((payment.status, payment.captured_minor, payment.fee_minor))
                raise Undone
        except Undone:
            pass

    assert ends == {("captured", TOTAL, FEE)}


@pytest.mark.parametrize(
    "other",
    [
        seen("captured", TOTAL, currency="USD"),
        seen("captured", TOTAL + 1),
        seen("captured", TOTAL, number="PAG-99999"),
        seen("captured", TOTAL, merchant="someone else"),
    ],
    ids=["currency", "amount", "payment", "merchant"],
)
def test_money_that_is_not_what_was_asked_goes_to_review_and_is_never_paid(
    ana, number, online, database, books, other
):  # case 69
    ask(ana, number)
    payment_id = online.open().id

    with database.write() as session:
        fold(session, session.get_one(Payment, payment_id), other, "demo")
        fold(session, session.get_one(Payment, payment_id), STATES[1], "demo")

    assert (online.payment().status, online.payment().captured_minor, books()) == ("review", 0, {})
    assert len(told(database, "payment.review")) == 1


class Broken(httpx.BaseTransport):
    """Hands the request on, and loses the answer as often as asked."""

    def __init__(self, inner, losses):
        self.inner, self.losses, self.keys = inner, losses, []

    def handle_request(self, request):
        if request.url.path == "/payments":
            self.keys.append(json.loads(request.content)["key"])
        answer = self.inner.handle_request(request)
        self.losses -= 1
        if self.losses >= 0:
            raise httpx.ReadTimeout("lost", request=request)
        return answer


def test_an_unknown_outcome_is_tried_again_with_the_same_key(ana, number, online):  # case 68
    ask(ana, number)
    broken = Broken(online.transport, losses=2)
    online.providers = Providers({"demo": Demo("http://provider", online.secret, transport=broken)})

    assert [online.open().status for _ in range(3)] == ["unknown", "unknown", "pending"]
    assert (len(broken.keys), len(set(broken.keys))) == (3, 1)


def test_a_link_that_was_never_made_ends_with_its_time(ana, number, online, database):
    ask(ana, number)
    online.providers = Providers({"demo": Demo("http://provider", online.secret, Broken(online.transport, losses=99))})
    assert online.open().status == "unknown"

    with time_machine.travel(clock.now() + timedelta(minutes=61), tick=False):
        assert online.open().status == "expired"
    assert (len(told(database, "payment.expired")), told(database, "payment.link_ready")) == (1, [])


def test_what_the_provider_refuses_to_make_is_told(ana, number, online, database):
    ask(ana, number)
    online.providers = Providers({"demo": Demo("http://provider", "another secret", online.transport)})

    assert online.open().status == "failed"
    assert len(told(database, "payment.failed")) == 1


def test_nobody_gets_a_link_for_someone_elses_order(ana, beto, number, count_rows):
    assert code_of(ask(beto, number)) == (404, "order_not_found")
    assert count_rows(Payment) == 0


def test_a_shop_without_a_provider_says_so(ana, database, count_rows):
    number = ana.order((MILK, "1"))["number"]

    assert code_of(ask(ana, number)) == (409, "no_online_payment")
    assert count_rows(Payment) == 0


def test_only_the_oms_speaks_to_the_providers_api(online):
    assert [
        online.browser.request(*call).status_code
        for call in (
            ("POST", "/payments"),
            ("GET", "/payments/x"),
            ("POST", "/payments/x/cancel"),
            ("POST", "/payments/x/refunds"),
        )
    ] == [403] * 4
    assert online.browser.get("/demo_nobody").status_code == 404


def test_the_pay_page_speaks_both_languages_and_says_that_it_is_a_demo(ana, number, online):
    ask(ana, number)
    ref = online.open().provider_ref

    for language, words in (("es", "Aquí no se mueve dinero de verdad"), ("en", "No real money moves here")):
        page = online.browser.get(f"/{ref}?lang={language}")
        assert (page.status_code, words in page.text) == (200, True)
    assert "default-src 'none'" in page.headers["content-security-policy"]
