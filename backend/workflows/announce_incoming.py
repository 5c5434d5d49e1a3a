"""Announce incoming stock: a supplier said what will come, where and when."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from backend.catalog.service import require_known
from backend.inventory import service as inventory
from backend.inventory.models import IncomingStock


def announce_incoming(
    session: Session, sku: str, location_code: str, quantity: int, expected_on: date, reference: str
) -> IncomingStock:
    """From here on promises can be made from it.

    Records: an IncomingStock.
    Raises: LocationNotFound, UnknownSku.
    """
    place = inventory.location(session, location_code)
    require_known(session, [sku])
    return inventory.announce(session, sku, place.id, quantity, expected_on, reference)
