"""Write to a customer about a fact of their order, if they gave an e-mail address."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.catalog.shop import shop
from backend.customers import service as customers
from backend.customers.models import Customer
from backend.events import MAILED, Event
from backend.mail import letters
from backend.mail import service as mails

# Facts the customer should know of even when they want no news of orders: something changes, or they must act.
NECESSARY = frozenset(
    {
        "order.held", "order.cancelled", "pickup.ready", "fulfillment.short", "invoice.issued", "credit_note.issued",
        "debit_note.issued", "invoice.sent", "return.accepted", "return.rejected", "return.resolved",
        "return.cancelled", "return.bounced",
    }
)  # fmt: skip


def write_customer(session: Session, event: Event) -> None:
    """Queue the letter that this fact deserves.

    Records: at most one Mail, named after the fact.
    """
    customer_id = event.payload.get("customer_id")
    if event.kind not in MAILED or customer_id is None:
        return
    customer = session.scalar(select(Customer).where(Customer.id == customer_id))
    if customer is None or customer.email is None:
        return
    if event.kind not in NECESSARY and not customers.preference(session, customer.id).order_updates:
        return
    if event.kind in ("order.cancelled", "return.cancelled") and event.payload.get("by") == "customer":
        # They did it themselves and were told at once.
        return
    if event.kind == "return.inspected" and not event.payload.get("is_whole"):
        return
    if event.kind == "return.requested" and event.payload.get("at_once"):
        # That it is accepted is told instead.
        return
    language = customer.language or shop(session).languages[0]
    letter = letters.write(event.kind, language, shop(session).name, customer.name, event.payload)
    document = event.payload.get("document")
    mails.queue(session, f"{event.kind}:{event.id}", customer.email, letter.subject, letter.text, letter.html, document)
