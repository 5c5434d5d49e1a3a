"""Lock a fulfillment the way everyone does, its order first; and say who may not work on it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend.fulfillment import service as fulfillment
from backend.fulfillment import walks
from backend.fulfillment.errors import FulfillmentInWalk, FulfillmentStepIllegal
from backend.fulfillment.service import FullFulfillment
from backend.orders import service as orders
from backend.orders.service import FullOrder


def lock_fulfillment(session: Session, number: str, version: int | None) -> tuple[FullOrder, FullFulfillment]:
    """The order and its fulfillment, both locked; the order first, so that no two verbs wait for each other.

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


def require_not_anothers(session: Session, full: FullFulfillment, who: str) -> None:
    """Into a basket that someone pushes along, and out of it to a shelf or a parcel, goes what they say; others take
    their walk over first.

    What is picked may stand where it is packed: that is anyone's.

    Raises: FulfillmentInWalk.
    """
    if full.fulfillment.status != "picking":
        return
    picker = walks.picker_of(session, full.fulfillment.id)
    if picker not in (None, who):
        raise FulfillmentInWalk(number=full.fulfillment.number)
