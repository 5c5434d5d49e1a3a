"""Thresholds: below how much of a variant at a location the shop wants to know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.inventory.errors import ThresholdNotFound
from backend.inventory.levels import Low, lock_with, note_low
from backend.inventory.models import Location, StockLevel, StockThreshold


@dataclass(frozen=True, slots=True)
class Watched:
    """A threshold beside what is available."""

    sku: str
    location: str
    minimum: int
    available: int


def watch(session: Session, sku: str, place: Location, minimum: int) -> Watched:
    """From here on the shop wants to know. What is below already is told at once, unless it was told before.

    Records: a StockThreshold.
    """
    assert minimum > 0, "nothing is less than nothing"
    level = lock_with(session, [(sku, place.id)])[sku, place.id]
    known = session.get(StockThreshold, (sku, place.id))
    was_low = known is not None and level.available < known.minimum
    if known is None:
        session.add(StockThreshold(sku=sku, location_id=place.id, minimum=minimum))
    else:
        known.minimum = minimum
    session.flush()
    if level.available < minimum and not was_low:
        note_low(session, Low(sku, place.code, level.available, minimum))
    return Watched(sku, place.code, minimum, level.available)


def forget(session: Session, sku: str, place: Location) -> Watched:
    """The threshold there was.

    Raises: ThresholdNotFound.
    """
    known = session.get(StockThreshold, (sku, place.id), with_for_update=True)
    if known is None:
        raise ThresholdNotFound(sku=sku, location=place.code)
    level = session.get_one(StockLevel, (sku, place.id))
    session.delete(known)
    session.flush()
    return Watched(sku, place.code, known.minimum, level.on_hand - level.reserved)


def watched(session: Session, *, only_low: bool = False, limit: int) -> Sequence[Watched]:
    """All thresholds, or those that are broken."""
    available = StockLevel.on_hand - StockLevel.reserved
    query = (
        select(StockThreshold.sku, Location.code, StockThreshold.minimum, available)
        .join(Location, Location.id == StockThreshold.location_id)
        .join(
            StockLevel,
            (StockLevel.sku == StockThreshold.sku) & (StockLevel.location_id == StockThreshold.location_id),
        )
        .order_by(StockThreshold.sku, Location.preference)
        .limit(limit)
    )
    if only_low:
        query = query.where(available < StockThreshold.minimum)
    return [Watched(*row) for row in session.execute(query)]
