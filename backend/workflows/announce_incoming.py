"""Announce incoming stock: a supplier said what will come, where and when."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from backend.catalog.service import require_known
from backend.inventory import service as inventory
from backend.inventory.models import IncomingStock
from backend.workflows.keep_promises import keep_promises, lock_those_who_wait


def announce_incoming(
    session: Session,
    sku: str,
    location_code: str,
    quantity: int,
    expected_on: date,
    reference: str,
    who: str = "system",
) -> IncomingStock:
    """From here on promises can be made from it, first of all to those who wait already.

    Records: an IncomingStock; what `keep_promises` does.
    Raises: LocationNotFound, UnknownSku.
    """
    place = inventory.location(session, location_code)
    require_known(session, [sku])
    lock_those_who_wait(session, [sku])
    row = inventory.announce(session, sku, place.id, quantity, expected_on, reference)
    keep_promises(session, [sku], who)
    return row
