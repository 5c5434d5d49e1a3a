"""Count stock: someone stood before a bin and counted."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend.catalog.service import require_known
from backend.inventory import service as inventory
from backend.inventory.models import StockCount
from backend.workflows.book_goods import goods_counted
from backend.workflows.tell_low_stock import tell_low_stock


def count_stock(
    session: Session,
    location_code: str,
    bin_code: str,
    sku: str,
    counted: int,
    *,
    who: str,
    note: str = "",
    seen: int | None = None,
) -> StockCount:
    """The count beside what the books said; the difference is moved, if it still is what was `seen`.

    Records: a StockCount, a StockMove of the difference, and what it is worth as a JournalEntry; the event `stock.low`.
    Raises: LocationNotFound, BinNotFound, UnknownSku, CountStale, NotEnoughOnHand.
    """
    place = inventory.location(session, location_code)
    shelf = inventory.bin_at(session, place.id, bin_code)
    require_known(session, [sku])
    found, worth_minor = inventory.count(session, shelf, sku, counted, who, note, seen)
    goods_counted(session, worth_minor, sku, who)
    tell_low_stock(session)
    return found
