"""Stripe's pages, charges, refunds and webhooks, through its own SDK, at a peer that keeps state and fails on call."""

import json
import time
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import text

from backend.catalog.shop import set_up_shop, shop
from backend.ledger import chart
from backend.payments.errors import PaymentSignatureRefused
from backend.payments.models import Payment, PaymentEvent
from backend.payments.providers import Asked, Opened, Outcome, Providers, Seen, SeenDispute, SeenRefund
from backend.payments.providers.stripe import Stripe
from backend.workflows.check_payment import check_payment
from backend.workflows.start_payment import open_at_provider
from kernel import clock
from kernel.config import Settings
from tests.backend.payments.stripe_peer import DISPUTE_FEE, FEE, SECRET, StripePeer, signed
from tests.backend.shopper import BREAD, DELIVERY_FEE, KEY, code_of

TOTAL = 620_000 + DELIVERY_FEE
ASKED = Asked(
    "pay:1", "PAG-1", "PED-1", TOTAL, "COP", "El Parque · PED-1", clock.now() + timedelta(hours=1), "http://shop"
)


@pytest.fixture
def peer():
    made = StripePeer()
    yield made
    made.close()


@pytest.fixture
def stripe(peer):
    return Stripe("sk_test_1", SECRET, peer.url)


@pytest.fixture
def paid_by_link(ana, database, market, stripe, app):
    """An order, and its payment with a page at Stripe."""
    with database.write() as session:
        facts = shop(session)
        session.execute(text("DELETE FROM oms_shop"))
        set_up_shop(session, replace(facts, online_provider="stripe"))
    providers = app.state.providers = Providers({"stripe": stripe})
    number = ana.order((BREAD, "1"))["number"]
    assert ana.act("POST", f"/orders/{number}/payment-link").status_code == 201

    def look(work=check_payment, *more):
        with database.read() as session:
            payment_id = session.query(Payment).one().id
        work(database, providers, payment_id, *more)
        with database.read() as session:
            return session.query(Payment).one()

    look(open_at_provider, "http://shop")
    return look


def post(http, event, **given):
    headers, body = signed(event, **given)
    return http.request("POST", "/payments/stripe/events", content=body, headers=headers)


def test_it_is_there_with_its_keys_and_not_without(tmp_path):
    keys = {"STRIPE_API_KEY": "sk_test_1", "STRIPE_WEBHOOK_SECRET": SECRET}

    def codes(**given):
        settings = Settings(COMANDA_HOME=tmp_path, COMANDA_SECRET=KEY, COMANDA_MODE="production", **given)
        return Providers.of(settings).codes

    assert codes(**keys) == ["stripe"]
    assert [codes(**{name: value}) for name, value in keys.items()] == [[], []]


def test_what_is_paid_there_is_booked_with_its_fee(paid_by_link, peer, books):
    assert paid_by_link().status == "pending"

    peer.pay("cs_test_1")

    payment = paid_by_link()
    assert (payment.status, payment.captured_minor, payment.fee_minor) == ("captured", TOTAL, FEE)
    assert books() == {chart.CLEARING: TOTAL - FEE, chart.ADVANCES: TOTAL, chart.FEES: FEE}


def test_the_page_is_for_that_order_and_amount_and_ends(stripe, peer):  # case 80
    opened = stripe.open(ASKED)

    assert opened == Opened("cs_test_1", "https://checkout.stripe.com/c/pay/cs_test_1")
    page = peer.sessions["cs_test_1"]
    assert (page["amount_total"], page["currency"], page["client_reference_id"]) == (TOTAL, "cop", "PAG-1")
    assert page["expires_at"] == int(ASKED.expires_at.timestamp())


@pytest.mark.parametrize("fault", ["lost", 500, 429, 409])
def test_when_nobody_knows_it_is_asked_again_with_the_same_key(stripe, peer, fault):  # case 68
    peer.faults = [fault]

    with pytest.raises(Outcome) as refused:
        stripe.open(ASKED)
    assert not refused.value.is_known
    again = stripe.open(ASKED)

    assert again.provider_ref == "cs_test_1"
    assert len(peer.sessions) == 1
    assert peer.keys == {"pay:1": 2}


@pytest.mark.parametrize("fault", [400, 401, 403, 404])
def test_a_refusal_is_known(stripe, peer, fault):
    peer.faults = [fault]

    with pytest.raises(Outcome) as refused:
        stripe.open(ASKED)

    assert refused.value.is_known
    assert peer.sessions == {}


def test_the_same_key_for_something_else_is_refused(stripe, peer):  # case 68
    stripe.open(ASKED)

    with pytest.raises(Outcome) as refused:
        stripe.open(replace(ASKED, amount_minor=1))

    assert refused.value.is_known
    assert len(peer.sessions) == 1


@pytest.mark.parametrize("currency", ["ISK", "MGA", "UGX"])
def test_a_currency_that_it_counts_otherwise_is_refused_before_it_is_asked(stripe, peer, currency):
    with pytest.raises(Outcome):
        stripe.open(replace(ASKED, currency=currency))

    assert peer.asked == []


def test_a_page_that_is_given_up_takes_no_money(stripe, peer):  # case 80
    stripe.open(ASKED)

    stripe.cancel("cs_test_1")

    assert stripe.look("cs_test_1") == Seen("expired", 0, 0, "COP", "PAG-1", "test")


def test_one_that_was_paid_meanwhile_stays_paid(stripe, peer):
    stripe.open(ASKED)
    peer.pay("cs_test_1")

    stripe.cancel("cs_test_1")

    assert stripe.look("cs_test_1") == Seen("captured", TOTAL, FEE, "COP", "PAG-1", "test", "pi_cs_test_1")


def test_a_cancellation_that_nobody_heard_of_is_not_taken_for_done(stripe, peer):
    stripe.open(ASKED)
    peer.faults = [500]

    with pytest.raises(Outcome):
        stripe.cancel("cs_test_1")


@pytest.mark.parametrize(("intent", "status"), [("processing", "open"), ("requires_payment_method", "failed")])
def test_a_bank_debit_is_open_until_it_is_known(stripe, peer, intent, status):
    stripe.open(ASKED)

    peer.leave_unpaid("cs_test_1", intent)

    seen = stripe.look("cs_test_1")
    assert (seen.status, seen.captured_minor, seen.charge_ref) == (status, 0, "pi_cs_test_1")


def test_a_fee_in_another_currency_is_not_taken_for_ours(stripe, peer):
    stripe.open(ASKED)
    peer.pay("cs_test_1", fee_in="usd")

    assert stripe.look("cs_test_1").fee_minor == 0


def test_another_currency_goes_to_review(paid_by_link, peer, books):  # case 69
    peer.pay("cs_test_1", currency="usd")

    assert (paid_by_link().status, paid_by_link().captured_minor, books()) == ("review", 0, {})


def test_it_is_refunded_in_part_twice_and_never_more_than_came(stripe, peer):
    stripe.open(ASKED)
    peer.pay("cs_test_1")
    peer.faults = [None, "lost"]

    with pytest.raises(Outcome):
        stripe.refund("cs_test_1", "refund:1", "DEV-1", 20_000)
    assert stripe.refund("cs_test_1", "refund:1", "DEV-1", 20_000) == "re_1"
    assert stripe.refund("cs_test_1", "refund:2", "DEV-2", 1_000_000) == "re_2"
    with pytest.raises(Outcome) as refused:
        stripe.refund("cs_test_1", "refund:3", "DEV-3", 1)

    assert refused.value.is_known
    assert stripe.look("cs_test_1").refunds == (
        SeenRefund("re_1", 20_000, "succeeded", "DEV-1"),
        SeenRefund("re_2", 1_000_000, "succeeded", "DEV-2"),
    )


@pytest.mark.parametrize(
    ("status", "seen"), [("needs_response", "open"), ("under_review", "open"), ("won", "won"), ("lost", "lost")]
)
def test_a_dispute_is_seen_with_what_stripe_keeps_for_it(stripe, peer, status, seen):  # case 76
    stripe.open(ASKED)
    peer.pay("cs_test_1")
    peer.dispute("cs_test_1", status)

    found = stripe.look("cs_test_1")

    assert (found.dispute, found.fee_minor) == (SeenDispute(TOTAL, seen), FEE + DISPUTE_FEE)


def test_an_inquiry_takes_no_money(stripe, peer):
    stripe.open(ASKED)
    peer.pay("cs_test_1")
    peer.dispute("cs_test_1", "warning_under_review")

    found = stripe.look("cs_test_1")

    assert (found.dispute, found.fee_minor) == (None, FEE)


def test_a_webhook_that_names_the_charge_finds_its_payment(paid_by_link, peer, http, database):  # case 69
    peer.pay("cs_test_1")
    assert paid_by_link().charge_ref == "pi_cs_test_1"
    peer.dispute("cs_test_1", "needs_response")

    about = {"id": "dp_1", "object": "dispute", "amount": TOTAL, "currency": "cop", "payment_intent": "pi_cs_test_1"}
    assert post(http, peer.event("charge.dispute.created", about)).json() == {"events": 1, "kept": 1}

    with database.read() as session:
        kept = session.query(PaymentEvent).filter(PaymentEvent.kind == "dispute_opened").one()
    assert (kept.outcome, paid_by_link().status) == ("counted", "disputed")


def test_nothing_is_refunded_where_nothing_was_paid(stripe, peer):
    stripe.open(ASKED)

    with pytest.raises(Outcome) as refused:
        stripe.refund("cs_test_1", "refund:1", "DEV-1", 1)

    assert refused.value.is_known


def test_a_webhook_is_kept_once_and_books_nothing_by_itself(paid_by_link, peer, http, database, books):  # cases 67, 69
    told = peer.event("checkout.session.completed", peer.sessions["cs_test_1"] | {"payment_status": "paid"})

    answers = [post(http, told).json() for _ in range(2)]

    assert answers == [{"events": 1, "kept": 1}, {"events": 1, "kept": 0}]
    with database.read() as session:
        [kept] = session.query(PaymentEvent)
    assert (kept.kind, kept.amount_minor, kept.currency, kept.outcome) == ("captured", TOTAL, "COP", "counted")
    assert (paid_by_link().status, books()) == ("pending", {})


@pytest.mark.parametrize("minutes", [-10, 10])
def test_a_webhook_of_another_time_is_refused(stripe, peer, http, paid_by_link, count_rows, minutes):  # case 16
    told = peer.event("checkout.session.expired", peer.sessions["cs_test_1"])

    answer = post(http, told, at=time.time() + 60 * minutes)

    assert code_of(answer) == (403, "payment_signature_refused")
    assert count_rows(PaymentEvent) == 0


def test_a_genuine_webhook_is_refused_ten_minutes_later(stripe, peer):  # case 16
    headers, body = signed(peer.event("checkout.session.expired", {"id": "cs_1", "object": "checkout.session"}))

    with time_machine.travel(clock.now() + timedelta(minutes=10)), pytest.raises(PaymentSignatureRefused):
        stripe.read(headers, body.encode())


@pytest.mark.parametrize("header", ["", "t=1", "t=x,v1=y", "v1=abc", "t=now,v1=é", "t=9" + "9" * 400])
def test_what_is_not_signed_is_refused(http, paid_by_link, count_rows, header):  # case 16
    sent = header.replace("now", str(int(time.time()))).encode("latin-1")
    answer = http.request("POST", "/payments/stripe/events", content=b"{}", headers={"stripe-signature": sent})

    assert code_of(answer) == (403, "payment_signature_refused")
    assert count_rows(PaymentEvent) == 0


def test_an_altered_webhook_is_refused(peer, http, paid_by_link, count_rows):  # case 16
    headers, body = signed(peer.event("checkout.session.expired", peer.sessions["cs_test_1"]))
    for altered in (body.replace("expired", "completed"), body + " ", "\udcff"):
        answer = http.request(
            "POST", "/payments/stripe/events", content=altered.encode(errors="surrogateescape"), headers=headers
        )
        assert code_of(answer) == (403, "payment_signature_refused")

    assert code_of(post(http, body, secret="whsec_of_someone_else")) == (403, "payment_signature_refused")
    assert count_rows(PaymentEvent) == 0


@pytest.mark.parametrize("wrong", ["[]", "1", "no json", "{}", json.dumps({"type": "charge.refunded", "data": {}})])
def test_what_makes_no_sense_is_refused_though_signed(http, paid_by_link, count_rows, wrong):
    assert code_of(post(http, wrong)) == (422, "unreadable_payment_event")
    assert count_rows(PaymentEvent) == 0


ABOUT = {"id": "x_1", "amount": 7, "amount_refunded": 5, "amount_total": 9, "currency": "cop", "payment_intent": "pi_1"}


@pytest.mark.parametrize(
    ("kind", "about", "means"),
    [
        ("checkout.session.completed", {"payment_status": "paid"}, ("captured", "x_1", 9)),
        ("checkout.session.completed", {"payment_status": "unpaid"}, ("unclear", "x_1", 9)),
        ("checkout.session.async_payment_failed", {}, ("failed", "x_1", 9)),
        ("charge.refunded", {"object": "charge"}, ("refund_succeeded", "pi_1", 5)),
        ("refund.updated", {"object": "refund", "status": "succeeded"}, ("refund_succeeded", "pi_1", 7)),
        ("refund.updated", {"object": "refund", "status": "pending"}, ("unclear", "pi_1", 7)),
        ("refund.failed", {"object": "refund"}, ("refund_failed", "pi_1", 7)),
        ("charge.dispute.created", {"object": "dispute"}, ("dispute_opened", "pi_1", 7)),
        ("charge.dispute.closed", {"object": "dispute", "status": "lost"}, ("dispute_lost", "pi_1", 7)),
    ],
)
def test_what_its_webhooks_mean(stripe, peer, kind, about, means):
    headers, body = signed(peer.event(kind, ABOUT | {"object": "checkout.session"} | about))

    [event] = stripe.read(headers, body.encode())

    assert (event.kind, event.provider_ref, event.amount_minor) == means


def test_what_does_not_concern_us_is_answered_and_forgotten(http, peer, paid_by_link, count_rows):
    assert post(http, peer.event("customer.created", {"id": "cus_1"})).json() == {"events": 0, "kept": 0}
    assert count_rows(PaymentEvent) == 0
