"""What may be done with refunds: open one, find it, list them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from backend import counters
from backend.base import columns_of
from backend.payments.errors import RefundNotFound
from backend.payments.models import Payment, Refund
from backend.persons import is_of
from kernel import clock
from kernel.ids import new_id

NUMBER_PREFIX = "DEV-"


@dataclass(frozen=True, slots=True)
class NewRefund:
    """See Refund; `key` names the logical act, so that it is opened once."""

    key: str
    payment_id: str
    order_id: str | None
    customer_id: str
    currency: str
    amount_minor: int
    way: str
    reason: str
    requested_by: str
    credit_note_id: str | None = None


def open_refund(session: Session, new: NewRefund) -> Refund:
    """The refund that was asked for; nobody approved it yet. Callers ask `of_key` first.

    Records: Refund.
    """
    refund = Refund(
        id=new_id(),
        number=f"{NUMBER_PREFIX}{counters.next_value(session, 'refund')}",
        status="requested",
        requested_at=clock.now(),
        **columns_of(new),
    )
    session.add(refund)
    session.flush()
    return refund


def of_key(session: Session, key: str) -> Refund | None:
    return session.scalar(select(Refund).where(Refund.key == key))


def by_id(session: Session, refund_id: str) -> Refund:
    return session.get_one(Refund, refund_id)


def locked(session: Session, refund_id: str) -> Refund:
    """The refund, locked. Its payment is locked before it, always."""
    return session.get_one(Refund, refund_id, with_for_update=True, populate_existing=True)


def find(session: Session, number: str) -> Refund:
    """Raises: RefundNotFound."""
    found = session.scalar(select(Refund).where(Refund.number == number.strip().upper()))
    if found is None:
        raise RefundNotFound()
    return found


def of_payment(session: Session, payment_id: str) -> list[Refund]:
    """The refunds of the (locked) payment, locked, oldest first."""
    query = select(Refund).where(Refund.payment_id == payment_id).order_by(Refund.id).with_for_update()
    return list(session.scalars(query.execution_options(populate_existing=True)))


def of_customer(session: Session, customer_id: str, limit: int) -> list[Refund]:
    """The customer's refunds, newest first."""
    query = select(Refund).where(is_of(Refund.customer_id, customer_id)).order_by(Refund.id.desc())
    return list(session.scalars(query.limit(limit)))


def page(session: Session, status: str | None, before: str | None, limit: int) -> list[Refund]:
    """Refunds, newest first, from before the number `before`."""
    query = select(Refund).order_by(Refund.id.desc()).limit(limit)
    if status is not None:
        query = query.where(Refund.status == status)
    if before is not None:
        query = query.where(Refund.id < select(Refund.id).where(Refund.number == before).scalar_subquery())
    return list(session.scalars(query))


def unsettled(session: Session, before: datetime, limit: int) -> list[Refund]:
    """Refunds by providers, approved and without an end, of payments that were last looked at before an instant."""
    last = func.coalesce(Payment.checked_at, Payment.created_at)
    waits = and_(Refund.way == "provider", Refund.status.in_(("approved", "sent", "unknown")))
    is_late = or_(last < before, and_(Refund.status == "approved", Refund.approved_at < before))
    query = select(Refund).join(Payment, Payment.id == Refund.payment_id).where(waits, is_late).order_by(Refund.id)
    return list(session.scalars(query.limit(limit)))
