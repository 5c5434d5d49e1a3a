"""What may be done with stock: bring in, move, count again, promise, release."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from backend.base import insert_if_absent, table_of
from backend.inventory.errors import NotEnoughOnHand
from backend.inventory.models import Bin, Location, Reservation, StockLevel, StockMove
from kernel import clock
from kernel.ids import new_id

_level, _location = table_of(StockLevel), table_of(Location)
_reservation = table_of(Reservation)

# Rows are locked in one order everywhere (sku, location), so that two orders for {A, B} and {B, A} never deadlock.
_lock_levels = (
    select(_level.c.sku, _level.c.location_id, _level.c.on_hand - _level.c.reserved, _location.c.preference)
    .join(_location, _location.c.id == _level.c.location_id)
    .where(_level.c.sku.in_(bindparam("skus", expanding=True)))
    .order_by(_level.c.sku, _level.c.location_id)
    .with_for_update(of=_level)
)
_promise = (
    update(_level)
    .where(_level.c.sku == bindparam("sku_"), _level.c.location_id == bindparam("location_"))
    .values(reserved=_level.c.reserved + bindparam("quantity_"))
)
_insert_reservations = insert(_reservation)
_available = (
    select(_level.c.sku, func.sum(_level.c.on_hand - _level.c.reserved))
    .where(_level.c.sku.in_(bindparam("skus", expanding=True)))
    .group_by(_level.c.sku)
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """An order line's wish: `quantity` base units of `sku`."""

    order_line_id: str
    sku: str
    quantity: int


class Short(Exception):
    """Not enough of `sku` for all the lines that want it: `available` base units over all locations."""

    def __init__(self, sku: str, available: int) -> None:
        super().__init__(sku)
        self.sku, self.available = sku, available


def add_location(session: Session, code: str, name: str, preference: int) -> str:
    location = Location(id=new_id(), code=code, name=name, preference=preference)
    session.add(location)
    session.flush()
    return location.id


def add_bin(session: Session, location_id: str, code: str) -> str:
    shelf = Bin(id=new_id(), location_id=location_id, code=code)
    session.add(shelf)
    session.flush()
    return shelf.id


def receive(
    session: Session, sku: str, location_id: str, quantity: int, *, bin_id: str | None = None, note: str = ""
) -> None:
    """Goods came in: `quantity` base units, at least one."""
    assert quantity > 0, "a receipt brings something"
    _move(session, "receipt", sku, location_id, quantity, bin_id=bin_id, note=note)


def adjust(
    session: Session, sku: str, location_id: str, difference: int, *, bin_id: str | None = None, note: str
) -> None:
    """A count found `difference` base units more or fewer than the books. A movement, never an overwrite.

    Raises: NotEnoughOnHand when promised goods would be missing.
    """
    _move(session, "adjustment", sku, location_id, difference, bin_id=bin_id, note=note)


def transfer(session: Session, sku: str, from_location_id: str, to_location_id: str, quantity: int) -> None:
    """Carry free goods from one location to another: two moves, one reference.

    Raises: NotEnoughOnHand.
    """
    assert quantity > 0, "a transfer carries something"
    assert from_location_id != to_location_id, "a transfer goes somewhere"
    reference = new_id()
    for location_id, signed in sorted([(from_location_id, -quantity), (to_location_id, quantity)]):
        _move(session, "transfer", sku, location_id, signed, reference=reference)


def _move(session: Session, kind: str, sku: str, location_id: str, quantity: int, **facts: Any) -> None:
    """Append a move and keep the level true. Records: one StockMove."""
    insert_if_absent(session, StockLevel, {"sku": sku, "location_id": location_id, "on_hand": 0, "reserved": 0})
    level = session.get_one(StockLevel, (sku, location_id), with_for_update=True, populate_existing=True)
    if level.on_hand + quantity < level.reserved:
        raise NotEnoughOnHand(sku=sku, available=level.on_hand - level.reserved)
    level.on_hand += quantity
    session.add(
        StockMove(
            id=new_id(),
            kind=kind,
            sku=sku,
            location_id=location_id,
            quantity=quantity,
            moved_at=clock.now(),
            **facts,
        )
    )
    session.flush()


def available(session: Session, skus: Iterable[str]) -> dict[str, int]:
    """Base units that can still be promised, over all locations, per sku (0 for one never stocked)."""
    wanted = list(skus)
    free = {sku: int(total) for sku, total in session.execute(_available, {"skus": wanted})}
    return {sku: free.get(sku, 0) for sku in wanted}


def reserve(session: Session, lines: Sequence[Wanted]) -> None:
    """Promise stock to order lines, all of them or none.

    The wishes are summed per sku. A line is served by the preferred location that has all of it; when none has,
    it is split, preferred locations first.

    Records: Reservation rows, and the levels they sum to.
    Raises: Short.
    """
    connection = session.connection()
    skus = sorted({line.sku for line in lines})
    rows = connection.execute(_lock_levels, {"skus": skus}).all()
    free: dict[str, dict[str, int]] = {sku: {} for sku in skus}
    for sku, location_id, available_, _preference in sorted(rows, key=lambda row: (row[3], row[1])):
        free[sku][location_id] = available_
    _refuse_shortage(free, lines)
    now = clock.now()
    promised: dict[tuple[str, str], int] = {}
    reservations = []
    for line in lines:
        for location_id, quantity in _allocate(free[line.sku], line.quantity):
            promised[line.sku, location_id] = promised.get((line.sku, location_id), 0) + quantity
            reservations.append(
                {
                    "id": new_id(),
                    "order_line_id": line.order_line_id,
                    "sku": line.sku,
                    "location_id": location_id,
                    "quantity": quantity,
                    "state": "live",
                    "reserved_at": now,
                }
            )
    connection.execute(_promise, _level_changes(promised))
    connection.execute(_insert_reservations, reservations)


def _refuse_shortage(free: Mapping[str, Mapping[str, int]], lines: Sequence[Wanted]) -> None:
    wanted: dict[str, int] = {}
    for line in lines:
        wanted[line.sku] = wanted.get(line.sku, 0) + line.quantity
    for sku, quantity in wanted.items():
        if sum(free[sku].values()) < quantity:
            raise Short(sku, sum(free[sku].values()))


def _allocate(free: dict[str, int], quantity: int) -> list[tuple[str, int]]:
    """Take `quantity` out of `free` (locations in order of preference): whole from one if possible, else split."""
    whole = next((location_id for location_id, count in free.items() if count >= quantity), None)
    taken = []
    for location_id in [whole] if whole is not None else list(free):
        part = min(free[location_id], quantity)
        if part > 0:
            free[location_id] -= part
            quantity -= part
            taken.append((location_id, part))
    assert quantity == 0, "the shortage was refused before"
    return taken


def release(session: Session, order_line_ids: Sequence[str]) -> None:
    """Give back what is still promised to these order lines. Records: the reservations' end."""
    live = (
        select(_reservation.c.id, _reservation.c.sku, _reservation.c.location_id, _reservation.c.quantity)
        .where(_reservation.c.order_line_id.in_(order_line_ids), _reservation.c.state == "live")
        .order_by(_reservation.c.id)
        .with_for_update()
    )
    connection = session.connection()
    rows = connection.execute(live).all()
    if not rows:
        return
    connection.execute(_lock_levels, {"skus": sorted({row.sku for row in rows})})
    returned: dict[tuple[str, str], int] = {}
    for _id, sku, location_id, quantity in rows:
        returned[sku, location_id] = returned.get((sku, location_id), 0) - quantity
    connection.execute(_promise, _level_changes(returned))
    connection.execute(
        update(_reservation)
        .where(_reservation.c.id.in_([row[0] for row in rows]))
        .values(state="released", ended_at=clock.now())
    )


def _level_changes(changes: Mapping[tuple[str, str], int]) -> list[dict[str, Any]]:
    return [
        {"sku_": sku, "location_": location_id, "quantity_": quantity}
        for (sku, location_id), quantity in sorted(changes.items())
    ]


def levels(session: Session, sku: str | None = None) -> list[tuple[str, str, int, int]]:
    """(sku, location code, on hand, reserved) of one variant or of all, for staff."""
    query = (
        select(StockLevel.sku, Location.code, StockLevel.on_hand, StockLevel.reserved)
        .join(Location, Location.id == StockLevel.location_id)
        .order_by(StockLevel.sku, Location.preference)
    )
    if sku is not None:
        query = query.where(StockLevel.sku == sku)
    return [row._tuple() for row in session.execute(query)]
