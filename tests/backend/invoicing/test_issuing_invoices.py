from datetime import UTC, datetime

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError, OperationalError

from backend.events import Event
from backend.invoicing.errors import (
    LineNotInvoiced,
    NotAnInvoice,
    NothingToInvoice,
    SeriesUsedUp,
    TooMuchToCredit,
)
from backend.invoicing.models import Invoice, InvoiceLine
from backend.ledger import chart
from backend.ledger import service as ledger
from backend.ledger.errors import PeriodClosed
from backend.ledger.models import JournalEntry
from backend.orders import service as orders
from backend.pricing import share
from backend.workflows.issue_debit_note import issue_debit_note
from tests.backend.shopper import BREAD, DELIVERY_FEE, MILK, SODA

# Two sodas: 7,140.00 of which 1,140.00 is IVA; a bread: 6,200.00 of which 295.24.
SODAS, SODAS_TAX = 714_000, 114_000
LOAF, LOAF_TAX = 620_000, 29_524


@pytest.fixture
def number(ana):
    return ana.order((SODA, "2"), (BREAD, "1"))["number"]


def balances(database):
    with database.read() as session:
        return {line.code: line.balance_minor for line in ledger.trial_balance(session) if line.balance_minor}


def test_an_invoice_bills_what_was_agreed_and_is_booked(number, bill, database):
    issued = bill(number, {SODA: 2, BREAD: 1})

    invoice = issued.invoice
    assert (invoice.number, invoice.kind, invoice.withheld_minor) == ("FV-1", "invoice", 0)
    assert invoice.tax_minor == SODAS_TAX + LOAF_TAX
    assert invoice.subtotal_minor == SODAS + LOAF - invoice.tax_minor
    assert invoice.delivery_minor == DELIVERY_FEE
    assert invoice.total_minor == invoice.payable_minor == SODAS + LOAF + DELIVERY_FEE
    assert [(line.position, line.sku, line.base_quantity, line.gross_minor) for line in issued.lines] == [
        (1, SODA, 2, SODAS),
        (2, BREAD, 1, LOAF),
    ]
    assert invoice.buyer["tax_id"] == "222222222222"
    assert balances(database) == {
        chart.RECEIVABLE: invoice.total_minor,
        chart.SALES: invoice.subtotal_minor,
        chart.DELIVERY_INCOME: DELIVERY_FEE,
        chart.TAX_PAYABLE: invoice.tax_minor,
    }


def test_each_shipment_has_its_invoice_and_together_they_are_the_order(number, bill, database):
    first = bill(number, {SODA: 1}, "shipment:1")
    second = bill(number, {SODA: 1, BREAD: 1}, "shipment:2")

    assert [(each.invoice.number, each.invoice.delivery_minor) for each in (first, second)] == [
        ("FV-1", DELIVERY_FEE),
        ("FV-2", 0),
    ]
    assert first.invoice.total_minor + second.invoice.total_minor == SODAS + LOAF + DELIVERY_FEE
    assert first.invoice.tax_minor + second.invoice.tax_minor == SODAS_TAX + LOAF_TAX
    assert balances(database)[chart.RECEIVABLE] == SODAS + LOAF + DELIVERY_FEE


def test_the_same_cause_is_billed_once(number, bill, count_rows, database):
    first, again = bill(number, {SODA: 2}), bill(number, {SODA: 2})

    assert first.invoice.id == again.invoice.id
    assert (count_rows(Invoice), count_rows(InvoiceLine), count_rows(JournalEntry)) == (1, 1, 1)
    with database.read() as session:
        told = session.query(Event).filter(Event.kind == "invoice.issued").one()
    assert told.payload["document"] == "FV-1"


def test_no_more_is_invoiced_than_was_ordered(number, bill, count_rows):
    with pytest.raises(NothingToInvoice):
        bill(number, {SODA: 3})
    assert count_rows(Invoice) == 0
    bill(number, {SODA: 1}, "shipment:1")

    with pytest.raises(NothingToInvoice):
        bill(number, {SODA: 2}, "shipment:2")

    assert (count_rows(Invoice), count_rows(InvoiceLine), count_rows(JournalEntry)) == (1, 1, 1)


def test_nothing_shipped_is_nothing_to_invoice(number, bill, count_rows):
    with pytest.raises(NothingToInvoice):
        bill(number, {MILK: 1})

    assert (count_rows(Invoice), count_rows(JournalEntry)) == (0, 0)


def test_a_number_that_was_rolled_back_is_given_out_again(number, bill, database):  # case 77
    with database.write() as session:
        session.execute(text("UPDATE oms_books SET closed_through = '2100-01-01'"))
    with pytest.raises(PeriodClosed):
        bill(number, {SODA: 2})
    with database.write() as session:
        session.execute(text("UPDATE oms_books SET closed_through = NULL"))

    assert bill(number, {SODA: 2}).invoice.number == "FV-1"


def test_numbers_end_with_the_resolution(number, bill, database, count_rows):
    with database.write() as session:
        session.execute(
            text("UPDATE oms_invoice_series SET resolution = :resolution WHERE kind = 'invoice'"),
            {"resolution": '{"number": "1", "from": 1, "to": 1, "valid_until": "2100-01-01"}'},
        )
    bill(number, {SODA: 1}, "shipment:1")

    with pytest.raises(SeriesUsedUp):
        bill(number, {SODA: 1}, "shipment:2")
    assert (count_rows(Invoice), count_rows(JournalEntry)) == (1, 1)


def test_a_document_belongs_to_the_day_of_the_shop(number, bill):  # case 132
    with time_machine.travel(datetime(2027, 1, 1, 4, 59, 58, tzinfo=UTC), tick=False):
        invoice = bill(number, {SODA: 2}).invoice

    assert (invoice.issued_on.isoformat(), invoice.due_on.isoformat()) == ("2026-12-31", "2026-12-31")


def test_tax_withheld_by_law_is_not_to_pay(number, bill, database, ana):
    with database.write() as session:
        session.execute(text("UPDATE oms_customer SET withholding_rate = '0.025', tax_id = '900.123.456-7'"))

    invoice = bill(number, {SODA: 2}).invoice
    assert invoice.withheld_minor == 15_000
    assert invoice.payable_minor == SODAS + DELIVERY_FEE - 15_000
    assert balances(database)[chart.WITHHELD] == 15_000
    assert balances(database)[chart.RECEIVABLE] == invoice.payable_minor


@pytest.mark.parametrize("table", ["oms_invoice", "oms_invoice_line"])
def test_what_is_issued_stays(number, bill, database, table):
    bill(number, {SODA: 2})

    for change in (f"UPDATE {table} SET tax_minor = tax_minor", f"DELETE FROM {table}"):
        with pytest.raises(DBAPIError, match=f"{table} is append-only"), database.write() as session:
            session.execute(text(change))


def test_a_credit_note_takes_a_part_back_at_its_share(number, bill, credit, database):  # case 135
    bill(number, {SODA: 2, BREAD: 1})

    first = credit("FV-1", (1, 1), cause="return:1").invoice
    assert (first.number, first.total_minor, first.tax_minor) == ("NC-1", SODAS // 2, SODAS_TAX // 2)
    second = credit("FV-1", (1, 1), (2, 1), with_delivery=True, cause="return:2").invoice
    assert first.total_minor + second.total_minor == SODAS + LOAF + DELIVERY_FEE
    assert balances(database) == {chart.SALES: 1_190_476, chart.SALES_RETURNED: -1_190_476}


@pytest.mark.parametrize(
    ("credits", "with_delivery", "refusal"),
    [
        ([(1, 3)], False, TooMuchToCredit),
        ([(1, 1), (1, 2)], False, TooMuchToCredit),
        ([(9, 1)], False, LineNotInvoiced),
        ([], False, NothingToInvoice),
    ],
)
def test_more_than_was_billed_is_not_credited(number, bill, credit, count_rows, credits, with_delivery, refusal):
    bill(number, {SODA: 2, BREAD: 1})

    with pytest.raises(refusal):
        credit("FV-1", *credits, with_delivery=with_delivery)
    assert (count_rows(Invoice), count_rows(JournalEntry)) == (1, 1)


def test_the_delivery_is_credited_once(number, bill, credit, count_rows):
    bill(number, {SODA: 2})
    credit("FV-1", with_delivery=True, cause="return:1")

    with pytest.raises(TooMuchToCredit):
        credit("FV-1", with_delivery=True, cause="return:2")
    assert count_rows(Invoice) == 2


def test_the_same_credit_again_is_the_same_note(number, bill, credit, count_rows):
    bill(number, {SODA: 2})

    assert credit("FV-1", (1, 2)).invoice.id == credit("FV-1", (1, 2)).invoice.id
    assert count_rows(Invoice) == 2


def test_a_note_corrects_an_invoice_and_no_note(number, bill, credit):
    bill(number, {SODA: 2})
    credit("FV-1", (1, 1))

    with pytest.raises(NotAnInvoice):
        credit("NC-1", (1, 1), cause="return:2")


def test_the_tax_withheld_shrinks_with_what_is_credited(number, bill, credit, database):  # case 135
    with database.write() as session:
        session.execute(text("UPDATE oms_customer SET withholding_rate = '0.025', tax_id = '900.123.456-7'"))
    bill(number, {SODA: 2, BREAD: 1})

    notes = [credit("FV-1", (1, 1), cause="return:1"), credit("FV-1", (1, 1), (2, 1), with_delivery=True, cause="r:2")]

    assert [note.invoice.withheld_minor for note in notes] == [7_500, 22_262]
    assert balances(database) == {chart.SALES: 1_190_476, chart.SALES_RETURNED: -1_190_476}


def test_a_note_waits_for_who_holds_the_order(number, bill, credit, database):
    if database.is_sqlite:
        pytest.skip("one writes at a time anyway")
    bill(number, {SODA: 2})
    impatient = event.listens_for(database.engine, "begin")(lambda on: on.exec_driver_sql("SET lock_timeout = 300"))

    with database.write() as session:
        orders.find_any(session, number, lock=True)
        with pytest.raises(OperationalError, match="lock timeout"):
            credit("FV-1", (1, 1))

    event.remove(database.engine, "begin", impatient)
    assert credit("FV-1", (1, 1)).invoice.number == "NC-1"


def test_a_debit_note_adds_to_what_is_owed(number, bill, database):
    before = bill(number, {SODA: 2}).invoice.total_minor
    with database.write() as session:
        note = issue_debit_note(
            session, "FV-1", 119_000, "standard", reason="Segundo intento", cause="debit:1", who="staff:1"
        ).invoice

    assert (note.number, note.subtotal_minor, note.tax_minor) == ("ND-1", 100_000, 19_000)
    assert balances(database)[chart.RECEIVABLE] == before + 119_000


@given(
    whole=st.integers(0, 10**12),
    parts=st.lists(st.integers(1, 50), min_size=1, max_size=12),
)
def test_the_shares_of_any_parts_add_up_to_the_whole(whole, parts):  # case 134
    quantity, before, shares = sum(parts), 0, []
    for part in parts:
        shares.append(share(whole, quantity, before, part))
        before += part

    assert sum(shares) == whole
    assert all(abs(got - whole * part / quantity) <= 1 for got, part in zip(shares, parts, strict=True))
