"""What a provider says of a day is compared with our books: each planted difference is found, and nothing else."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select, text

from backend.catalog.service import shop, shop_day
from backend.catalog.shop import set_up_shop
from backend.events import Event
from backend.ledger import chart
from backend.payments.models import Payment, PaymentAlert, PaymentEvent
from backend.payments.providers import Day, Listed, Opened, Outcome, Payout, Providers, Seen
from backend.payments.providers.stripe import Stripe
from backend.workflows.check_payment import check_payment
from backend.workflows.compare_provider_day import compare_provider_day, enqueue_comparisons
from backend.workflows.start_payment import open_at_provider
from kernel import clock
from tests.backend.payments.at_provider import ask
from tests.backend.payments.stripe_peer import SECRET, StripePeer
from tests.backend.payments.test_paying_online import captured, webhook
from tests.backend.shopper import BREAD, DELIVERY_FEE, code_of

TOTAL = 620_000 + DELIVERY_FEE
FEE = 25_500
NET = TOTAL - FEE
DEMO_FEE = TOTAL * 25 // 1000


class World:
    """A provider with a list that a test may spoil; `seen` is what it says of the one payment when asked."""

    code, merchant = "demo", None

    def __init__(self):
        self.is_away = False
        self.seen = Seen("open", 0, 0, "COP")
        self.listed, self.payouts = [], []

    def open(self, asked):
        return Opened("ref_1", "http://pay/ref_1")

    def look(self, provider_ref):
        return self.seen

    def day(self, since, until):
        if self.is_away:
            raise Outcome("away", is_known=False)
        return Day(self.listed, self.payouts)


@pytest.fixture
def world():
    return World()


@pytest.fixture
def peer():
    made = StripePeer()
    yield made
    made.close()


@pytest.fixture
def today(market, database):
    with database.read() as session:
        return shop_day(shop(session))


@pytest.fixture
def compare(world, database, today):
    def work(on=today):
        return compare_provider_day(database, Providers({"demo": world}), "demo", on)

    return work


@pytest.fixture
def made(ana, world, database, market):
    """A payment that was made at the provider, of which no webhook told."""
    with database.write() as session:
        facts = shop(session)
        session.execute(text("DELETE FROM oms_shop"))
        set_up_shop(session, replace(facts, online_provider="demo"))
    number = ana.order((BREAD, "1"))["number"]
    assert ana.act("POST", f"/orders/{number}/payment-link").status_code == 201
    with database.read() as session:
        payment_id = session.query(Payment).one().id
    open_at_provider(database, Providers({"demo": world}), payment_id, "http://shop")
    world.seen = Seen("captured", TOTAL, FEE, "COP")
    world.listed = [Listed("ch_1", "PAG-10001", TOTAL, 0, FEE, "COP")]
    return payment_id


@pytest.fixture
def paid(made, world, database):
    """The same, and we know of it."""
    check_payment(database, Providers({"demo": world}), made)


@pytest.fixture
def raised(database):
    def look():
        with database.read() as session:
            alerts = session.scalars(select(PaymentAlert).order_by(PaymentAlert.id))
            return [(alert.kind, alert.subject) for alert in alerts]

    return look


def test_where_both_say_the_same_there_is_no_alert_and_payouts_are_booked(paid, world, compare, raised, books):
    world.payouts = [Payout("po_1", NET, "COP")]

    assert [compare(), compare()] == [0, 0]

    assert raised() == []
    assert books() == {chart.BANK: NET, chart.ADVANCES: TOTAL, chart.FEES: FEE}


def test_a_webhook_that_was_lost_is_made_up_for_and_no_difference(made, compare, raised, books):  # case 70
    assert compare() == 0

    assert raised() == []
    assert books() == {chart.CLEARING: NET, chart.ADVANCES: TOTAL, chart.FEES: FEE}


def more(world, **given):
    world.listed = [replace(world.listed[0], **given)]


def vanish(world):
    world.listed, world.seen = [], Seen("open", 0, 0, "COP")


PLANTED = {
    "missing_here": lambda world: world.listed.append(Listed("ch_9", None, 5_000, 0, 0, "COP")),
    "missing_there": vanish,
    "captured_differs": lambda world: more(world, captured_minor=TOTAL - 100),
    "refunded_differs": lambda world: more(world, refunded_minor=100),
    "fee_differs": lambda world: more(world, fee_minor=FEE - 1),
    "currency_differs": lambda world: more(world, currency="USD"),
    "payout_differs": lambda world: setattr(world, "payouts", [Payout("po_1", NET - 1, "COP")]),
}
ABOUT = {"missing_here": "ch_9", "payout_differs": "po_1"}


@pytest.mark.parametrize("kind", sorted(PLANTED))
def test_each_planted_difference_is_found_once(paid, world, compare, raised, database, books, kind):  # case 75
    world.payouts = [Payout("po_1", NET, "COP")]
    assert compare() == 0
    before = books()

    PLANTED[kind](world)

    assert [compare(), compare()] == [1, 0]
    assert raised() == [(kind, ABOUT.get(kind, "PAG-10001"))]
    assert books() == before, "a difference is for a person: nothing is booked by itself"
    with database.read() as session:
        [told] = session.query(Event).filter(Event.kind == "payment.alert")
    assert (told.payload["alert"], told.payload["provider"]) == (kind, "demo")


def test_a_payout_that_the_provider_takes_back_is_found(paid, world, compare, raised):  # case 75
    world.payouts = [Payout("po_1", NET, "COP")]
    assert compare() == 0

    world.payouts = []

    assert compare() == 1
    assert raised() == [("payout_differs", "po_1")]


def test_what_the_provider_lists_on_the_day_before_is_no_difference(paid, world, compare, raised):
    world.listed = []

    assert compare() == 0
    assert raised() == []


def test_a_payment_of_another_day_is_not_looked_for(paid, world, compare, raised, today):
    vanish(world)

    assert compare(today - timedelta(days=1)) == 0


def test_while_the_provider_is_away_nobody_is_accused(paid, world, compare, raised):
    world.is_away = True

    with pytest.raises(Outcome):
        compare()
    assert raised() == []


def test_finance_sees_an_alert_until_it_is_closed(paid, world, compare, finance):  # case 75
    PLANTED["fee_differs"](world)
    compare()

    [alert] = finance.get("/payment-alerts")["alerts"]
    assert (alert["kind"], alert["about"], alert["provider"]) == ("fee_differs", "PAG-10001", "demo")
    assert (alert["facts"]["ours"], alert["facts"]["theirs"]) == (FEE, FEE - 1)
    done = finance.post(f"/payment-alerts/{alert['id']}/close", {"note": "Descuento de la pasarela"})
    assert (done.status_code, done.json()["closed_by"]) == (200, "staff:someone")
    again = finance.post(f"/payment-alerts/{alert['id']}/close", {"note": "Otra vez"})
    assert code_of(again) == (409, "payment_alert_closed")
    assert finance.get("/payment-alerts")["alerts"] == []
    assert [each["note"] for each in finance.get("/payment-alerts?state=closed")["alerts"]] == [
        "Descuento de la pasarela"
    ]
    assert code_of(finance.post("/payment-alerts/nobody/close", {"note": "x"})) == (404, "payment_alert_not_found")


@pytest.mark.parametrize(
    ("hour_utc", "named"), [(7, []), (8, ["demo:2026-11-25", "demo:2026-11-24", "demo:2026-11-23"])]
)
def test_the_last_three_days_are_compared_every_night_from_three_on(market, database, hour_utc, named):
    with time_machine.travel(datetime(2026, 11, 26, hour_utc, tzinfo=UTC), tick=False), database.write() as session:
        assert enqueue_comparisons(session, ["demo"]) == named
        assert enqueue_comparisons(session, ["demo"]) == named, "the same night again starts the same work, once"


def test_the_demos_day_is_what_came_what_went_back_and_what_it_paid_out(ana, number, online, database):
    ask(ana, number)
    online.open()
    online.press("captured")
    payment, now = online.check(), clock.now()
    since, until = now - timedelta(hours=1), now + timedelta(hours=1)
    online.demo.refund(payment.provider_ref, "refund:1", "DEV-1", 20_000)

    listed = Listed(payment.provider_ref, payment.number, TOTAL, 20_000, DEMO_FEE, "COP")
    assert online.demo.day(since, until) == Day([listed], [])
    assert online.demo.day(since - timedelta(days=1), since) == Day([], [])
    with time_machine.travel(until, tick=False):
        [payout] = online.demo.day(since, until).payouts
    assert (payout.amount_minor, payout.currency) == (TOTAL - DEMO_FEE - 20_000, "COP")


def test_stripes_day_is_its_charges_those_that_were_refunded_and_its_payouts(peer):  # case 75
    stripe, now = Stripe("sk_test_1", SECRET, peer.url), clock.now()
    since, until = now - timedelta(hours=2), now
    inside, before = int(since.timestamp()) + 1, int(since.timestamp()) - 1

    def charge(name, created, **given):
        balance = {"id": f"txn_{name}", "object": "balance_transaction", "fee": 500, "currency": "cop"}
        facts = {"id": name, "object": "charge", "amount_captured": 10_000, "amount_refunded": 0, "currency": "cop"}
        facts |= {
            "disputed": False,
            "balance_transaction": balance,
            "metadata": {"payment": f"PAG-{name[3:]}"},
            "created": created,
        }
        return facts | given

    old = charge("ch_4", before, amount_refunded=2_500)
    peer.charges = [
        charge("ch_3", inside, amount_captured=0),
        charge("ch_2", inside, metadata={}),
        charge("ch_1", inside),
        old,
    ]
    peer.refund_rows = [{"id": "re_1", "object": "refund", "amount": 2_500, "charge": old, "created": inside}]
    peer.payouts = [
        {"id": "po_2", "object": "payout", "amount": 9_000, "currency": "cop", "status": "failed", "created": inside},
        {"id": "po_1", "object": "payout", "amount": 9_500, "currency": "cop", "status": "paid", "created": inside},
        {"id": "po_0", "object": "payout", "amount": 1, "currency": "cop", "status": "paid", "created": before},
    ]

    assert stripe.day(since, until) == Day(
        [
            Listed("ch_2", None, 10_000, 0, 500, "COP"),
            Listed("ch_1", "PAG-1", 10_000, 0, 500, "COP"),
            Listed("ch_4", "PAG-4", 10_000, 2_500, 500, "COP"),
        ],
        [Payout("po_1", 9_500, "COP")],
    )
    peer.faults = [500]
    with pytest.raises(Outcome) as refused:
        stripe.day(since, until)
    assert not refused.value.is_known


def test_an_event_id_that_is_used_for_another_event_alerts_finance(
    ana, number, online, http, finance, count_rows
):  # case 16
    ask(ana, number)
    payment = online.open()
    said = captured(payment)
    webhook(http, online.secret, said)
    webhook(http, online.secret, said)
    assert finance.get("/payment-alerts")["alerts"] == []

    for _ in range(2):
        other = webhook(http, online.secret, said | {"amount_minor": TOTAL + 1})

    assert other.json() == {"events": 1, "kept": 0}
    [alert] = finance.get("/payment-alerts")["alerts"]
    assert (alert["kind"], alert["about"], alert["facts"]["amount_minor"]) == (
        "event_reused",
        payment.provider_ref,
        TOTAL + 1,
    )
    assert count_rows(PaymentEvent) == 1
