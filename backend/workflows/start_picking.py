"""Start picking: someone takes a pending fulfillment to their cart; nobody else does."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend.fulfillment import service as fulfillment
from backend.fulfillment.service import FullFulfillment
from backend.orders import service as orders
from backend.workflows.lock_fulfillment import lock_fulfillment, require_confirmed
from kernel import clock


def start_picking(session: Session, number: str, version: int, who: str) -> FullFulfillment:
    """From here on the order's lines in it are not changed any more.

    Records: its status, an OrderEntry.
    Raises: FulfillmentNotFound, FulfillmentChanged, FulfillmentStepIllegal.
    """
    found, full = lock_fulfillment(session, number, version)
    require_confirmed(found, full, "picking")
    fulfillment.step(session, full.fulfillment, "picking")
    orders.enter(session, found.order.id, "picking", who, clock.now())
    return full
