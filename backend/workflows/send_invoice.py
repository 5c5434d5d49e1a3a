"""Send a document to its customer once more: to the chat with its PDF, and by e-mail with its files."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend import events
from backend.invoicing import service as invoicing
from backend.invoicing.service import FullInvoice
from backend.orders import service as orders
from backend.workflows.issue_invoice import told


def send_invoice(session: Session, number: str) -> FullInvoice:
    """The document of this number, said again with a link of its own.

    Records: the event `invoice.sent`, which becomes a letter and a message.
    Raises: InvoiceNotFound.
    """
    issued = invoicing.find(session, number)
    order_number = orders.by_id(session, issued.invoice.order_id).order.number
    events.record(session, "invoice.sent", order_number, told(session, issued, order_number))
    return issued
