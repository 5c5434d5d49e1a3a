"""Reservations: stock promised to order lines, until it is released or issued."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from backend.base import table_of
from backend.inventory import backorders, holds
from backend.inventory.allocation import Allocated, Point, Wish, allocate, candidates_of
from backend.inventory.backorders import Waiting
from backend.inventory.errors import NotEnoughReserved
from backend.inventory.levels import Locked, change, lock
from backend.inventory.models import Backorder, Reservation
from backend.inventory.moves import go
from kernel import clock
from kernel.ids import new_id
from kernel.prepared import Prepared

_reservation, _backorder = table_of(Reservation), table_of(Backorder)
_insert = Prepared(insert(_reservation))


@dataclass(frozen=True, slots=True)
class Wanted:
    """An order line's wish: `quantity` base units of `sku`. What is lacking of it `may_wait`, or is refused."""

    order_line_id: str
    sku: str
    quantity: int
    may_wait: bool = False


@dataclass(frozen=True, slots=True)
class Reserved:
    """`quantity` base units of `sku` at a location, promised to an order line."""

    order_line_id: str
    sku: str
    location_id: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Promised:
    """What became of wishes: the decision about locations (None when a hold had decided it), what is reserved where,
    and what waits."""

    allocated: Allocated | None
    reserved: Sequence[Reserved] = ()
    waiting: Sequence[Waiting] = ()


def reserve(
    session: Session,
    lines: Sequence[Wanted],
    *,
    near: Point | None = None,
    at: str | None = None,
    cart_id: str | None = None,
) -> Promised:
    """Promise stock to order lines, all of them or none. The wishes are summed per sku.

    The locations are chosen by `allocation.allocate`, nearest to `near`; `at` names the only location there is to
    choose. What is held for the (locked) cart is used first; when it is just what is wanted, no level changes.

    Records: Reservation rows, Backorder rows for what may wait, the levels they sum to, the end of the holds.
    Raises: Short.
    """
    held = holds.use(session, cart_id) if cart_id is not None else {}
    if held and _suffices(held, lines, at):
        reserved, _ = _write(session, lines, _parts(held))
        return Promised(None, reserved)
    locked = lock(session, {*(line.sku for line in lines), *(sku for sku, _ in held)})
    wishes = [Wish(line.sku, line.quantity, line.may_wait) for line in lines]
    needs, lacking = holds.coverable(session, wishes, locked, held, at)
    allocated = allocate(needs, candidates_of(locked, near, held, at), near)
    promised = {(sku, location): part for sku, parts in allocated.parts.items() for location, part in parts}
    changed = {place: (0, promised.get(place, 0) - held.get(place, 0)) for place in {*promised, *held}}
    change(session, locked, changed)
    reserved, waiting = _write(session, lines, allocated.parts)
    assert sum(line.quantity for line in waiting) == sum(lacking.values()), "what is lacking waits"
    return Promised(allocated, reserved, backorders.wait(session, [replace(line, at=at) for line in waiting]))


def _suffices(held: Mapping[tuple[str, str], int], lines: Sequence[Wanted], at: str | None) -> bool:
    rest: dict[str, int] = {}
    for (sku, location_id), quantity in held.items():
        if at not in (None, location_id):
            return False
        rest[sku] = rest.get(sku, 0) + quantity
    for line in lines:
        rest[line.sku] = rest.get(line.sku, 0) - line.quantity
    return not any(rest.values())


def _parts(held: Mapping[tuple[str, str], int]) -> dict[str, list[tuple[str, int]]]:
    parts: dict[str, list[tuple[str, int]]] = {}
    for (sku, location_id), quantity in held.items():
        parts.setdefault(sku, []).append((location_id, quantity))
    return parts


def _write(
    session: Session, lines: Sequence[Wanted], parts: Mapping[str, Sequence[tuple[str, int]]]
) -> tuple[list[Reserved], list[Waiting]]:
    """Deal the parts out to the lines, those first that cannot wait; who gets what, and who lacks something."""
    piles = {sku: dict(some) for sku, some in parts.items()}
    now = clock.now()
    reserved, waiting = [], []
    for line in sorted(lines, key=lambda each: each.may_wait):
        missing = line.quantity
        pile = piles.get(line.sku, {})
        for location_id, left in pile.items():
            quantity = min(left, missing)
            if quantity:
                pile[location_id] = left - quantity
                missing -= quantity
                reserved.append(Reserved(line.order_line_id, line.sku, location_id, quantity))
        if missing:
            waiting.append(Waiting(line.order_line_id, line.sku, missing))
    if reserved:
        rows = [_row(each.order_line_id, each.sku, each.location_id, each.quantity, "live", now) for each in reserved]
        _insert.write(session, rows)
    return reserved, waiting


def _row(
    order_line_id: str, sku: str, location_id: str, quantity: int, state: str, reserved_at: object
) -> dict[str, object]:
    return {
        "id": new_id(),
        "order_line_id": order_line_id,
        "sku": sku,
        "location_id": location_id,
        "quantity": quantity,
        "state": state,
        "reserved_at": reserved_at,
    }


def reservations_of(session: Session, order_line_ids: Sequence[str]) -> list[Reserved]:
    """What is promised to these order lines and not issued yet, summed per line and location."""
    query = (
        select(Reservation.order_line_id, Reservation.sku, Reservation.location_id, Reservation.quantity)
        .where(Reservation.order_line_id.in_(order_line_ids), Reservation.state == "live")
        .order_by(Reservation.order_line_id, Reservation.location_id)
    )
    summed: dict[tuple[str, str, str], int] = {}
    for order_line_id, sku, location_id, quantity in session.execute(query):
        place = (order_line_id, sku, location_id)
        summed[place] = summed.get(place, 0) + quantity
    return [Reserved(*place, quantity) for place, quantity in summed.items()]


def release(session: Session, order_line_ids: Sequence[str]) -> None:
    """Give back what is still promised to these order lines; they wait for nothing any more.

    Records: the end of Reservations and Backorders.
    """
    locked = _lock_goods_of(session, order_line_ids)
    if not locked:
        return
    statement = (
        update(_reservation)
        .where(_reservation.c.order_line_id.in_(order_line_ids), _reservation.c.state == "live")
        .values(state="released", ended_at=clock.now())
        .returning(_reservation.c.sku, _reservation.c.location_id, _reservation.c.quantity)
    )
    returned: dict[tuple[str, str], tuple[int, int]] = {}
    for sku, location_id, quantity in session.connection().execute(statement):
        returned[sku, location_id] = (0, returned.get((sku, location_id), (0, 0))[1] - quantity)
    change(session, locked, returned)
    backorders.cancel(session, order_line_ids)


def release_part(session: Session, order_line_id: str, location_id: str, quantity: int) -> None:
    """Give back `quantity` base units of what a location has promised to an order line.

    Records: the end of Reservations; one that is released in part is split.
    Raises: NotEnoughReserved.
    """
    locked, sku = _end_part(session, order_line_id, location_id, quantity, "released")
    change(session, locked, {(sku, location_id): (0, -quantity)})


def issue(session: Session, order_line_id: str, location_id: str, quantity: int, reference: str) -> int:
    """`quantity` base units leave the house for the order line they were promised to; what they cost us.

    Records: the end of Reservations (one that is issued in part is split), a StockMove per bin in walking order.
    Raises: NotEnoughReserved.
    """
    locked, sku = _end_part(session, order_line_id, location_id, quantity, "issued")
    return go(session, locked, "issue", sku, location_id, quantity, promised=quantity, reference=reference)


def lost_in_picking(
    session: Session, order_line_id: str, location_id: str, quantity: int, who: str, reason: str = "not_found"
) -> int:
    """A picker cannot take `quantity` base units: they are promised no longer and written off; what they cost us.

    Records: the end of Reservations, StockMove rows.
    Raises: NotEnoughReserved.
    """
    locked, sku = _end_part(session, order_line_id, location_id, quantity, "released")
    note = f"{reason.replace('_', ' ')} while picking ({who})"
    return go(
        session,
        locked,
        "adjustment",
        sku,
        location_id,
        quantity,
        promised=quantity,
        reference=order_line_id,
        note=note,
    )


def hand_over(session: Session, from_order_line_id: str, to_order_line_id: str) -> None:
    """What an order line is promised, was issued, or waits for, goes to the line that took its place.

    Records: the new line of live and issued Reservations and waiting Backorders.
    """
    _lock_goods_of(session, [from_order_line_id])
    for table, states in ((_reservation, ("live", "issued")), (_backorder, ("waiting",))):
        statement = update(table).where(table.c.order_line_id == from_order_line_id, table.c.state.in_(states))
        session.connection().execute(statement.values(order_line_id=to_order_line_id))


def need_less(session: Session, order_line_id: str, quantity: int) -> None:
    """An order line needs `quantity` base units less: what it waits for goes first, then what it is promised.

    Records: the end of Backorders and Reservations.
    """
    _lock_goods_of(session, [order_line_id])
    rest = backorders.wait_less(session, order_line_id, quantity)
    for reserved in reservations_of(session, [order_line_id]):
        part = min(reserved.quantity, rest)
        if part:
            release_part(session, order_line_id, reserved.location_id, part)
            rest -= part
    assert not rest, "nobody needs less than nothing"


def _lock_goods_of(session: Session, order_line_ids: Sequence[str]) -> Locked:
    """Lock the levels of all that is promised to these lines, and of what they wait for."""
    skus = {
        sku
        for table, state in ((_reservation, "live"), (_backorder, "waiting"))
        for sku in session.scalars(
            select(table.c.sku).where(table.c.order_line_id.in_(order_line_ids), table.c.state == state)
        )
    }
    return lock(session, skus) if skus else {}


def _end_part(session: Session, order_line_id: str, location_id: str, quantity: int, state: str) -> tuple[Locked, str]:
    """End `quantity` of a line's live reservations at a location; the locked levels and the sku."""
    assert quantity > 0, "nothing is not a part"
    locked = _lock_goods_of(session, [order_line_id])
    query = (
        select(_reservation)
        .where(
            _reservation.c.order_line_id == order_line_id,
            _reservation.c.location_id == location_id,
            _reservation.c.state == "live",
        )
        .order_by(_reservation.c.id)
    )
    rows = session.connection().execute(query).all()
    reserved = sum(row.quantity for row in rows)
    if reserved < quantity:
        raise NotEnoughReserved(reserved=reserved)
    now, missing, whole = clock.now(), quantity, []
    for row in rows:
        if row.quantity <= missing:
            whole.append(row.id)
            missing -= row.quantity
        elif missing:
            _split(session, row.id, _row(order_line_id, row.sku, location_id, missing, state, row.reserved_at))
            missing = 0
    if whole:
        statement = update(_reservation).where(_reservation.c.id.in_(whole))
        session.connection().execute(statement.values(state=state, ended_at=now))
    return locked, rows[0].sku


def _split(session: Session, reservation_id: str, part: dict[str, object]) -> None:
    """Take `part`, which is over, out of a reservation that goes on."""
    connection = session.connection()
    connection.execute(
        update(_reservation)
        .where(_reservation.c.id == reservation_id)
        .values(quantity=_reservation.c.quantity - part["quantity"])
    )
    _insert.write(session, part | {"ended_at": clock.now()})
