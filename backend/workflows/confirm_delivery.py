"""Confirm a delivery: a parcel is where it should be, and how that is known is kept with it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend import events
from backend.orders import service as orders
from backend.orders.service import FullOrder
from backend.shipping.carriers import CarrierEvent
from backend.shipping.models import Shipment
from backend.workflows.close_order import settle_delivery
from kernel import clock


def confirm_delivery(session: Session, found: FullOrder, shipment: Shipment, said: CarrierEvent, who: str) -> None:
    """The (locked) parcel of the (locked) order was just delivered. With its last parcel the order is closed.

    Records: who received it and the proof, an OrderEntry, the event `shipment.delivered`; what `settle_delivery` does.
    """
    shipment.received_by = said.received_by
    shipment.proof = {"said_by": who, "note": said.note, **(said.proof or {})}
    session.flush()
    orders.enter(session, found.order.id, "delivered", who, clock.now(), shipment.number)
    is_last = settle_delivery(session, found, shipment.fulfillment_id, who)
    payload = orders.fact(found.order) | {"shipment": shipment.number, "is_last": is_last}
    events.record(session, "shipment.delivered", found.order.number, payload)
