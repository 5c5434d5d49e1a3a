"""Booking what a provider says in a process that is killed at each of its words to the database, or twice at once."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import count

import pytest
from sqlalchemy import text

from backend.audit import audit
from backend.catalog.shop import set_up_shop, shop
from backend.events import Event
from backend.ledger import chart
from backend.ledger.models import JournalEntry, Posting
from backend.orders.models import OrderEntry
from backend.payments.models import BalanceEntry, Payment, PaymentEvent, Settlement
from backend.payments.providers import Opened, Providers, Seen
from backend.workflows.check_payment import check_payment
from backend.workflows.start_payment import open_at_provider
from kernel.db import Database
from tests.backend.killing import run_and_kill_at
from tests.backend.shopper import BREAD, DELIVERY_FEE

TOTAL = 620_000 + DELIVERY_FEE
FEE = 25_500
TABLES = (PaymentEvent, JournalEntry, Posting, Settlement, BalanceEntry, OrderEntry, Event)


class Paid:
    """A provider at which everything is paid."""

    code = "demo"
    merchant = None

    def open(self, asked):
        return Opened("ref_1", "http://pay/ref_1")

    def look(self, provider_ref):
        return Seen("captured", TOTAL, FEE, "COP")


def check(url, payment_id):
    check_payment(Database(url, pool_size=1), Providers({"demo": Paid()}), payment_id)


@pytest.fixture
def payment_id(ana, database, market):
    """A payment whose page is there, and paid."""
    with database.write() as session:
        facts = shop(session)
        session.execute(text("DELETE FROM oms_shop"))
        set_up_shop(session, replace(facts, online_provider="demo"))
    number = ana.order((BREAD, "1"))["number"]
    assert ana.act("POST", f"/orders/{number}/payment-link").status_code == 201
    with database.read() as session:
        found = session.query(Payment).one().id
    open_at_provider(database, Providers({"demo": Paid()}), found, "http://shop")
    return found


def test_a_payment_killed_at_any_statement_is_booked_whole_or_not(
    payment_id, database, database_url, count_rows, books
):  # case 47
    def written():
        with database.read() as session:
            assert audit(session, has_worker=False) == []
            payment = session.get_one(Payment, payment_id)
            state = payment.status, payment.captured_minor, payment.fee_minor
        return [count_rows(model) for model in TABLES], state, books()

    before = written()
    assert before[1:] == (("pending", 0, 0), {})

    for word in count(1):
        if not run_and_kill_at(word, check, database_url, payment_id):
            break
        assert written() == before, f"killed at {word}"

    assert word > 12, "booking a payment takes more than a dozen statements"
    after = written()
    assert after[1:] == (
        ("captured", TOTAL, FEE),
        {chart.CLEARING: TOTAL - FEE, chart.ADVANCES: TOTAL, chart.FEES: FEE},
    )
    check(database_url, payment_id)
    assert written() == after, "asking again changes nothing"


def test_a_webhook_and_the_reconciliation_raced_book_a_payment_once(payment_id, database, count_rows, books):  # case 67
    providers = Providers({"demo": Paid()})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: check_payment(database, providers, payment_id), range(16)))

    assert books() == {chart.CLEARING: TOTAL - FEE, chart.ADVANCES: TOTAL, chart.FEES: FEE}
    assert (count_rows(PaymentEvent), count_rows(JournalEntry)) == (1, 2)
