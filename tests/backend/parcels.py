"""Parcels for tests that are not about how one is got ready."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend.fulfillment import service as fulfillment
from backend.orders import service as orders
from backend.shipping import service as shipping
from backend.shipping.models import Shipment


def pack_order(session: Session, number: str, weight_g: int = 1_000) -> Shipment:
    """The whole order as one packed parcel of its one fulfillment."""
    order = orders.find_any(session, number).order
    [full] = fulfillment.of_orders(session, [order.id])[order.id]
    for line in full.lines:
        line.picked = line.quantity
    full.fulfillment.status = "packed"
    session.flush()
    lines = [(line.order_line_id, line.sku, line.quantity) for line in full.lines]
    return shipping.pack(session, order.id, full.fulfillment.id, f"{full.fulfillment.number}-A", lines, weight_g)
