"""Real processes that record payments of one order: twenty at once, and one that is killed at each of its words."""

from itertools import count

from backend.audit import audit
from backend.events import Event
from backend.ledger import chart
from backend.ledger.models import JournalEntry, Posting
from backend.orders.models import OrderEntry
from backend.payments.models import BalanceEntry, Payment, PaymentEvent, Settlement
from tests.backend import killing
from tests.backend.shopper import BREAD, DELIVERY_FEE
from tests.backend.storm import Storm, pay

PROCESSES = 20
TOTAL = 620_000 + DELIVERY_FEE
# Twenty of these are twice what is owed, and eleven do not come out even.
PART = TOTAL // 10


def test_one_key_in_twenty_processes_is_one_payment(ana, bill, database_url, count_rows, books):  # case 67
    number = ana.order((BREAD, "1"))["number"]
    bill(number, {BREAD: 1})

    with Storm(database_url, PROCESSES) as storm:
        answers = storm.rage([(pay, number, TOTAL, "transfer:1")] * PROCESSES)

    assert answers == ["PAG-10001"] * PROCESSES
    assert [count_rows(model) for model in (Payment, PaymentEvent, Settlement, JournalEntry)] == [1, 1, 1, 2]
    assert (books()[chart.BANK], chart.RECEIVABLE in books()) == (TOTAL, False)


def test_twenty_payments_of_one_invoice_pay_it_whole_and_the_rest_is_the_customers(
    ana, bill, finance, database_url, count_rows, books
):  # case 76
    number = ana.order((BREAD, "1"))["number"]
    bill(number, {BREAD: 1})

    with Storm(database_url, PROCESSES) as storm:
        answers = storm.rage([(pay, number, PART + 1, f"transfer:{one}") for one in range(PROCESSES)])

    assert sorted(answers) == [f"PAG-{10_001 + one}" for one in range(PROCESSES)]
    came = PROCESSES * (PART + 1)
    assert (count_rows(Payment), count_rows(Settlement), count_rows(BalanceEntry)) == (20, 10, 11)
    assert finance.balance(ana.id) == came - TOTAL
    assert (books()[chart.BANK], books()[chart.ADVANCES], chart.RECEIVABLE in books()) == (came, came - TOTAL, False)


def test_a_transfer_killed_at_any_statement_is_recorded_whole_or_not(
    ana, bill, database, database_url, count_rows, books
):  # case 47
    number = ana.order((BREAD, "1"))["number"]
    bill(number, {BREAD: 1})
    tables = (Payment, PaymentEvent, JournalEntry, Posting, Settlement, BalanceEntry, OrderEntry, Event)

    def written():
        with database.read() as session:
            assert audit(session, has_worker=False) == []
        return [count_rows(model) for model in tables], books()

    before = written()
    for word in count(1):
        if not killing.run_and_kill_at(word, killing.pay, database_url, number, TOTAL + 5_000, "transfer:1"):
            break
        assert written() == before, f"killed at {word}"

    assert word > 15, "recording a payment takes more than a dozen statements"
    after = written()
    assert (after[1][chart.BANK], after[1][chart.ADVANCES]) == (TOTAL + 5_000, 5_000)
    killing.pay(database_url, number, TOTAL + 5_000, "transfer:1")
    assert written() == after, "the same act again changes nothing"
