"""Watch stock: say below how much the shop wants to know."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend.catalog.service import require_known
from backend.inventory import service as inventory
from backend.inventory.service import Watched
from backend.workflows.tell_low_stock import tell_low_stock


def watch_stock(session: Session, sku: str, location_code: str, minimum: int) -> Watched:
    """Records: a StockThreshold; the event `stock.low` when it is below already and was not before.

    Raises: LocationNotFound, UnknownSku.
    """
    place = inventory.location(session, location_code)
    require_known(session, [sku])
    watched = inventory.watch(session, sku, place, minimum)
    tell_low_stock(session)
    return watched
