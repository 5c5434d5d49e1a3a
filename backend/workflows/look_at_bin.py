"""Look at a bin: what the books say lies in it, and what of it someone may have in hands."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.catalog.models import Variant
from backend.fulfillment.models import Fulfillment, FulfillmentLine
from backend.inventory import service as inventory
from backend.inventory.models import StockMove

# What was picked leaves its bin by hand at once, and the books when its parcel does.
_IN_HANDS = ("picking", "picked", "packed")


@dataclass(frozen=True, slots=True)
class Lying:
    """`quantity` base units lie in the bin by the books; `in_hands` were picked at the place and have not left yet."""

    sku: str
    name: str
    name_en: str
    quantity: int
    in_hands: int


def look_at_bin(session: Session, location_code: str, bin_code: str) -> list[Lying]:
    """By sku. Raises: LocationNotFound, BinNotFound."""
    place = inventory.location(session, location_code)
    shelf = inventory.bin_at(session, place.id, bin_code)
    lying = func.sum(StockMove.quantity)
    query = (
        select(Variant.sku, Variant.name_es, Variant.name_en, lying)
        .join(StockMove, StockMove.sku == Variant.sku)
        .where(StockMove.bin_id == shelf.id)
        .group_by(Variant.sku, Variant.name_es, Variant.name_en)
        .having(lying != 0)
        .order_by(Variant.sku)
    )
    rows = [row._tuple() for row in session.execute(query)]
    picked = dict(
        session.execute(
            select(FulfillmentLine.sku, func.sum(FulfillmentLine.picked))
            .join(Fulfillment, Fulfillment.id == FulfillmentLine.fulfillment_id)
            .where(Fulfillment.location_id == place.id, Fulfillment.status.in_(_IN_HANDS))
            .where(FulfillmentLine.sku.in_([sku for sku, *_ in rows]))
            .group_by(FulfillmentLine.sku)
        )
        .tuples()
        .all()
    )
    return [Lying(sku, es, en, int(quantity), int(picked.get(sku, 0))) for sku, es, en, quantity in rows]
