"""Promise a payment: the customer names the day by which what they owe is paid, and is left alone until then."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy.orm import Session

from backend import events
from backend.catalog.service import shop, shop_day
from backend.customers import service as customers
from backend.reminders import service as reminders
from backend.reminders.errors import NothingOwed, PromiseOutOfRange
from backend.reminders.models import PaymentPromise
from backend.workflows.open_amounts import open_documents_of_person

FURTHEST = timedelta(days=31)


def promise_payment(session: Session, customer_id: str, promised_on: date, said: str | None) -> PaymentPromise:
    """The promise for all that is open; one that was made before is replaced.

    Records: a PaymentPromise, the event `promise.made`.
    Raises: NothingOwed, PromiseOutOfRange.
    """
    seller = shop(session)
    today = shop_day(seller)
    if not today <= promised_on <= today + FURTHEST:
        raise PromiseOutOfRange(earliest=today.isoformat(), latest=(today + FURTHEST).isoformat())
    customers.lock(session, customer_id)
    documents = open_documents_of_person(session, customer_id)
    owed = [each.open_minor for each in documents if each.currency == seller.currency]
    if sum(owed) <= 0:
        raise NothingOwed()
    made = reminders.promise(session, customer_id, promised_on, sum(owed), seller.currency, said)
    tell_promise(session, made, "promise.made")
    return made


def tell_promise(session: Session, promise: PaymentPromise, kind: str) -> None:
    """Records: the event `kind`, for finance."""
    told = {
        "customer_id": promise.customer_id,
        "promised_on": promise.promised_on.isoformat(),
        "amount": {"amount_minor": promise.amount_minor, "currency": promise.currency},
    }
    events.record(session, kind, promise.customer_id, told)
