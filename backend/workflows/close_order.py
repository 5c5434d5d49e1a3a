"""Close an order: everything it has was delivered, or came back and was made good."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend import events
from backend.fulfillment import service as fulfillment
from backend.orders import service as orders
from backend.orders.service import FullOrder
from backend.returns import service as returns
from backend.shipping import service as shipping
from kernel import clock

_AT_HOME = ("pending", "picking", "picked", "packed")


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
    """Nothing of it is still got ready, and every unit of every line arrived, or bounced and was made good."""
    there = fulfillment.of_orders(session, [found.order.id])[found.order.id]
    if any(full.fulfillment.status in _AT_HOME for full in there):
        return False
    made_good = returns.resolved_parcels(session, found.order.id)
    over: dict[str, int] = {}
    for parcel in shipping.of_order(session, found.order.id):
        if parcel.shipment.status == "delivered" or parcel.shipment.id in made_good:
            for line in parcel.lines:
                over[line.order_line_id] = over.get(line.order_line_id, 0) + line.quantity
    return all(over.get(line.id, 0) >= line.base_quantity for line in found.lines)


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
