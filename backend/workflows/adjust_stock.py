"""Adjust stock: goods broke, spoiled, were stolen or turned up."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend.catalog.service import require_known
from backend.inventory import service as inventory
from backend.inventory.errors import NothingToAdjust
from backend.workflows.book_goods import goods_counted
from backend.workflows.tell_low_stock import tell_low_stock


def adjust_stock(
    session: Session, sku: str, location_code: str, difference: int, *, bin_code: str | None = None, note: str, who: str
) -> None:
    """`difference` base units more or fewer than the books say.

    Records: StockMoves that name who adjusted; what they are worth, as a JournalEntry; the event `stock.low`.
    Raises: NothingToAdjust, LocationNotFound, BinNotFound, UnknownSku, NotEnoughOnHand.
    """
    if not difference:
        raise NothingToAdjust()
    place = inventory.location(session, location_code)
    require_known(session, [sku])
    bin_id = inventory.bin_at(session, place.id, bin_code).id if bin_code is not None else None
    worth_minor = inventory.adjust(session, sku, place.id, difference, bin_id=bin_id, reference=who, note=note)
    goods_counted(session, worth_minor, sku, who)
    tell_low_stock(session)
