"""Close an order: everything it has was delivered."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend import events
from backend.fulfillment import service as fulfillment
from backend.orders import service as orders
from backend.orders.service import FullOrder
from backend.shipping import service as shipping
from kernel import clock

_OVER = ("delivered", "cancelled")


def close_order(session: Session, found: FullOrder, who: str) -> bool:
    """Close the (locked) order if nothing is left to do for it; whether it is closed.

    Records: the status, an OrderEntry, the event `order.closed`.
    """
    if found.order.status != "confirmed" or not is_done(session, found):
        return False
    orders.move(session, found.order, "closed")
    orders.enter(session, found.order.id, "closed", who, clock.now())
    events.record(session, "order.closed", found.order.number, orders.fact(found.order))
    return True


def is_done(session: Session, found: FullOrder) -> bool:
    """Every unit of every line is in a fulfillment that was delivered."""
    there = fulfillment.of_orders(session, [found.order.id])[found.order.id]
    if not all(full.fulfillment.status in _OVER for full in there):
        return False
    delivered: dict[str, int] = {}
    for full in there:
        if full.fulfillment.status == "delivered":
            for line in full.lines:
                delivered[line.order_line_id] = delivered.get(line.order_line_id, 0) + line.picked
    return all(delivered.get(line.id, 0) >= line.base_quantity for line in found.lines)


def settle_delivery(session: Session, found: FullOrder, fulfillment_id: str, who: str) -> bool:
    """A parcel of the (locked) order was delivered: its fulfillment, and the order, may be done with that.

    True when it was the last parcel of the order.

    Records: the fulfillment's status; what `close_order` records.
    """
    full = fulfillment.locked(session, fulfillment_id)
    parcels = shipping.of_fulfillment(session, fulfillment_id)
    if full.fulfillment.status == "shipped" and all(one.shipment.status == "delivered" for one in parcels):
        fulfillment.mark_delivered(session, full.fulfillment)
    return close_order(session, found, who)
