"""What the books accept, on both databases."""

from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from backend.ledger import chart, rules, service
from backend.ledger.errors import (
    AccountKept,
    AlreadyReversed,
    EntryNotFound,
    NotBalanced,
    NotByHand,
    NothingToClose,
    PeriodClosed,
)
from backend.ledger.models import JournalEntry, Posting
from backend.ledger.rules import credit, debit
from backend.ledger.service import Fact
from kernel.clock import now
from kernel.ids import new_id

DAY = date(2026, 11, 25)


def fact(key="invoice:FV-1", day=DAY, currency="COP", name="invoice_issued"):
    return Fact(key, name, "PED-10001", currency, day, "system")


def post(database, *legs, **given):
    with database.write() as session:
        return service.post(session, fact(**given), legs)


def balances(database, through_on=None):
    with database.read() as session:
        return {line.code: line.balance_minor for line in service.trial_balance(session, through_on)}


def test_an_invoice_that_is_paid_leaves_nothing_receivable(database):
    with database.write() as session:
        service.post(session, fact("invoice:1"), rules.invoice_issued(10_000, 4_500, 1_900))
        service.post(session, fact("payment:1"), rules.payment_received(chart.BANK, 16_400))

    assert balances(database) == {
        chart.BANK: 16_400,
        chart.RECEIVABLE: 0,
        chart.SALES: 10_000,
        chart.DELIVERY_INCOME: 4_500,
        chart.TAX_PAYABLE: 1_900,
    }


def test_a_fact_is_booked_once(database, count_rows):
    first = post(database, debit(chart.CASH, 100), credit(chart.SALES, 100))
    second = post(database, debit(chart.CASH, 999), credit(chart.SALES, 999))

    assert first == second
    assert (count_rows(JournalEntry), count_rows(Posting)) == (1, 2)
    assert balances(database) == {chart.CASH: 100, chart.SALES: 100}


@pytest.mark.parametrize(
    "legs",
    [
        [debit(chart.CASH, 100), credit(chart.SALES, 99)],
        [debit(chart.CASH, 100)],
        [debit(chart.CASH, 0), credit(chart.SALES, 0)],
        [],
    ],
)
def test_what_does_not_balance_is_not_booked(database, count_rows, legs):
    with pytest.raises(NotBalanced):
        post(database, *legs)

    assert (count_rows(JournalEntry), count_rows(Posting)) == (0, 0)


ENTRY = (
    "INSERT INTO oms_journal_entry (id, key, fact, subject, currency, occurred_on, who, posted_at) "
    "VALUES (:id, :id, 'manual', 'x', 'COP', :day, 'system', :now)"
)
POSTING = (
    "INSERT INTO oms_posting (entry_id, position, account_code, debit_minor, credit_minor) "
    "VALUES (:id, :position, '1105', :debit, :credit)"
)


def by_sql(database, postings, *, day=DAY, late=()):
    """An entry written past our code: postings, the entry, and those that come `late`."""
    entry_id = new_id()

    def write(session, position, sides):
        debit_minor, credit_minor = sides
        given = {"id": entry_id, "position": position, "debit": debit_minor, "credit": credit_minor}
        session.execute(text(POSTING), given)

    with database.write() as session:
        for position, sides in enumerate(postings):
            write(session, position, sides)
        session.execute(text(ENTRY), {"id": entry_id, "day": day, "now": now()})
        for position, sides in enumerate(late, start=len(postings)):
            write(session, position, sides)


@pytest.mark.parametrize("postings", [[(100, 0), (0, 99)], [(100, 0)], []])
def test_the_database_refuses_an_entry_that_does_not_balance(database, count_rows, postings):  # case 72
    with pytest.raises(DBAPIError, match="oms_journal_entry does not balance"):
        by_sql(database, postings)

    assert (count_rows(JournalEntry), count_rows(Posting)) == (0, 0)


def test_the_database_lets_no_posting_into_an_entry_that_is_written(database, count_rows):  # case 72
    with pytest.raises(DBAPIError, match="oms_journal_entry is sealed"):
        by_sql(database, [(100, 0), (0, 100)], late=[(5, 0)])

    assert count_rows(Posting) == 0


def test_the_database_keeps_no_posting_without_an_entry(database, count_rows):  # case 72
    with pytest.raises(IntegrityError), database.write() as session:
        session.execute(text(POSTING), {"id": new_id(), "position": 0, "debit": 1, "credit": 0})

    assert count_rows(Posting) == 0


@pytest.mark.parametrize("sides", [(1, 1), (0, 0), (-1, 0)])
def test_a_posting_is_either_a_debit_or_a_credit(database, sides):
    with pytest.raises(IntegrityError):
        by_sql(database, [sides, sides])


@pytest.mark.parametrize("table", ["oms_journal_entry", "oms_posting", "oms_books_closing"])
def test_what_is_booked_stays(database, table):  # case 72
    post(database, debit(chart.CASH, 100), credit(chart.SALES, 100))
    with database.write() as session:
        service.close(session, DAY, DAY + timedelta(days=1), "staff:1")
    column = "position" if table == "oms_posting" else "id"

    for change in (f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"):
        with pytest.raises(DBAPIError, match=f"{table} is append-only"), database.write() as session:
            session.execute(text(change))


def test_a_reversal_is_the_opposite_and_happens_once(database, count_rows):
    entry_id = post(database, *rules.invoice_issued(10_000, 0, 1_900), name=service.BY_HAND)
    with database.write() as session:
        service.reverse(session, entry_id, DAY, "staff:1", "wrong customer")

    assert balances(database) == {chart.RECEIVABLE: 0, chart.SALES: 0, chart.TAX_PAYABLE: 0}
    with pytest.raises(AlreadyReversed), database.write() as session:
        service.reverse(session, entry_id, DAY, "staff:1", None)
    assert count_rows(JournalEntry) == 2


def test_what_documents_and_payments_booked_is_not_reversed_by_hand(database, count_rows):
    entry_id = post(database, *rules.invoice_issued(10_000, 0, 1_900))

    with pytest.raises(NotByHand) as refused, database.write() as session:
        service.reverse(session, entry_id, DAY, "staff:1", "wrong customer")

    assert refused.value.params == {"fact": "invoice_issued"}
    assert count_rows(JournalEntry) == 1


def test_a_reversal_is_not_reversed(database):
    entry_id = post(database, debit(chart.CASH, 100), credit(chart.CAPITAL, 100), name=service.BY_HAND)
    with database.write() as session:
        undone = service.reverse(session, entry_id, DAY, "staff:1", None)

    with pytest.raises(NotByHand), database.write() as session:
        service.reverse(session, undone, DAY, "staff:1", None)


@pytest.mark.parametrize("account", sorted(chart.KEPT))
def test_nothing_is_posted_by_hand_on_what_documents_keep(database, count_rows, account):
    legs = [debit(account, 100), credit(chart.CAPITAL, 100)]

    with pytest.raises(AccountKept) as refused, database.write() as session:
        service.post_by_hand(session, "1", "COP", DAY, legs, "staff:1", "x")

    assert (refused.value.params, count_rows(JournalEntry)) == ({"account": account}, 0)


def test_what_was_never_booked_cannot_be_reversed(database):
    with pytest.raises(EntryNotFound), database.write() as session:
        service.reverse(session, new_id(), DAY, "staff:1", None)


def test_a_closed_day_takes_nothing_more(database, count_rows):
    post(database, debit(chart.CASH, 100), credit(chart.SALES, 100))
    with database.write() as session:
        service.close(session, DAY, DAY + timedelta(days=1), "staff:1")

    with pytest.raises(PeriodClosed) as refused:
        post(database, debit(chart.CASH, 1), credit(chart.SALES, 1), key="late", day=DAY)
    assert refused.value.params == {"closed_through": "2026-11-25"}
    with pytest.raises(DBAPIError, match="the books are closed for that day"):
        by_sql(database, [(1, 0), (0, 1)], day=DAY)
    assert count_rows(JournalEntry) == 1
    post(database, debit(chart.CASH, 1), credit(chart.SALES, 1), key="next", day=DAY + timedelta(days=1))
    assert balances(database, DAY) == {chart.CASH: 100, chart.SALES: 100}
    assert balances(database) == {chart.CASH: 101, chart.SALES: 101}


@pytest.mark.parametrize("through_on", [DAY, DAY - timedelta(days=1), DAY + timedelta(days=1)])
def test_books_close_forwards_and_never_today(database, through_on):
    today = DAY + timedelta(days=1)
    with database.write() as session:
        service.close(session, DAY, today, "staff:1")

    with pytest.raises(NothingToClose) as refused, database.write() as session:
        service.close(session, through_on, today, "staff:1")
    assert refused.value.params == {"closed_through": "2026-11-25"}


def test_the_chart_of_the_code_is_the_chart_of_the_database(database):
    with database.read() as session:
        kept = [(line.code, line.name_es, line.name_en, line.kind) for line in service.accounts(session)]

    assert kept == sorted(tuple(line) for line in chart.CHART)
