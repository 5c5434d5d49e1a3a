"""Parcels for tests that are not about how one is got ready."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.fulfillment.models import Fulfillment, FulfillmentLine
from backend.inventory.models import Location
from backend.orders import service as orders
from backend.shipping import service as shipping
from backend.shipping.models import Shipment
from kernel import clock
from kernel.ids import new_id


def pack_order(session: Session, number: str, weight_g: int = 1_000) -> Shipment:
    """The whole order as one packed parcel of one fulfillment."""
    found = orders.find_any(session, number)
    fulfillment = Fulfillment(
        id=new_id(),
        number=f"{number}-1",
        order_id=found.order.id,
        location_id=session.scalar(select(Location.id).limit(1)),
        kind="delivery",
        status="packed",
        version=1,
        created_at=clock.now(),
    )
    session.add(fulfillment)
    session.flush()
    for line in found.lines:
        session.add(
            FulfillmentLine(
                id=new_id(),
                fulfillment_id=fulfillment.id,
                order_line_id=line.id,
                sku=line.sku,
                quantity=line.base_quantity,
                picked=line.base_quantity,
                short=0,
            )
        )
    session.flush()
    lines = [(line.id, line.sku, line.base_quantity) for line in found.lines]
    return shipping.pack(session, found.order.id, fulfillment.id, f"{number}-1-A", lines, weight_g)
