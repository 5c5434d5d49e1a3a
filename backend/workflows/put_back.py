"""Put back: what went into the basket by mistake is taken out of it again."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend.fulfillment import service as fulfillment
from backend.fulfillment.service import FullFulfillment
from backend.shipping import service as shipping
from backend.workflows.lock_fulfillment import lock_fulfillment, require_confirmed, require_not_anothers


def put_back(session: Session, number: str, version: int, line: str, quantity: int, who: str) -> FullFulfillment:
    """`quantity` base units of a line (its id, or a sku) were not picked after all. Nothing of it has left its shelf.

    Records: the lines' counts, its next version; what was picked is being picked again.
    Raises: FulfillmentNotFound, FulfillmentChanged, FulfillmentStepIllegal, FulfillmentInWalk (someone else's),
    NotInFulfillment, NothingToPutBack.
    """
    found, full = lock_fulfillment(session, number, version)
    require_confirmed(found, full, "picking")
    require_not_anothers(session, full, who)
    packed: dict[str, int] = {}
    for parcel in shipping.of_fulfillment(session, full.fulfillment.id):
        for inside in parcel.lines:
            packed[inside.order_line_id] = packed.get(inside.order_line_id, 0) + inside.quantity
    fulfillment.put_back(session, full, line, quantity, packed)
    return full
