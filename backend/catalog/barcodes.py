"""What scanners read: a code on a package, and of which variant it holds how much."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import insert, select
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


def add_barcodes(session: Session, codes: Iterable[tuple[str, str, int]]) -> None:
    """(code, sku, base units) of each package; a code that is known means what it means. Records: the others."""
    known = set(session.scalars(select(Barcode.code)))
    rows = [{"code": code, "sku": sku, "quantity": each} for code, sku, each in codes if code not in known]
    if rows:
        session.execute(insert(Barcode), rows)


def read(session: Session, code: str) -> Barcode:
    """Raises: UnknownBarcode."""
    found = session.get(Barcode, code)
    if found is None:
        raise UnknownBarcode(code=code)
    return found
