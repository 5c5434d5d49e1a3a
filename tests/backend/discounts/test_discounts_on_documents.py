"""A discount on what is billed, credited, booked and given back: every share exact."""

import pytest
from lxml import etree
from peppol import check_rules

from backend.ledger import chart
from backend.ledger import service as ledger
from backend.workflows.make_invoice_files import _context as context_of
from backend.workflows.make_invoice_files import _page as page_of
from backend.workflows.make_invoice_files import make_invoice_files
from tests.backend.discounts.test_discounts import minor, say
from tests.backend.invoicing.test_invoice_files import amounts, judged
from tests.backend.shopper import BREAD, DELIVERY_FEE, SODA, staff_as


@pytest.fixture
def order(ana, put):
    """Three sodas and a bread, 7 % off: 1,691,000 less 118,370."""
    put("SIETE", percent="7")
    ana.add(SODA, "3")
    ana.add(BREAD)
    say(ana, "SIETE")
    return ana.order()


def test_the_invoices_of_parts_and_their_notes_add_up(order, bill, credit, database):
    first, second = bill(order["number"], {SODA: 2}), bill(order["number"], {SODA: 1, BREAD: 1}, "shipment:2")

    total = 1_691_000 - 118_370 + DELIVERY_FEE
    assert first.invoice.total_minor + second.invoice.total_minor == minor(order, "total")[0] == total
    # Without tax, as the lines are: 1,071,000 ÷ 1.19 − 996,030 ÷ 1.19, and 620,000 ÷ 1.05 − 576,600 ÷ 1.05.
    assert [line.discount_minor for line in (*first.lines, *second.lines)] == [42_000, 21_000, 41_333]
    notes = [credit(first.invoice.number, (1, 1), cause="r:1"), credit(first.invoice.number, (1, 1), cause="r:2")]
    assert sum(note.invoice.total_minor for note in notes) == first.invoice.total_minor - DELIVERY_FEE
    assert sum(line.discount_minor for note in notes for line in note.lines) == 42_000
    with database.read() as session:
        books = {line.code: line.balance_minor for line in ledger.trial_balance(session)}
    assert books[chart.SALES] == first.invoice.subtotal_minor + second.invoice.subtotal_minor


@pytest.mark.parametrize("include_tax", [True, False])
def test_the_xml_says_what_was_taken_off_each_line(ana, put, bill, credit, database, http, include_tax):  # case 78
    headers = staff_as("admin") | {"Idempotency-Key": "prices"}
    http.request("PUT", "/staff/shop/prices", json={"include_tax": include_tax}, headers=headers)
    put("SIETE", percent="7")
    ana.add(SODA, "3")
    ana.add(BREAD)
    say(ana, "SIETE")
    number = ana.order()["number"]
    bill(number, {SODA: 3, BREAD: 1})
    credit("FV-1", (1, 2))

    for document in ("FV-1", "NC-1"):
        written = make_invoice_files(database, document)["xml"].content
        assert judged(written) == []
        assert [str(each) for each in check_rules(written) if each.severity == "fatal"] == []
    tree = etree.fromstring(make_invoice_files(database, "FV-1")["xml"].content)
    taken = ["630.00", "413.33"] if include_tax else ["749.70", "434.00"]
    assert amounts(tree, "cac:InvoiceLine/cac:AllowanceCharge/cbc:Amount") == taken


def test_the_pdf_names_the_discount(order, bill, database):
    full = bill(order["number"], {SODA: 3, BREAD: 1})
    with database.read() as session:
        page = page_of(session, full, context_of(session, full))

    assert [(row["name"], row["value"]) for row in page["sums"][:3]] == [
        ("Antes del descuento, sin IVA", "$14.905"),
        ("Cupón SIETE", "-$1.043"),
        ("Subtotal sin IVA", "$13.861"),
    ]
