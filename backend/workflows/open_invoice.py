"""Open a document's link: what it shows, that a file of it was fetched, and what its customer answers."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend import events
from backend.invoicing import proofs
from backend.invoicing import service as invoicing
from backend.invoicing.errors import InvoiceAnswered, InvoiceLinkExpired, InvoiceLinkUnknown, RejectionWithoutReason
from backend.invoicing.models import Invoice
from backend.orders import service as orders
from backend.workflows.link_invoice import PURPOSE
from kernel import links

BY_LINK = "link"


def open_invoice(session: Session, token: str) -> Invoice:
    """The document that a link opens.

    Raises: InvoiceLinkUnknown, InvoiceLinkExpired.
    """
    reader = links.carried(session)
    link = reader.read(PURPOSE, token) if reader else None
    if link is None:
        raise InvoiceLinkUnknown()
    if link.is_over:
        raise InvoiceLinkExpired()
    return invoicing.by_id(session, link.id)


def note_opened(session: Session, invoice: Invoice) -> None:
    """A file of the document was fetched by its link: noted the first time.

    Records: at most one InvoiceProof.
    """
    invoicing.find(session, invoice.number, lock=True)
    if all(proof.kind != "opened" for proof in proofs.of_invoice(session, invoice.id)):
        proofs.note(session, invoice.id, "opened", BY_LINK)


def answer_invoice(session: Session, invoice: Invoice, answer: str, reason: str | None, who: str) -> None:
    """What the customer says of a document: `accepted`, or `rejected` and why. The same again changes nothing.

    By the link an answer is given once; finance enters what was agreed afterwards.

    Records: an InvoiceProof; the event `invoice.rejected`.
    Raises: RejectionWithoutReason, InvoiceAnswered.
    """
    if answer == "rejected" and not reason:
        raise RejectionWithoutReason()
    invoicing.find(session, invoice.number, lock=True)
    known = proofs.answer(session, invoice.id)
    if known is not None and known.kind == answer:
        return
    if known is not None and who == BY_LINK:
        raise InvoiceAnswered(number=invoice.number, answer=known.kind)
    reason = reason if answer == "rejected" else None
    proofs.note(session, invoice.id, answer, who, reason)
    if answer == "rejected":
        number = orders.by_id(session, invoice.order_id).order.number
        fact = {"number": number, "customer_id": invoice.customer_id, "document": invoice.number, "reason": reason}
        events.record(session, "invoice.rejected", number, fact)
