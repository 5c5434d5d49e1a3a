"""Lock a fulfillment the way everyone does: its order first, so that no two verbs wait for each other."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend.fulfillment import service as fulfillment
from backend.fulfillment.errors import FulfillmentStepIllegal
from backend.fulfillment.service import FullFulfillment
from backend.orders import service as orders
from backend.orders.service import FullOrder


def lock_fulfillment(session: Session, number: str, version: int | None) -> tuple[FullOrder, FullFulfillment]:
    """The order and its fulfillment, both locked.

    Raises: FulfillmentNotFound; FulfillmentChanged when it is not of `version` any more.
    """
    seen = fulfillment.find(session, number)
    found = orders.by_id(session, seen.order_id, lock=True)
    return found, fulfillment.locked(session, seen.id, version)


def require_confirmed(found: FullOrder, full: FullFulfillment, step: str) -> None:
    """Nobody works on an order that was stopped, nor on the part of one that a partner has.

    Raises: FulfillmentStepIllegal.
    """
    if found.order.status != "confirmed":
        raise FulfillmentStepIllegal(number=full.fulfillment.number, status=found.order.status, step=step)
    if full.fulfillment.location_id is None:
        raise FulfillmentStepIllegal(number=full.fulfillment.number, status="partner", step=step)
