"""What scanners read: a code on a package, and of which variant it holds how much."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend.catalog.errors import UnknownBarcode
from backend.catalog.models import Barcode
from backend.catalog.offers import require_known


def put(session: Session, code: str, sku: str, quantity: int) -> Barcode:
    """The code means this from now on. Records: a Barcode.

    Raises: UnknownSku.
    """
    require_known(session, [sku])
    return session.merge(Barcode(code=code, sku=sku, quantity=quantity))


def read(session: Session, code: str) -> Barcode:
    """Raises: UnknownBarcode."""
    found = session.get(Barcode, code)
    if found is None:
        raise UnknownBarcode(code=code)
    return found
