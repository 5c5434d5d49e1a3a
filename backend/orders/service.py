"""What may be done with an order: record it, find it, cancel it, tell its history.

Ids grow with time (UUIDv7), so "newest first" is by id.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from backend.base import columns_of, table_of
from backend.orders.errors import OrderNotCancellable, OrderNotFound
from backend.orders.models import Counter, Order, OrderEntry, OrderLine
from backend.orders.status import can_cancel, step
from kernel import clock
from kernel.ids import new_id

NUMBER_PREFIX = "PED-"
LATEST = "latest"
_SAID = re.compile(r"(?:PED-?|#)?\s*0*([1-9][0-9]{0,11})", re.IGNORECASE | re.ASCII)

_counter = table_of(Counter)
_next_number = (
    update(_counter).where(_counter.c.name == "order").values(value=_counter.c.value + 1).returning(_counter.c.value)
)
_insert_order, _insert_lines = insert(table_of(Order)), insert(table_of(OrderLine))
_insert_entry = insert(table_of(OrderEntry))


@dataclass(frozen=True, slots=True)
class NewLine:
    """A line as it is agreed; see OrderLine. Its id is chosen before, because the stock is reserved for it first."""

    id: str
    sku: str
    name: str
    name_en: str
    unit: str
    unit_name_es: str
    unit_name_en: str
    factor: int
    base_quantity: int
    price_minor: int
    price_quantity: int
    unit_price_minor: int
    tax_class: str
    tax_rate: Decimal
    tax_minor: int
    total_minor: int


@dataclass(frozen=True, slots=True)
class NewOrder:
    """An order as it is agreed; see Order."""

    customer_id: str
    cart_id: str
    cart_version: int
    currency: str
    subtotal_minor: int
    tax_minor: int
    delivery_fee_minor: int
    total_minor: int
    address: str
    payment_method: str


@dataclass(frozen=True, slots=True)
class FullOrder:
    order: Order
    lines: Sequence[OrderLine]


def place(session: Session, new: NewOrder, lines: Sequence[NewLine], who: str) -> FullOrder:
    """Write down what was agreed, under the next number.

    Records: Order, OrderLine rows, the first OrderEntry.
    """
    connection = session.connection()
    # The counter is the one row that all orders share: it is locked last and shortest.
    number = f"{NUMBER_PREFIX}{connection.execute(_next_number).scalar_one()}"
    order_id, now = new_id(), clock.now()
    row = {"id": order_id, "number": number, "status": "placed", "version": 1, "placed_at": now} | columns_of(new)
    rows = [{"order_id": order_id, "position": position} | columns_of(line) for position, line in enumerate(lines)]
    connection.execute(_insert_order, row)
    connection.execute(_insert_lines, rows)
    enter(session, order_id, "placed", who, now)
    return FullOrder(Order(**row), [OrderLine(**line) for line in rows])


def enter(session: Session, order_id: str, what: str, who: str, at: datetime, note: str | None = None) -> None:
    """Add a step to the order's history."""
    entry = {"id": new_id(), "order_id": order_id, "what": what, "who": who, "note": note, "happened_at": at}
    session.connection().execute(_insert_entry, entry)


def find(session: Session, customer_id: str, number: str, *, lock: bool = False) -> FullOrder:
    """The customer's order of this number, as people write it, or their `latest`.

    Raises: OrderNotFound, for someone else's order too.
    """
    query = select(Order).where(Order.customer_id == customer_id)
    if number == LATEST:
        query = query.order_by(Order.id.desc()).limit(1)
    else:
        query = query.where(Order.number == canonical_number(number))
    return _full(session, session.scalar(query.with_for_update() if lock else query))


def find_any(session: Session, number: str) -> FullOrder:
    """Anyone's order, for staff.

    Raises: OrderNotFound.
    """
    return _full(session, session.scalar(select(Order).where(Order.number == canonical_number(number))))


def of_cart(session: Session, cart_id: str) -> FullOrder:
    """The order that a cart became."""
    return _full(session, session.scalar(select(Order).where(Order.cart_id == cart_id)))


def recent(session: Session, customer_id: str, limit: int) -> list[FullOrder]:
    """The customer's orders, newest first."""
    query = select(Order).where(Order.customer_id == customer_id).order_by(Order.id.desc())
    orders = session.scalars(query.limit(limit)).all()
    lines = _lines(session, [order.id for order in orders])
    return [FullOrder(order, lines[order.id]) for order in orders]


def canonical_number(said: str) -> str:
    """`PED-10023` for "ped-10023", "PED10023", "#10023" or "10023"; the empty string for what is no number."""
    match = _SAID.fullmatch(said.strip())
    return f"{NUMBER_PREFIX}{match[1]}" if match else ""


def _full(session: Session, order: Order | None) -> FullOrder:
    if order is None:
        raise OrderNotFound()
    return FullOrder(order, _lines(session, [order.id])[order.id])


def _lines(session: Session, order_ids: Sequence[str]) -> dict[str, list[OrderLine]]:
    lines: dict[str, list[OrderLine]] = {order_id: [] for order_id in order_ids}
    for line in session.scalars(
        select(OrderLine).where(OrderLine.order_id.in_(order_ids)).order_by(OrderLine.order_id, OrderLine.position)
    ):
        lines[line.order_id].append(line)
    return lines


def cancel(session: Session, order: Order, who: str, reason: str | None) -> None:
    """The (locked) order will not be done.

    Records: the status, an OrderEntry.
    Raises: OrderNotCancellable.
    """
    if not can_cancel(order):
        raise OrderNotCancellable(number=order.number, status=order.status)
    step(order, "cancelled")
    session.flush()
    enter(session, order.id, "cancelled", who, clock.now(), reason)


def history(session: Session, order_id: str) -> list[OrderEntry]:
    query = select(OrderEntry).where(OrderEntry.order_id == order_id).order_by(OrderEntry.happened_at, OrderEntry.id)
    return list(session.scalars(query))


@dataclass(frozen=True, slots=True)
class Page:
    """Orders with their number of lines; `next_cursor` opens the following page."""

    rows: Sequence[tuple[Order, int]]
    next_cursor: str | None


def page(session: Session, status: str | None, cursor: str | None, limit: int) -> Page:
    """All orders, newest first, from after the order number that `cursor` is."""
    count = select(func.count()).where(OrderLine.order_id == Order.id).scalar_subquery()
    query = select(Order, count).order_by(Order.id.desc()).limit(limit + 1)
    if status is not None:
        query = query.where(Order.status == status)
    if cursor is not None:
        last = select(Order.id).where(Order.number == canonical_number(cursor)).scalar_subquery()
        query = query.where(Order.id < last)
    rows = [(order, lines_count) for order, lines_count in session.execute(query)]
    next_cursor = rows[limit - 1][0].number if len(rows) > limit else None
    return Page(rows[:limit], next_cursor)
