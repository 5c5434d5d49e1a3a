"""Lock a document: its order first, then its customer, as everyone does who pays, corrects or settles it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend.customers import service as customers
from backend.invoicing import service as invoicing
from backend.invoicing.service import FullInvoice
from backend.orders import service as orders


def lock_document(session: Session, number: str) -> FullInvoice:
    """The document of this number. Itself it needs no lock: it never changes, and what settles it waits for these.

    Raises: InvoiceNotFound.
    """
    found = invoicing.find(session, number)
    orders.by_id(session, found.invoice.order_id, lock=True)
    customers.lock(session, found.invoice.customer_id)
    return found
