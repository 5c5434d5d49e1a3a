"""Tell the shop what ran low: part of every verb that promises or moves stock."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend import events
from backend.inventory import service as inventory


def tell_low_stock(session: Session) -> None:
    """Once when it falls below its threshold, in the transaction that made it so; again only after it recovered.

    Records: the event `stock.low`.
    """
    for low in inventory.lows(session):
        fact = {"location": low.location, "available": low.available, "minimum": low.minimum}
        events.record(session, "stock.low", low.sku, fact)
