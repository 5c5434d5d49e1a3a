"""Look at the queue: which fulfillments wait for whom, the most urgent or the oldest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from backend.fulfillment.models import Fulfillment
from backend.orders.models import Order
from backend.shipping.models import Rate

# Of what nobody promised a day for: after everything that has one.
_SOME_DAY = date(9999, 12, 31)
_day = func.coalesce(Fulfillment.promised_on, _SOME_DAY)
BY_PROMISE = (_day, Fulfillment.id)


@dataclass(frozen=True, slots=True)
class Queue:
    """`next_cursor` opens the following page."""

    rows: Sequence[Fulfillment]
    next_cursor: str | None


def look_at_queue(
    session: Session,
    *,
    location_id: str | None,
    statuses: Sequence[str],
    kind: str | None,
    carrier: str | None,
    is_by_promise: bool,
    cursor: str | None,
    limit: int,
) -> Queue:
    """From after the fulfillment number that `cursor` is. Of a `carrier`: what goes into a zone where it has a rate."""
    order = BY_PROMISE if is_by_promise else (Fulfillment.id,)
    query = select(Fulfillment).order_by(*order).limit(limit + 1)
    if location_id is not None:
        query = query.where(Fulfillment.location_id == location_id)
    if statuses:
        query = query.where(Fulfillment.status.in_(statuses))
    if kind is not None:
        query = query.where(Fulfillment.kind == kind)
    if carrier is not None:
        zones = select(Rate.zone_code).where(Rate.carrier == carrier)
        query = query.join(Order, Order.id == Fulfillment.order_id)
        query = query.where(Order.zone.in_(zones), Fulfillment.kind == "delivery")
    last = session.scalar(select(Fulfillment).where(Fulfillment.number == cursor)) if cursor is not None else None
    if last is not None and is_by_promise:
        was = last.promised_on or _SOME_DAY
        query = query.where(or_(_day > was, and_(_day == was, Fulfillment.id > last.id)))
    elif last is not None:
        query = query.where(Fulfillment.id > last.id)
    rows = list(session.scalars(query))
    return Queue(rows[:limit], rows[limit - 1].number if len(rows) > limit else None)
