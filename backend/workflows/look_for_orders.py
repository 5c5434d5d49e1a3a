"""Look for orders: by number, by who ordered, by what became of them, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import Session

from backend.catalog.service import shop
from backend.customers.models import ChannelIdentity, Customer
from backend.customers.service import LEAST_DIGITS
from backend.orders import service as orders
from backend.orders.models import Order, OrderHold, OrderLine, OrderLineEnd

_FIRST_DAY, _LAST_DAY = date(2000, 1, 1), date(2999, 12, 30)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; None leaves it open. `text` is of a number, a name, an e-mail address or a telephone."""

    status: str | None = None
    text: str | None = None
    hold: str | None = None
    payment_method: str | None = None
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """One row: an order, how many lines it has, whose it is, and what holds it still."""

    order: Order
    lines_count: int
    customer_name: str | None
    holds: Sequence[str]


def look_for_orders(session: Session, wanted: Wanted, cursor: str | None, limit: int) -> tuple[list[Found], str | None]:
    """From after the order number that `cursor` is; and the cursor of the page after."""
    has_ended = exists().where(OrderLineEnd.order_line_id == OrderLine.id)
    count = select(func.count()).where(OrderLine.order_id == Order.id, ~has_ended).scalar_subquery()
    query = (
        select(Order, count, Customer.name)
        .join(Customer, Customer.id == Order.customer_id)
        .where(*_conditions(session, wanted))
        .order_by(Order.id.desc())
        .limit(limit + 1)
    )
    if cursor is not None:
        last = select(Order.id).where(Order.number == orders.canonical_number(cursor)).scalar_subquery()
        query = query.where(Order.id < last)
    rows = [row._tuple() for row in session.execute(query)]
    shown = rows[:limit]
    holds = _holds(session, [order.id for order, _, _ in shown])
    found = [Found(order, lines, name, holds.get(order.id, ())) for order, lines, name in shown]
    return found, shown[-1][0].number if len(rows) > limit else None


def _conditions(session: Session, wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.status is not None:
        conditions.append(Order.status == wanted.status)
    if wanted.payment_method is not None:
        conditions.append(Order.payment_method == wanted.payment_method)
    if wanted.hold is not None:
        held = exists().where(
            OrderHold.order_id == Order.id, OrderHold.outcome.is_(None), OrderHold.reason == wanted.hold
        )
        conditions.append(held)
    if wanted.since is not None:
        conditions.append(Order.placed_at >= _begin(session, wanted.since))
    if wanted.until is not None:
        conditions.append(Order.placed_at < _begin(session, min(wanted.until, _LAST_DAY) + timedelta(days=1)))
    if wanted.text:
        conditions.append(_said(session, wanted.text))
    return conditions


def _said(session: Session, text: str) -> ColumnElement[bool]:
    number = orders.canonical_number(text)
    # The whole number of an order means that order: found at once, however many there are.
    if number and session.scalar(select(exists().where(Order.number == number))):
        return Order.number == number
    low = text.strip().lower()
    said = [
        func.lower(Customer.name).contains(low, autoescape=True),
        func.lower(Customer.email).contains(low, autoescape=True),
        Order.number.contains(low.upper(), autoescape=True),
    ]
    digits = "".join(character for character in low if character.isdigit())
    if len(digits) >= LEAST_DIGITS:
        theirs = select(ChannelIdentity.customer_id).where(ChannelIdentity.phone.contains(digits, autoescape=True))
        said.append(Order.customer_id.in_(theirs))
    return or_(*said)


def _begin(session: Session, day: date) -> datetime:
    """When a day begins at the shop; of the days before and after all orders the first and the last."""
    day = min(max(day, _FIRST_DAY), _LAST_DAY)
    return datetime.combine(day, time(), ZoneInfo(shop(session).time_zone))


def _holds(session: Session, order_ids: Sequence[str]) -> dict[str, list[str]]:
    query = select(OrderHold.order_id, OrderHold.reason).where(
        OrderHold.order_id.in_(order_ids), OrderHold.outcome.is_(None)
    )
    holds: dict[str, list[str]] = {}
    for order_id, reason in session.execute(query.order_by(OrderHold.held_at, OrderHold.id)):
        holds.setdefault(order_id, []).append(reason)
    return holds
