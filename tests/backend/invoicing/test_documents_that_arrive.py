"""A document on its way: its files by mail and by link, the proof that it arrived, the e-invoicing provider."""

from datetime import timedelta

import httpx
import pytest
import time_machine
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from backend.events import Event
from backend.invoicing import providers, submissions
from backend.invoicing.models import Invoice, InvoiceProof
from backend.invoicing.providers import Outcome, Submission
from backend.mail.models import Mail
from backend.mail.post import PostOffice
from backend.trail import AuditEntry
from backend.workflows.announce_event import announce_event
from backend.workflows.link_invoice import LASTS
from backend.workflows.make_invoice_files import make_invoice_files
from backend.workflows.send_mail import send_mail
from backend.workflows.submit_invoice import submit_invoice
from comanda.documents import create_app
from kernel import clock
from tests.backend.mail.post_box import PostBox
from tests.backend.shopper import BREAD, SODA, Http, code_of, staff_as

TOTAL = "$17.340"


@pytest.fixture
def issued(ana, warehouse, database):
    """The facts of `invoice.issued`, of two sodas and a bread that left."""
    with database.write() as session:
        session.execute(text("UPDATE oms_customer SET email = 'ana@example.com', name = 'Ana'"))
    number = ana.order((SODA, "2"), (BREAD, "1"))["number"]
    warehouse.ship_all(f"{number}-1")
    with database.read() as session:
        return session.query(Event).filter_by(kind="invoice.issued").one()


@pytest.fixture
def page(app, settings):
    settings.backend_url = "http://oms"
    with Http(create_app(settings, httpx.ASGITransport(app))) as client:

        def ask(url, rest="", method="GET", **given):
            return client.request(method, "/" + url.rpartition("/")[2] + rest, follow_redirects=False, **given)

        yield ask


@pytest.fixture
def finance(http):
    count = iter(range(1, 100))

    def ask(method, path, body=None):
        headers = staff_as("finance") | {"Idempotency-Key": f"act:{next(count)}"}
        return http.request(method, path, json=body, headers=headers)

    return ask


def proofs(database):
    with database.read() as session:
        return [(each.kind, each.reason, each.who) for each in session.query(InvoiceProof).order_by(InvoiceProof.id)]


def kinds(database):
    with database.read() as session:
        return [each.kind for each in session.query(Event).order_by(Event.id)]


def the_invoice(database):
    with database.read() as session:
        return session.scalars(select(Invoice.id)).one()


def test_the_letter_carries_both_files_and_that_it_was_sent_is_proof(issued, database):
    with PostBox() as box:
        with database.write() as session:
            announce_event(session, issued.id)
        with database.read() as session:
            mail_id = session.scalars(select(Mail.id).where(Mail.document == "FV-1")).one()
        assert proofs(database) == []
        send_mail(database, PostOffice.at(box.url, "tienda@esquina.example", timeout_s=5), mail_id)
        [mail] = box.mails

    assert mail["Subject"] == "Factura FV-1 de tu pedido PED-10001"
    files = make_invoice_files(database, "FV-1")
    assert {part.get_filename(): part.get_content() for part in mail.iter_attachments()} == {
        "FV-1.pdf": files["pdf"].content,
        "FV-1.xml": files["xml"].content,
    }
    assert issued.payload["document_url"] in mail.get_body(("plain",)).get_content()
    assert proofs(database) == [("sent", None, "mail:ana@example.com")]


def test_the_link_shows_the_document_and_that_its_file_was_fetched_is_noted_once(issued, page, database):
    url = issued.payload["document_url"]
    shown = page(url)

    assert shown.status_code == 200
    assert "Factura FV-1" in shown.text
    assert TOTAL in shown.text
    assert "Invoice FV-1" in page(url, "?lang=en").text
    assert proofs(database) == []
    pdf = page(url, "/pdf")
    assert (pdf.headers["content-type"], pdf.content[:5]) == ("application/pdf", b"%PDF-")
    assert pdf.headers["content-disposition"] == 'attachment; filename="FV-1.pdf"'
    assert page(url, "/xml").content == make_invoice_files(database, "FV-1")["xml"].content
    assert proofs(database) == [("opened", None, "link")]


def test_a_link_that_is_not_ours_or_is_over_opens_nothing(issued, page, database):
    url = issued.payload["document_url"]

    assert page("x/" + "A" * 50).status_code == 404
    assert page(url[:-1] + ("A" if url[-1] != "A" else "B"), "/pdf").status_code == 404
    with time_machine.travel(clock.now() + LASTS + timedelta(seconds=1)):
        assert (page(url).status_code, page(url, "/pdf").status_code) == (410, 410)
        assert page(url, "/accepted", "POST").status_code == 410
    assert proofs(database) == []


def test_an_answer_is_given_once_and_a_rejection_says_why(issued, page, finance, database):
    url = issued.payload["document_url"]

    assert page(url, "/rejected", "POST", data={"reason": "  "}).status_code == 422
    assert proofs(database) == []
    assert page(url, "/rejected", "POST", data={"reason": "Falta un pan"}).status_code == 303
    assert page(url, "/rejected", "POST", data={"reason": "Falta un pan"}).status_code == 303
    assert page(url, "/accepted", "POST").status_code == 303
    assert proofs(database) == [("rejected", "Falta un pan", "link")]
    assert "La estamos revisando" in page(url).text
    with database.read() as session:
        [told] = session.query(Event).filter_by(kind="invoice.rejected").all()
    assert (told.payload["document"], told.payload["reason"]) == ("FV-1", "Falta un pan")

    entered = finance("POST", "/staff/invoices/FV-1/proof", {"answer": "accepted"})
    assert [each["kind"] for each in entered.json()["proofs"]] == ["rejected", "accepted"]
    assert entered.json() == finance("GET", "/staff/invoices/FV-1/proof").json()
    refused = finance("POST", "/staff/invoices/FV-1/proof", {"answer": "rejected"})
    assert code_of(refused) == (422, "rejection_without_reason")
    assert kinds(database).count("invoice.rejected") == 1


def test_sent_once_more_it_goes_to_chat_and_mail_and_is_in_the_trail(issued, http, database):
    headers = staff_as("agent") | {"Idempotency-Key": "act:again"}
    for _ in range(2):
        assert http.request("POST", "/staff/invoices/fv-1/sending", headers=headers).json()["number"] == "FV-1"

    with database.read() as session:
        [told] = session.query(Event).filter_by(kind="invoice.sent").all()
        [entry] = session.query(AuditEntry).filter_by(subject="fv-1").all()
    gone = issued.payload | {"document_url": told.payload["document_url"]}
    assert (told.subject, told.payload) == ("PED-10001", gone)
    assert told.payload["document_url"].startswith("http")
    assert (entry.act, entry.who, entry.result) == ("POST /staff/invoices/{number}/sending", "staff:someone", "FV-1")
    with database.write() as session:
        announce_event(session, told.id)
    with database.read() as session:
        [mail] = session.query(Mail).filter_by(key=f"invoice.sent:{told.id}").all()
    assert (mail.subject, mail.document) == ("FV-1 de tu pedido PED-10001", "FV-1")


def test_proof_is_not_changed(issued, page, database):
    page(issued.payload["document_url"], "/accepted", "POST")

    for change in ("UPDATE oms_invoice_proof SET kind = 'rejected', reason = 'x'", "DELETE FROM oms_invoice_proof"):
        with pytest.raises(DBAPIError, match="append-only"), database.write() as session:
            session.execute(text(change))


def test_the_local_provider_looks_a_document_over_and_acknowledges_it_once(issued, finance, database):
    submit_invoice(database, the_invoice(database))
    submit_invoice(database, the_invoice(database))

    told = finance("GET", "/staff/invoices/FV-1/proof").json()["submission"]
    assert (told["provider"], told["status"], told["attempts"]) == ("local", "accepted", 1)
    assert told["reference"].startswith("LOCAL-")
    assert code_of(finance("POST", "/staff/invoices/FV-1/submission")) == (409, "submission_not_failed")


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda xml: b"<Invoice", "this is no XML"),
        (lambda xml: xml.replace(b">FV-1<", b">FV-2<", 1), "the number"),
        (lambda xml: xml.replace(b"</cbc:UUID>", b"0</cbc:UUID>"), "the fingerprint"),
        (lambda xml: xml.replace(b">6000.00</cbc:Line", b">6000.01</cbc:Line"), "the lines do not add up"),
    ],
)
def test_the_local_provider_refuses_what_is_wrong(issued, database, spoil, reason):
    xml = make_invoice_files(database, "FV-1")["xml"].content
    fingerprint = xml.split(b"</cbc:UUID>")[0].rpartition(b">")[2].decode()
    whole = Submission("invoice:FV-1", "invoice", "FV-1", fingerprint, xml)
    spoilt = Submission("invoice:FV-1", "invoice", "FV-1", fingerprint, spoil(xml))

    assert providers.provider_of("local").submit(whole).kind == "accepted"
    assert providers.provider_of("local").submit(spoilt).kind == "refused"
    assert providers.provider_of("local").submit(spoilt).reason.startswith(reason)


class Elsewhere:
    """A provider that answers what it is told, and remembers what it was asked."""

    code = "local"

    def __init__(self, *answers):
        self.answers, self.asked = list(answers), []

    def submit(self, submission):
        self.asked.append(submission)
        return self.answers.pop(0)


def test_a_provider_that_is_away_is_asked_again_with_the_same_key_and_then_given_up(
    issued, finance, database, monkeypatch
):
    away = Outcome("later", reason="ConnectError")
    elsewhere = Elsewhere(away, away, away, Outcome("accepted", reference="DIAN-7"))
    monkeypatch.setitem(providers.registered(), "local", elsewhere)
    invoice_id = the_invoice(database)

    for status in ("pending", "pending", "failed"):
        submit_invoice(database, invoice_id, waits_s=(1.0, 1.0))
        with database.read() as session:
            assert submissions.find(session, invoice_id).status == status
    finance("POST", "/staff/invoices/FV-1/submission")
    submit_invoice(database, invoice_id)

    told = finance("GET", "/staff/invoices/FV-1/proof").json()["submission"]
    assert (told["status"], told["reference"]) == ("accepted", "DIAN-7")
    assert {(each.key, each.xml) for each in elsewhere.asked} == {
        ("invoice:FV-1", make_invoice_files(database, "FV-1")["xml"].content)
    }
