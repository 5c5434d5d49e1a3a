"""Stock levels: the running sums, the one lock on them, and what staff see of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import and_, bindparam, func, select, update
from sqlalchemy.orm import Session

from backend.base import insert_if_absent, table_of
from backend.inventory.models import Location, StockLevel, StockThreshold
from kernel.prepared import Prepared

_level, _location, _threshold = table_of(StockLevel), table_of(Location), table_of(StockThreshold)

# Rows are locked in one order everywhere (sku, location), so that two orders for {A, B} and {B, A} never deadlock.
_lock = Prepared(
    select(
        _level.c.sku,
        _level.c.location_id,
        _level.c.on_hand,
        _level.c.reserved,
        _threshold.c.minimum,
        _location.c.code,
        _location.c.preference,
        _location.c.latitude,
        _location.c.longitude,
    )
    .join(_location, _location.c.id == _level.c.location_id)
    .outerjoin(_threshold, and_(_threshold.c.sku == _level.c.sku, _threshold.c.location_id == _level.c.location_id))
    .where(_level.c.sku.in_(bindparam("skus", expanding=True)))
    .order_by(_level.c.sku, _level.c.location_id)
    .with_for_update(of=_level)
)
_change = Prepared(
    update(_level)
    .where(_level.c.sku == bindparam("sku_"), _level.c.location_id == bindparam("location_"))
    .values(on_hand=_level.c.on_hand + bindparam("on_hand_"), reserved=_level.c.reserved + bindparam("reserved_"))
)
_available = (
    select(_level.c.sku, func.sum(_level.c.on_hand - _level.c.reserved))
    .where(_level.c.sku.in_(bindparam("skus", expanding=True)))
    .group_by(_level.c.sku)
)


@dataclass(slots=True)
class Level:
    """A locked level, with what is known of its location. `minimum` is the threshold, if there is one."""

    sku: str
    location_id: str
    on_hand: int
    reserved: int
    minimum: int | None
    location: str
    preference: int
    latitude: float | None
    longitude: float | None

    @property
    def available(self) -> int:
        return self.on_hand - self.reserved


@dataclass(frozen=True, slots=True)
class Low:
    """A variant at a location fell below the `minimum` of which the shop wants to know."""

    sku: str
    location: str
    available: int
    minimum: int


_LOWS = "inventory.lows"
# (sku, location) -> its locked level
Locked = dict[tuple[str, str], Level]
# (sku, location) -> how on hand and reserved shall change
Changes = Mapping[tuple[str, str], tuple[int, int]]


def lock(session: Session, skus: Iterable[str]) -> Locked:
    """The levels of `skus` at all locations, locked until the transaction ends.

    They are the lock of everything promised from them: whoever makes or ends a reservation, hold or backorder holds
    the levels of its sku, and reads such rows only after that.
    """
    rows = _lock.rows(session, {"skus": sorted(set(skus))})
    return {(row[0], row[1]): Level(*row) for row in rows}


def lock_with(session: Session, places: Iterable[tuple[str, str]]) -> Locked:
    """As `lock`, for the skus of these (sku, location) pairs, with a level for each pair."""
    wanted = sorted(set(places))
    skus = {sku for sku, _ in wanted}
    locked = lock(session, skus)
    missing = [place for place in wanted if place not in locked]
    for sku, location_id in missing:
        insert_if_absent(session, StockLevel, {"sku": sku, "location_id": location_id, "on_hand": 0, "reserved": 0})
    return lock(session, skus) if missing else locked


def change(session: Session, locked: Locked, changes: Changes) -> None:
    """Add to the locked levels. Where available falls below its threshold, `lows` tells of it."""
    moved = {place: deltas for place, deltas in sorted(changes.items()) if any(deltas)}
    if not moved:
        return
    rows = [
        {"sku_": sku, "location_": location_id, "on_hand_": on_hand, "reserved_": reserved}
        for (sku, location_id), (on_hand, reserved) in moved.items()
    ]
    _change.write(session, rows)
    for place, (on_hand, reserved) in moved.items():
        level = locked[place]
        before = level.available
        level.on_hand += on_hand
        level.reserved += reserved
        if level.minimum is not None and level.available < level.minimum <= before:
            note_low(session, Low(level.sku, level.location, level.available, level.minimum))


def note_low(session: Session, low: Low) -> None:
    session.info.setdefault(_LOWS, []).append(low)


def lows(session: Session) -> list[Low]:
    """What fell below its threshold in this transaction since this was last asked; the verb makes it known."""
    found: list[Low] = session.info.pop(_LOWS, [])
    return found


def available(session: Session, skus: Iterable[str], at: str | None = None) -> dict[str, int]:
    """Base units that can still be promised, over all locations or `at` one, per sku (0 for one never stocked)."""
    wanted = list(skus)
    query = _available if at is None else _available.where(_level.c.location_id == at)
    free = {sku: int(total) for sku, total in session.execute(query, {"skus": wanted})}
    return {sku: free.get(sku, 0) for sku in wanted}


def levels_page(
    session: Session, sku: str | None, location_id: str | None, after: str | None, variants: int
) -> tuple[list[tuple[str, str, int, int]], str | None]:
    """As `levels`, of so many variants that come after the sku `after`; and the sku to go on after."""
    skus = select(StockLevel.sku).distinct().order_by(StockLevel.sku).limit(variants + 1)
    if sku is not None:
        skus = skus.where(StockLevel.sku == sku)
    if location_id is not None:
        skus = skus.where(StockLevel.location_id == location_id)
    if after is not None:
        skus = skus.where(StockLevel.sku > after)
    found = list(session.scalars(skus))
    query = (
        select(StockLevel.sku, Location.code, StockLevel.on_hand, StockLevel.reserved)
        .join(Location, Location.id == StockLevel.location_id)
        .where(StockLevel.sku.in_(found[:variants]))
        .order_by(StockLevel.sku, Location.preference, Location.code)
    )
    if location_id is not None:
        query = query.where(StockLevel.location_id == location_id)
    rows = [row._tuple() for row in session.execute(query)]
    return rows, found[variants - 1] if len(found) > variants else None


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
