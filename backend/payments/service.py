"""What may be done with payments: open one, find it, keep what was said of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, or_, select
from sqlalchemy.orm import Session

from backend import counters
from backend.base import columns_of, insert_if_absent, table_of
from backend.payments.errors import PaymentNotFound
from backend.payments.models import Payment, PaymentEvent
from backend.payments.providers.base import ProviderEvent
from backend.persons import is_of
from kernel import clock
from kernel.ids import new_id

NUMBER_PREFIX = "PAG-"
# The provider of payments that no provider tells of: a person records them, and gives them back.
MANUAL = "manual"
_insert_event = insert(table_of(PaymentEvent))


@dataclass(frozen=True, slots=True)
class NewPayment:
    """See Payment; `key` names the logical act, so that it is opened once."""

    key: str
    order_id: str | None
    customer_id: str
    method: str
    provider: str
    currency: str
    amount_minor: int
    who: str
    reference: str | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What was said of a payment; see PaymentEvent."""

    event_id: str
    kind: str
    amount_minor: int | None
    currency: str | None
    happened_at: datetime
    payload: Mapping[str, Any]
    who: str
    outcome: str = "counted"
    reason: str | None = None


def open_payment(session: Session, new: NewPayment) -> Payment:
    """The payment that was asked for, nothing captured yet. Callers ask `of_key` first.

    Records: Payment.
    """
    payment = Payment(
        id=new_id(),
        number=f"{NUMBER_PREFIX}{counters.next_value(session, 'payment')}",
        status="pending",
        captured_minor=0,
        refunded_minor=0,
        fee_minor=0,
        created_at=clock.now(),
        **columns_of(new),
    )
    session.add(payment)
    session.flush()
    return payment


def of_key(session: Session, key: str) -> Payment | None:
    return session.scalar(select(Payment).where(Payment.key == key))


def by_id(session: Session, payment_id: str) -> Payment:
    return session.get_one(Payment, payment_id)


def locked(session: Session, payment_id: str) -> Payment:
    """The payment, locked. Its order, if it has one, is locked before it, always."""
    return session.get_one(Payment, payment_id, with_for_update=True, populate_existing=True)


def find(session: Session, number: str, *, customer_id: str | None = None) -> Payment:
    """The payment of this number; of this customer, if given.

    Raises: PaymentNotFound, for someone else's too.
    """
    query = select(Payment).where(Payment.number == number.strip().upper())
    if customer_id is not None:
        query = query.where(is_of(Payment.customer_id, customer_id))
    found = session.scalar(query)
    if found is None:
        raise PaymentNotFound()
    return found


def of_orders(session: Session, order_ids: Sequence[str]) -> dict[str, list[Payment]]:
    """The payments of each order, oldest first."""
    found: dict[str, list[Payment]] = {order_id: [] for order_id in order_ids}
    for payment in session.scalars(select(Payment).where(Payment.order_id.in_(order_ids)).order_by(Payment.id)):
        assert payment.order_id is not None, "it was asked for by its order"
        found[payment.order_id].append(payment)
    return found


def keep(session: Session, payment: Payment, said: Said) -> str:
    """Write down what was said of a payment; the id of the row. Records: one PaymentEvent."""
    row = columns_of(said) | {
        "id": new_id(),
        "provider": payment.provider,
        "payment_id": payment.id,
        "provider_ref": payment.provider_ref,
        "received_at": clock.now(),
    }
    session.connection().execute(_insert_event, row)
    return str(row["id"])


def of_ref(session: Session, provider: str, reference: str) -> Payment | None:
    """The payment that the provider calls so: what was opened, or the money that came of it."""
    is_it = or_(Payment.provider_ref == reference, Payment.charge_ref == reference)
    return session.scalar(select(Payment).where(Payment.provider == provider, is_it))


def keep_event(session: Session, provider: str, event: ProviderEvent, payment: Payment | None) -> bool:
    """Write down what a provider says; whether it is new. Records: one PaymentEvent, `parked` of no known payment."""
    row = {
        "id": new_id(),
        "provider": provider,
        "event_id": event.event_id,
        "payment_id": payment.id if payment else None,
        "provider_ref": event.provider_ref,
        "kind": event.kind,
        "amount_minor": event.amount_minor,
        "currency": event.currency,
        "outcome": "counted" if payment else "parked",
        "payload": dict(event.payload),
        "who": f"provider:{provider}",
        "happened_at": event.happened_at,
        "received_at": clock.now(),
    }
    return insert_if_absent(session, PaymentEvent, row)


def is_other_event(session: Session, provider: str, event: ProviderEvent) -> bool:
    """Whether an event of that id that was kept before says something else. Of a resent one all is the same."""
    query = select(PaymentEvent).where(PaymentEvent.provider == provider, PaymentEvent.event_id == event.event_id)
    kept = session.scalars(query).one()
    said = (event.provider_ref, event.kind, event.amount_minor, event.currency, dict(event.payload))
    return said != (kept.provider_ref, kept.kind, kept.amount_minor, kept.currency, kept.payload)


def of_numbers(session: Session, provider: str, numbers: Sequence[str]) -> dict[str, Payment]:
    """The provider's payments of these numbers, by number."""
    query = select(Payment).where(Payment.provider == provider, Payment.number.in_(numbers))
    return {payment.number: payment for payment in session.scalars(query)}


def captured_within(session: Session, provider: str, since: datetime, until: datetime) -> list[Payment]:
    """What we learned from an instant to before another that the provider captured."""
    query = select(Payment).where(
        Payment.provider == provider, Payment.captured_at >= since, Payment.captured_at < until
    )
    return list(session.scalars(query.order_by(Payment.id)))


def waiting_of(session: Session, order_id: str) -> list[Payment]:
    """Online payments of the (locked) order that nobody made yet, locked."""
    query = select(Payment).where(Payment.order_id == order_id, Payment.status.in_(("pending", "unknown")))
    return list(session.scalars(query.order_by(Payment.id).with_for_update()))


def unsettled(session: Session, before: datetime, limit: int) -> list[Payment]:
    """Online payments without an end that were last looked at (or opened) before an instant."""
    last = func.coalesce(Payment.checked_at, Payment.created_at)
    query = select(Payment).where(Payment.status.in_(("pending", "unknown")), last < before).order_by(Payment.id)
    return list(session.scalars(query.limit(limit)))


def page(session: Session, status: str | None, before: str | None, limit: int) -> list[Payment]:
    """Payments, newest first, from before the number `before`."""
    query = select(Payment).order_by(Payment.id.desc()).limit(limit)
    if status is not None:
        query = query.where(Payment.status == status)
    if before is not None:
        query = query.where(Payment.id < select(Payment.id).where(Payment.number == before).scalar_subquery())
    return list(session.scalars(query))
