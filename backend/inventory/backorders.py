"""Backorders and the incoming stock they wait for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from backend.base import table_of
from backend.inventory.allocation import allocate, candidates_of
from backend.inventory.levels import change, lock
from backend.inventory.models import Backorder, IncomingStock, Reservation, StockLevel
from kernel import clock
from kernel.ids import new_id

FILLED_AT_ONCE = 500

_backorder = table_of(Backorder)
_insert = insert(_backorder)
_insert_reservations = insert(table_of(Reservation))


@dataclass(frozen=True, slots=True)
class Waiting:
    """`quantity` base units that an order line waits for, until `promised_on` if anyone knows."""

    order_line_id: str
    sku: str
    quantity: int
    promised_on: date | None = None


@dataclass(frozen=True, slots=True)
class Filled:
    """`quantity` base units that an order line waited for, and has now."""

    order_line_id: str
    sku: str
    quantity: int


def promises(session: Session, wanted: Mapping[str, int]) -> dict[str, date | None]:
    """Per sku the day on which so many base units more will have come; None when not so many are announced.

    Those who wait already come first. What should have come before today promises nothing.
    """
    if not wanted:
        return {}
    waiting = select(Backorder.sku, func.sum(Backorder.quantity)).where(
        Backorder.sku.in_(wanted), Backorder.state == "waiting"
    )
    before = {sku: int(total) for sku, total in session.execute(waiting.group_by(Backorder.sku))}
    coming = (
        select(IncomingStock.sku, IncomingStock.expected_on, IncomingStock.quantity - IncomingStock.received)
        .where(
            IncomingStock.sku.in_(wanted),
            IncomingStock.received < IncomingStock.quantity,
            IncomingStock.expected_on >= clock.now().date(),
        )
        .order_by(IncomingStock.sku, IncomingStock.expected_on)
    )
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
    total: dict[str, int] = {}
    for line in lines:
        total[line.sku] = total.get(line.sku, 0) + line.quantity
    promised = promises(session, total)
    waiting = [replace(line, promised_on=promised[line.sku]) for line in lines]
    now = clock.now()
    rows = [
        {
            "id": new_id(),
            "order_line_id": line.order_line_id,
            "sku": line.sku,
            "quantity": line.quantity,
            "state": "waiting",
            "promised_on": line.promised_on,
            "created_at": now,
        }
        for line in waiting
    ]
    session.connection().execute(_insert, rows)
    return waiting


def waiting_of(session: Session, order_line_ids: Sequence[str]) -> list[Waiting]:
    """What these order lines still wait for, oldest first."""
    query = (
        select(Backorder.order_line_id, Backorder.sku, Backorder.quantity, Backorder.promised_on)
        .where(Backorder.order_line_id.in_(order_line_ids), Backorder.state == "waiting")
        .order_by(Backorder.id)
    )
    return [Waiting(*row) for row in session.execute(query)]


def skus_to_fill(session: Session) -> list[str]:
    """Of what somebody waits for while some of it is free."""
    free = (
        select(StockLevel.sku).group_by(StockLevel.sku).having(func.sum(StockLevel.on_hand - StockLevel.reserved) > 0)
    )
    waited_for = select(Backorder.sku).where(Backorder.state == "waiting").distinct()
    return list(session.scalars(free.where(StockLevel.sku.in_(waited_for))))


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
    """Give what is free of `skus` to those of `lines` that wait for it, first in, first out.

    Records: Reservation rows, the end of Backorders (one that is filled in part is split), the levels.
    """
    locked = lock(session, skus)
    free: dict[str, int] = {}
    for (sku, _), level in locked.items():
        free[sku] = free.get(sku, 0) + level.available
    query = (
        select(Backorder)
        .where(Backorder.sku.in_([sku for sku, count in free.items() if count > 0]), Backorder.state == "waiting")
        .where(Backorder.order_line_id.in_(lines))
        .order_by(Backorder.id)
        .execution_options(populate_existing=True)
    )
    now = clock.now()
    filled = []
    for waiting in session.scalars(query).all():
        part = min(waiting.quantity, free[waiting.sku])
        if part <= 0:
            continue
        free[waiting.sku] -= part
        parts = allocate({waiting.sku: part}, candidates_of(locked, None, {})).parts[waiting.sku]
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
        _end(session, waiting, part)
        filled.append(Filled(waiting.order_line_id, waiting.sku, part))
    session.flush()
    return filled


def _end(session: Session, waiting: Backorder, part: int) -> None:
    if part < waiting.quantity:
        waiting.quantity -= part
        session.add(
            Backorder(
                id=new_id(),
                order_line_id=waiting.order_line_id,
                sku=waiting.sku,
                quantity=part,
                state="filled",
                promised_on=waiting.promised_on,
                created_at=waiting.created_at,
                ended_at=clock.now(),
            )
        )
    else:
        waiting.state, waiting.ended_at = "filled", clock.now()


def cancel(session: Session, order_line_ids: Sequence[str]) -> None:
    """These order lines wait no longer. The levels of what they wait for are locked. Records: the Backorders' end."""
    statement = update(_backorder).where(
        _backorder.c.order_line_id.in_(order_line_ids), _backorder.c.state == "waiting"
    )
    session.connection().execute(statement.values(state="cancelled", ended_at=clock.now()))
