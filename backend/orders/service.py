"""What may be done with an order: record it, find it, move it on, change its lines, tell its history.

Ids grow with time (UUIDv7), so "newest first" is by id.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, exists, func, insert, select
from sqlalchemy.orm import Session

from backend import cause, counters
from backend.base import columns_of, table_of
from backend.orders import approval
from backend.orders.errors import ChangeStale, OrderNotCancellable, OrderNotFound
from backend.orders.history import ENTRIES
from backend.orders.models import Order, OrderChange, OrderEntry, OrderLine, OrderLineEnd
from backend.orders.status import can_cancel, step
from backend.persons import is_of
from backend.pricing import share
from kernel import clock
from kernel.ids import new_id
from kernel.prepared import Prepared

NUMBER_PREFIX = "PED-"
LATEST = "latest"
CHANGE_LIFETIME = timedelta(minutes=15)
_SAID = re.compile(r"(?:PED-?|#)?\s*0*([1-9][0-9]{0,11})", re.IGNORECASE | re.ASCII)

# What a part of a line has a share of.
_SHARED = ("discount_minor", "tax_minor", "total_minor")

_insert_order, _insert_lines = Prepared(insert(table_of(Order))), Prepared(insert(table_of(OrderLine)))
_insert_entry = Prepared(insert(table_of(OrderEntry)))
_insert_ends = Prepared(insert(table_of(OrderLineEnd)))


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
    price_includes_tax: bool
    tax_class: str
    tax_rate: Decimal
    discount_minor: int
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
    discount: dict[str, Any] | None
    discount_minor: int
    delivery_fee_minor: int
    total_minor: int
    address: str
    payment_method: str
    delivery: str
    pickup_location_id: str | None
    zone: str | None = None
    promised_on: date | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A step of an order's history, one of `ENTRIES`; see OrderEntry."""

    what: str
    who: str
    note: str | None = None
    facts: dict[str, Any] | None = None

    def __post_init__(self) -> None:
        if self.what not in ENTRIES:
            raise ValueError(f"No step of an order's history is called {self.what!r}: name it in orders.history")


@dataclass(frozen=True, slots=True)
class WaitingPart:
    """`base_quantity` base units of a line are not there yet, and are promised for a day if anyone knows."""

    order_line_id: str
    base_quantity: int
    promised_on: date | None


@dataclass(frozen=True, slots=True)
class FullOrder:
    """An order with the lines it has: those that have not ended; and what is `waiting`, if whoever made this knows.

    `pay_by` is until when it waits to be paid, if it does.
    """

    order: Order
    lines: Sequence[OrderLine]
    waiting: Sequence[WaitingPart] = ()
    pay_by: datetime | None = None


def agree(new: NewOrder, lines: Sequence[NewLine]) -> FullOrder:
    """An order as it will be placed, to be looked at: it is written nowhere yet, and has no number."""
    order = Order(id=new_id(), status="placed", version=1, placed_at=clock.now(), **columns_of(new))
    return FullOrder(
        order,
        [OrderLine(order_id=order.id, position=position, **columns_of(line)) for position, line in enumerate(lines)],
    )


def place(session: Session, agreed: FullOrder, entries: Sequence[Entry]) -> None:
    """Write down what was agreed, under the next number, and the first steps of its history.

    Records: Order, OrderLine rows, OrderEntry rows.
    """
    order = agreed.order
    order.conversation_id = cause.of(session).conversation_id
    # The counter is the one row that all orders share: it is locked last and shortest.
    order.number = f"{NUMBER_PREFIX}{counters.next_value(session, 'order')}"
    _insert_order.write(session, _row(order))
    _insert_lines.write(session, [_row(line) for line in agreed.lines])
    write(session, order.id, entries, order.placed_at)


def _row(fresh: Order | OrderLine) -> dict[str, Any]:
    """What was said of an object that the session does not know: less work than to have it flushed."""
    return {column.key: vars(fresh)[column.key] for column in table_of(type(fresh)).c if column.key in vars(fresh)}


def enter(
    session: Session,
    order_id: str,
    what: str,
    who: str,
    at: datetime,
    note: str | None = None,
    *,
    facts: dict[str, Any] | None = None,
) -> None:
    """Add a step to the order's history, one of `ENTRIES`, with the chat message that caused it, if one did."""
    write(session, order_id, [Entry(what, who, note, facts)], at)


def write(session: Session, order_id: str, entries: Sequence[Entry], at: datetime) -> None:
    """Add steps that were taken at once to the order's history. Records: OrderEntry rows."""
    same = {"order_id": order_id, "message_id": cause.of(session).message_id, "happened_at": at}
    _insert_entry.write(session, [{"id": new_id()} | columns_of(entry) | same for entry in entries])


def find(session: Session, customer_id: str, number: str, *, lock: bool = False) -> FullOrder:
    """The customer's order of this number, as people write it, or their `latest`.

    Raises: OrderNotFound, for someone else's order too.
    """
    query = select(Order).where(is_of(Order.customer_id, customer_id))
    if number == LATEST:
        query = query.order_by(Order.id.desc()).limit(1)
    else:
        query = query.where(Order.number == canonical_number(number))
    return _full(session, session.scalar(query.with_for_update() if lock else query))


def find_any(session: Session, number: str, *, lock: bool = False) -> FullOrder:
    """Anyone's order, for staff.

    Raises: OrderNotFound.
    """
    query = select(Order).where(Order.number == canonical_number(number))
    return _full(session, session.scalar(query.with_for_update() if lock else query))


def by_id(session: Session, order_id: str, *, lock: bool = False) -> FullOrder:
    """The order that another noun's row belongs to.

    Locked, it is read anew: what was known of it before may be stale.
    """
    query = select(Order).where(Order.id == order_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return _full(session, session.scalar(query))


def numbers_of(session: Session, order_ids: Sequence[str]) -> dict[str, str]:
    """The number of each of these orders."""
    rows = session.execute(select(Order.id, Order.number).where(Order.id.in_(order_ids)))
    return {row.id: row.number for row in rows}


def ids_of_lines(session: Session, line_ids: Sequence[str]) -> list[str]:
    """The orders that these lines belong to, in the order in which orders are locked."""
    query = select(OrderLine.order_id).where(OrderLine.id.in_(line_ids)).distinct().order_by(OrderLine.order_id)
    return list(session.scalars(query))


def orders_of_lines(session: Session, line_ids: Sequence[str]) -> dict[str, str]:
    """The id of the order that each of these lines belongs to."""
    query = select(OrderLine.id, OrderLine.order_id).where(OrderLine.id.in_(line_ids))
    return dict(row._tuple() for row in session.execute(query))


def of_cart(session: Session, cart_id: str) -> FullOrder:
    """The order that a cart became."""
    return _full(session, session.scalar(select(Order).where(Order.cart_id == cart_id)))


def recent(session: Session, customer_id: str, limit: int) -> list[FullOrder]:
    """The customer's orders, newest first."""
    query = select(Order).where(is_of(Order.customer_id, customer_id)).order_by(Order.id.desc())
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
    for line in session.scalars(_with_lines(order_ids).where(~_has_ended)).all():
        lines[line.order_id].append(line)
    return lines


_has_ended = exists().where(OrderLineEnd.order_line_id == OrderLine.id)


def _with_lines(order_ids: Sequence[str]) -> Select[OrderLine]:
    return select(OrderLine).where(OrderLine.order_id.in_(order_ids)).order_by(OrderLine.order_id, OrderLine.position)


def lines(session: Session, line_ids: Sequence[str]) -> dict[str, OrderLine]:
    """Lines by their ids, ended or not."""
    query = select(OrderLine).where(OrderLine.id.in_(line_ids))
    return {line.id: line for line in session.scalars(query)}


def past_lines(session: Session, order_id: str) -> list[tuple[OrderLine, OrderLineEnd]]:
    """The lines an order no longer has, each with its end."""
    query = _with_lines([order_id]).join(OrderLineEnd, OrderLineEnd.order_line_id == OrderLine.id)
    return [(line, end) for line, end in session.execute(query.add_columns(OrderLineEnd))]


def change_lines(
    session: Session,
    found: FullOrder,
    *,
    ended: Mapping[str, str],
    added: Sequence[NewLine],
    who: str,
    delivery_fee_minor: int | None = None,
) -> FullOrder:
    """End lines of the (locked) order, `ended[id]` says why; add others; its sums follow. The next version begins.

    What is promised for the lines, and what lies in baskets and parcels for them, is the caller's to move.

    Records: OrderLineEnd and OrderLine rows, the order's sums and version.
    """
    order, now = found.order, clock.now()
    ids = {line.id for line in found.lines}
    assert set(ended) <= ids, "only a line that the order has can end"
    order.version += 1
    ends = [
        {"order_line_id": line_id, "version": order.version, "reason": reason, "who": who, "ended_at": now}
        for line_id, reason in ended.items()
    ]
    first = (session.scalar(select(func.max(OrderLine.position)).where(OrderLine.order_id == order.id)) or 0) + 1
    rows = [
        {"order_id": order.id, "position": position, "since_version": order.version} | columns_of(line)
        for position, line in enumerate(added, first)
    ]
    if ends:
        _insert_ends.write(session, ends)
    if rows:
        _insert_lines.write(session, rows)
    lines = [line for line in found.lines if line.id not in ended]
    lines += list(
        session.scalars(
            select(OrderLine).where(OrderLine.id.in_([line.id for line in added])).order_by(OrderLine.position)
        )
    )
    order.subtotal_minor = sum(line.total_minor for line in lines)
    order.tax_minor = sum(line.tax_minor for line in lines)
    order.discount_minor = sum(line.discount_minor for line in lines)
    if delivery_fee_minor is not None:
        order.delivery_fee_minor = delivery_fee_minor
    order.total_minor = order.subtotal_minor + order.delivery_fee_minor
    session.flush()
    return FullOrder(order, lines)


def propose(session: Session, order: Order, content: dict[str, Any], difference_minor: int, who: str) -> OrderChange:
    """Keep a change of the (locked) order as it is about to be shown; its id is the opaque confirmation.

    Records: one OrderChange.
    """
    now = clock.now()
    row = OrderChange(
        id=secrets.token_urlsafe(24),
        order_id=order.id,
        order_version=order.version,
        content=content,
        difference_minor=difference_minor,
        state="proposed",
        who=who,
        proposed_at=now,
        expires_at=now + CHANGE_LIFETIME,
    )
    session.add(row)
    session.flush()
    return row


def proposed(session: Session, order: Order, confirmation: str, who: str) -> OrderChange:
    """The change that was shown to just this person. Someone else's is as unknown as none.

    Raises: ChangeStale.
    """
    row = session.get(OrderChange, confirmation, with_for_update=True, populate_existing=True)
    if row is None or row.order_id != order.id or row.who != who:
        raise ChangeStale(reason="unknown")
    return row


def part_of(line: OrderLine, base_quantity: int) -> NewLine:
    """So much of a line as a line of its own: at its share of what was agreed, and so of what is billed of it."""
    same = {name: getattr(line, name) for name in NewLine.__slots__}
    amounts = {name: share(same[name], line.base_quantity, 0, base_quantity) for name in _SHARED}
    return NewLine(**same | amounts | {"id": new_id(), "base_quantity": base_quantity})


def move(session: Session, order: Order, status: str) -> None:
    """Take the (locked) order a step on.

    Raises: IllegalStep.
    """
    step(order, status)
    session.flush()


def cancel(session: Session, order: Order, who: str, reason: str | None) -> None:
    """The (locked) order will not be done.

    Records: the status, the end of what holds it, an OrderEntry.
    Raises: OrderNotCancellable.
    """
    if not can_cancel(order):
        raise OrderNotCancellable(number=order.number, status=order.status)
    if order.status == "on_hold":
        approval.end_holds(session, order.id, "cancelled", who)
    move(session, order, "cancelled")
    enter(session, order.id, "cancelled", who, clock.now(), reason)


def fact(order: Order) -> dict[str, Any]:
    """What every event about an order says of it."""
    return {"number": order.number, "customer_id": order.customer_id}


def charged(order: Order) -> dict[str, Any]:
    """What an event says of what an order costs: the total, and the discount that is off it, if there is one."""
    terms = order.discount if order.discount_minor else None
    discount = terms and {
        "name": terms["name_es"],
        "name_en": terms["name_en"],
        "amount": {"amount_minor": order.discount_minor, "currency": order.currency},
    }
    return {"total": {"amount_minor": order.total_minor, "currency": order.currency}, "discount": discount}


def history(session: Session, order_id: str) -> list[OrderEntry]:
    query = select(OrderEntry).where(OrderEntry.order_id == order_id).order_by(OrderEntry.happened_at, OrderEntry.id)
    return list(session.scalars(query))
