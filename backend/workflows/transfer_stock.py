"""Transfer stock: carry free goods from one location to another."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend.catalog.service import require_known
from backend.inventory import service as inventory
from backend.inventory.errors import SameLocation
from backend.workflows.tell_low_stock import tell_low_stock


def transfer_stock(
    session: Session, sku: str, from_code: str, to_code: str, quantity: int, *, to_bin: str | None = None, note: str
) -> None:
    """Records: StockMoves of one reference that sum to nothing; the event `stock.low`.

    Raises: LocationNotFound, BinNotFound, SameLocation, UnknownSku, NotEnoughOnHand.
    """
    if from_code == to_code:
        raise SameLocation(location=to_code)
    source, target = inventory.location(session, from_code), inventory.location(session, to_code)
    require_known(session, [sku])
    bin_id = inventory.bin_at(session, target.id, to_bin).id if to_bin is not None else None
    inventory.transfer(session, sku, source.id, target.id, quantity, to_bin_id=bin_id, note=note)
    tell_low_stock(session)
