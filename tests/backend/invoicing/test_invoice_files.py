"""The files of documents, judged by programs that others wrote."""

import hashlib

import pytest
from lxml import etree
from peppol import check_rules
from peppol.xsd import validate_xsd
from sqlalchemy import text

from backend.invoicing import service as invoicing
from backend.invoicing.cufe import tax_number
from backend.invoicing.models import InvoiceFile
from backend.workflows.issue_debit_note import issue_debit_note
from backend.workflows.make_invoice_files import _context as context_of
from backend.workflows.make_invoice_files import _page as page_of
from backend.workflows.make_invoice_files import make_invoice_files
from tests.backend.shopper import BREAD, MILK, SODA

NS = {
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
}


@pytest.fixture
def number(ana, bill):
    order = ana.order((SODA, "2"), (BREAD, "1"), (MILK, "1"))["number"]
    bill(order, {SODA: 2, BREAD: 1, MILK: 1})
    return "FV-1"


def amounts(tree, path):
    return [element.text for element in tree.findall(path, NS)]


def test_the_files_are_made_once(number, database, count_rows):
    first, again = make_invoice_files(database, number), make_invoice_files(database, number)

    assert {form: file.content for form, file in first.items()} == {form: file.content for form, file in again.items()}
    assert count_rows(InvoiceFile) == 2
    assert first["pdf"].sha256 == hashlib.sha256(first["pdf"].content).hexdigest()


def test_the_pdf_of_three_lines_is_one_page(number, database):
    pdf = make_invoice_files(database, number)["pdf"].content

    assert pdf.startswith(b"%PDF-")
    assert pdf.count(b"/Type/Pages/Count 1/") == 1


def test_the_xml_of_an_invoice_is_ubl_and_its_sums_are_the_invoices(number, database):  # case 78
    written = make_invoice_files(database, number)["xml"].content
    tree = etree.fromstring(written)

    assert judged(written) == []
    assert amounts(tree, "cac:LegalMonetaryTotal/cbc:LineExtensionAmount") == ["16404.76"]
    assert amounts(tree, "cac:LegalMonetaryTotal/cbc:ChargeTotalAmount") == ["4000.00"]
    assert amounts(tree, "cac:LegalMonetaryTotal/cbc:PayableAmount") == ["21840.00"]
    assert amounts(tree, "cac:TaxTotal/cbc:TaxAmount") == ["1435.24"]
    assert amounts(tree, "cac:TaxTotal/cac:TaxSubtotal/cbc:TaxAmount") == ["0.00", "295.24", "1140.00"]
    [fingerprint] = amounts(tree, "cbc:UUID")
    assert len(fingerprint) == 96


def test_the_notes_are_ubl_too_and_name_their_invoice(number, database, credit):  # case 78
    credit(number, (1, 1), with_delivery=True)
    written = make_invoice_files(database, "NC-1")["xml"].content
    tree = etree.fromstring(written)

    assert judged(written) == []
    assert amounts(tree, "cac:BillingReference/cac:InvoiceDocumentReference/cbc:ID") == ["FV-1"]
    assert amounts(tree, "cac:LegalMonetaryTotal/cbc:PayableAmount") == ["7570.00"]
    with database.write() as session:
        issue_debit_note(session, number, 119_000, "standard", reason="Otro viaje", cause="d:1", who="staff:1")
    # The judge has no schema for debit notes; their sums are looked at here.
    tree = etree.fromstring(make_invoice_files(database, "ND-1")["xml"].content)
    assert amounts(tree, "cac:RequestedMonetaryTotal/cbc:PayableAmount") == ["1190.00"]


def test_they_obey_the_rules_of_invoicing_that_others_check(number, database, ana, bill, credit):  # case 78
    with database.write() as session:
        session.execute(text("UPDATE oms_customer SET withholding_rate = '0.025', tax_id = '900.123.456-7'"))
    withheld = bill(ana.order((SODA, "2"), (BREAD, "1"))["number"], {SODA: 2, BREAD: 1}, "shipment:2").invoice
    credit(withheld.number, (1, 1), with_delivery=True)

    assert withheld.withheld_minor == 29_762
    for document in (number, withheld.number, "NC-1"):
        written = make_invoice_files(database, document)["xml"].content
        assert judged(written) == []
        assert [str(each) for each in check_rules(written) if each.severity == "fatal"] == []
    # What is withheld is told beside what is to pay, and the fingerprint is over the whole.
    tree = etree.fromstring(make_invoice_files(database, withheld.number)["xml"].content)
    assert amounts(tree, "cac:LegalMonetaryTotal/cbc:PayableAmount") == ["17340.00"]
    assert amounts(tree, "cac:WithholdingTaxTotal/cbc:TaxAmount") == ["297.62"]


def test_a_credit_note_has_nothing_to_pay_and_no_day_to_pay_it(number, database, credit):
    credit(number, (1, 2))
    with database.read() as session:
        note = invoicing.find(session, "NC-1")
        page = page_of(session, note, context_of(session, note))

    assert [name for name, _ in page["facts"]] == ["Fecha", "Pedido", "Corrige"]
    assert (page["total"]["name"], page["words"]["qr"]) == ("A tu favor", "Huella del documento (CUDE)")
    assert [line["quantity"] for line in page["lines"]] == ["2 unidades"]


def test_a_wrong_date_is_found_by_the_judge(number, database):
    written = make_invoice_files(database, number)["xml"].content

    assert judged(written.replace(b"<cbc:DueDate>2", b"<cbc:DueDate>X")) != []


def test_an_english_customer_gets_an_english_pdf(number, database, ana, bill):
    with database.write() as session:
        session.execute(text("UPDATE oms_customer SET language = 'en'"))
    english = bill(ana.order((SODA, "1"))["number"], {SODA: 1}, "shipment:2").invoice.number

    assert make_invoice_files(database, english)["pdf"].content != make_invoice_files(database, number)["pdf"].content


@pytest.mark.parametrize(
    ("written", "read"), [("900.555.134-7", "900555134"), ("222222222222", "222222222222"), ("", "")]
)
def test_the_check_digit_is_not_part_of_a_tax_number(written, read):
    assert tax_number(written) == read


def judged(written: bytes) -> list[str]:
    """What the official UBL 2.1 schemas find wrong."""
    return list(validate_xsd(written)[1])
