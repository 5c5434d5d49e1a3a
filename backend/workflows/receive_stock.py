"""Receive stock: goods came to the door; who waits for them is served first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from backend.catalog.service import require_known
from backend.inventory import service as inventory
from backend.workflows.fill_backorders import FilledFor, fill_for, lock_waiting
from backend.workflows.tell_low_stock import tell_low_stock


@dataclass(frozen=True, slots=True)
class Received:
    """`quantity` base units of `sku`, put into a `bin` if one is named."""

    sku: str
    quantity: int
    bin: str | None = None


def receive_stock(
    session: Session, location_code: str, lines: Sequence[Received], *, reference: str | None = None, note: str = ""
) -> list[FilledFor]:
    """What came to a location, all of it or nothing; those who got what they waited for.

    Records: StockMoves, what has come of IncomingStock; what `fill_for` records.
    Raises: LocationNotFound, BinNotFound, UnknownSku.
    """
    place = inventory.location(session, location_code)
    skus = sorted({line.sku for line in lines})
    require_known(session, skus)
    bins = {code: inventory.bin_at(session, place.id, code).id for line in lines if (code := line.bin) is not None}
    waiting = lock_waiting(session, skus)
    inventory.lock(session, skus)
    for line in lines:
        bin_id = bins[line.bin] if line.bin is not None else None
        inventory.receive(session, line.sku, place.id, line.quantity, bin_id=bin_id, reference=reference, note=note)
        inventory.count_in(session, line.sku, place.id, line.quantity, reference)
    filled = fill_for(session, waiting, skus)
    tell_low_stock(session)
    return filled
