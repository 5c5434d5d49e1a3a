"""What may be done with reminders and promises: note them, find and end promises."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.base import insert_if_absent
from backend.reminders.models import PaymentPromise, Reminder
from kernel import clock
from kernel.ids import new_id


def note(session: Session, invoice_id: str, stage: str, open_minor: int) -> bool:
    """The customer is reminded; False when they were of this stage before. Records: one Reminder."""
    row = {"id": new_id(), "invoice_id": invoice_id, "stage": stage, "open_minor": open_minor}
    return insert_if_absent(session, Reminder, row | {"reminded_at": clock.now()})


def promise(
    session: Session, customer_id: str, promised_on: date, amount_minor: int, currency: str, said: str | None
) -> PaymentPromise:
    """The (locked) customer's promise, in place of an open one. Records: a PaymentPromise."""
    for before in _open(session, customer_id):
        end(before, "replaced")
    made = PaymentPromise(
        id=new_id(),
        customer_id=customer_id,
        promised_on=promised_on,
        amount_minor=amount_minor,
        currency=currency,
        said=said,
        state="open",
        made_at=clock.now(),
        ended_at=None,
    )
    session.add(made)
    session.flush()
    return made


def end(given: PaymentPromise, state: str) -> None:
    given.state, given.ended_at = state, clock.now()


def _open(session: Session, customer_id: str) -> Sequence[PaymentPromise]:
    query = select(PaymentPromise).where(PaymentPromise.customer_id == customer_id, PaymentPromise.state == "open")
    return session.scalars(query).all()


def open_promises(session: Session, limit: int) -> Sequence[PaymentPromise]:
    """All that are open, the first day first, locked."""
    query = select(PaymentPromise).where(PaymentPromise.state == "open")
    return session.scalars(query.order_by(PaymentPromise.promised_on).limit(limit).with_for_update()).all()


def page(session: Session, state: str | None, limit: int) -> Sequence[PaymentPromise]:
    """Promises, the latest first."""
    query = select(PaymentPromise).order_by(PaymentPromise.id.desc()).limit(limit)
    if state is not None:
        query = query.where(PaymentPromise.state == state)
    return session.scalars(query).all()
