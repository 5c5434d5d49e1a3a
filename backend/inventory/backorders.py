"""Backorders and the incoming stock they wait for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import and_, func, insert, or_, select, update
from sqlalchemy.orm import Session

from backend.base import table_of
from backend.inventory.allocation import Allocated, allocate, candidates_of
from backend.inventory.incoming import IS_COMING
from backend.inventory.levels import change, lock
from backend.inventory.models import Backorder, IncomingStock, Reservation, StockLevel
from kernel import clock
from kernel.ids import new_id
from kernel.prepared import Prepared

FILLED_AT_ONCE = 500

_backorder = table_of(Backorder)
_insert = Prepared(insert(_backorder))
_insert_reservations = insert(table_of(Reservation))


@dataclass(frozen=True, slots=True)
class Waiting:
    """`quantity` base units that an order line waits for, until `promised_on` if anyone knows.

    `at` is the only location that may serve it, None where any may.
    """

    order_line_id: str
    sku: str
    quantity: int
    promised_on: date | None = None
    at: str | None = None


@dataclass(frozen=True, slots=True)
class Filled:
    """`quantity` base units that an order line waited for, and has now: from where it was `allocated`."""

    order_line_id: str
    sku: str
    quantity: int
    allocated: Allocated


def promises(session: Session, wanted: Mapping[str, int], at: str | None = None) -> dict[str, date | None]:
    """Per sku the day on which so many base units more will have come; None when not so many are announced.

    `at` names the only location to which they may come. Those who wait already and may have them come
    first. What should have come before today promises nothing.
    """
    if not wanted:
        return {}
    waiting = select(Backorder.sku, func.sum(Backorder.quantity)).where(
        Backorder.sku.in_(wanted), Backorder.state == "waiting"
    )
    if at is not None:
        waiting = waiting.where(or_(Backorder.location_id.is_(None), Backorder.location_id == at))
    before = {sku: int(total) for sku, total in session.execute(waiting.group_by(Backorder.sku))}
    coming = (
        select(IncomingStock.sku, IncomingStock.expected_on, IncomingStock.quantity - IncomingStock.received)
        .where(
            IncomingStock.sku.in_(wanted),
            IS_COMING,
            IncomingStock.expected_on >= clock.now().date(),
        )
        .order_by(IncomingStock.sku, IncomingStock.expected_on)
    )
    if at is not None:
        coming = coming.where(IncomingStock.location_id == at)
    promised: dict[str, date | None] = dict.fromkeys(wanted)
    so_far: dict[str, int] = {}
    for sku, expected_on, quantity in session.execute(coming):
        so_far[sku] = so_far.get(sku, 0) + quantity
        if promised[sku] is None and so_far[sku] >= before.get(sku, 0) + wanted[sku]:
            promised[sku] = expected_on
    return promised


def wait(session: Session, lines: Sequence[Waiting]) -> list[Waiting]:
    """Let order lines wait for goods; the same lines with the day they are promised for.

    Records: Backorder rows.
    """
    if not lines:
        return []
    # Someone who receives these goods at this moment is waited for, or waits for us.
    lock(session, {line.sku for line in lines})
    waiting: list[Waiting] = []
    for at in dict.fromkeys(line.at for line in lines):
        there = [line for line in lines if line.at == at]
        total: dict[str, int] = {}
        for line in there:
            total[line.sku] = total.get(line.sku, 0) + line.quantity
        promised = promises(session, total, at)
        waiting += [replace(line, promised_on=promised[line.sku]) for line in there]
    now = clock.now()
    rows = [
        {
            "id": new_id(),
            "order_line_id": line.order_line_id,
            "sku": line.sku,
            "quantity": line.quantity,
            "location_id": line.at,
            "state": "waiting",
            "promised_on": line.promised_on,
            "created_at": now,
        }
        for line in waiting
    ]
    _insert.write(session, rows)
    return waiting


def waiting_of(session: Session, order_line_ids: Sequence[str]) -> list[Waiting]:
    """What these order lines still wait for, oldest first."""
    query = (
        select(Backorder.order_line_id, Backorder.sku, Backorder.quantity, Backorder.promised_on, Backorder.location_id)
        .where(Backorder.order_line_id.in_(order_line_ids), Backorder.state == "waiting")
        .order_by(Backorder.id)
    )
    return [Waiting(*row) for row in session.execute(query)]


def skus_to_fill(session: Session) -> list[str]:
    """Of what somebody waits for while some of it is free where they may have it from."""
    is_theirs = or_(Backorder.location_id.is_(None), Backorder.location_id == StockLevel.location_id)
    query = (
        select(Backorder.sku)
        .join(StockLevel, and_(StockLevel.sku == Backorder.sku, is_theirs))
        .where(Backorder.state == "waiting", StockLevel.on_hand > StockLevel.reserved)
        .distinct()
        .order_by(Backorder.sku)
    )
    return list(session.scalars(query))


def lines_waiting_for(session: Session, skus: Iterable[str]) -> list[str]:
    """The order lines that wait for any of `skus`, the first first."""
    query = (
        select(Backorder.order_line_id)
        .where(Backorder.sku.in_(list(skus)), Backorder.state == "waiting")
        .order_by(Backorder.id)
        .limit(FILLED_AT_ONCE)
    )
    return list(dict.fromkeys(session.scalars(query)))


def fill(session: Session, skus: Iterable[str], lines: Sequence[str]) -> list[Filled]:
    """Give what is free of `skus`, where they may have it, to those of `lines` that wait for it, first in, first out.

    Records: Reservation rows, the end of Backorders (one that is filled in part is split), the levels.
    """
    locked = lock(session, skus)
    query = (
        select(Backorder)
        .where(Backorder.sku.in_({sku for (sku, _), level in locked.items() if level.available > 0}))
        .where(Backorder.state == "waiting")
        .where(Backorder.order_line_id.in_(lines))
        .order_by(Backorder.id)
        .execution_options(populate_existing=True)
    )
    now = clock.now()
    filled = []
    for waiting in session.scalars(query).all():
        places = candidates_of(locked, None, {}, waiting.location_id)
        part = min(waiting.quantity, sum(place.free.get(waiting.sku, 0) for place in places))
        if part <= 0:
            continue
        allocated = allocate({waiting.sku: part}, places)
        parts = allocated.parts[waiting.sku]
        change(session, locked, {(waiting.sku, location_id): (0, quantity) for location_id, quantity in parts})
        rows = [
            {
                "id": new_id(),
                "order_line_id": waiting.order_line_id,
                "sku": waiting.sku,
                "location_id": location_id,
                "quantity": quantity,
                "state": "live",
                "reserved_at": now,
            }
            for location_id, quantity in parts
        ]
        session.connection().execute(_insert_reservations, rows)
        _end(session, waiting, part, "filled")
        filled.append(Filled(waiting.order_line_id, waiting.sku, part, allocated))
    session.flush()
    return filled


def _end(session: Session, waiting: Backorder, part: int, state: str) -> None:
    if part < waiting.quantity:
        waiting.quantity -= part
        session.add(
            Backorder(
                id=new_id(),
                order_line_id=waiting.order_line_id,
                sku=waiting.sku,
                quantity=part,
                location_id=waiting.location_id,
                state=state,
                promised_on=waiting.promised_on,
                created_at=waiting.created_at,
                ended_at=clock.now(),
            )
        )
    else:
        waiting.state, waiting.ended_at = state, clock.now()


def wait_less(session: Session, order_line_id: str, quantity: int) -> int:
    """An order line waits for less than it did, and keeps its place; how much of `quantity` it did not wait for.

    The levels of what it waits for are locked. Records: the end of Backorders; one that ends in part is split.
    """
    query = (
        select(Backorder)
        .where(Backorder.order_line_id == order_line_id, Backorder.state == "waiting")
        .order_by(Backorder.id.desc())
        .execution_options(populate_existing=True)
    )
    for waiting in session.scalars(query).all():
        part = min(waiting.quantity, quantity)
        if part:
            _end(session, waiting, part, "cancelled")
            quantity -= part
    session.flush()
    return quantity


def cancel(session: Session, order_line_ids: Sequence[str]) -> None:
    """These order lines wait no longer. The levels of what they wait for are locked. Records: the Backorders' end."""
    statement = update(_backorder).where(
        _backorder.c.order_line_id.in_(order_line_ids), _backorder.c.state == "waiting"
    )
    session.connection().execute(statement.values(state="cancelled", ended_at=clock.now()))
