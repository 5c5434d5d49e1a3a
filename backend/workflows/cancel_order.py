"""Cancel an order while that is allowed, and give its stock back."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend import events
from backend.inventory import service as inventory
from backend.orders import service as orders
from backend.orders.service import FullOrder
from backend.partners import service as partners
from backend.workflows.cover_order import cover_order


def cancel_order(session: Session, customer_id: str, number: str, reason: str | None = None) -> FullOrder:
    """The customer's order, cancelled.

    Records: its status, its fulfillments' status, an OrderEntry, the reservations' end, the event `order.cancelled`.
    Raises: OrderNotFound, OrderNotCancellable.
    """
    found = orders.find(session, customer_id, number, lock=True)
    orders.cancel(session, found.order, who=f"customer:{customer_id}", reason=reason)
    inventory.release(session, [line.id for line in found.lines])
    partners.release(session, [line.id for line in found.lines])
    cover_order(session, found)
    events.record(
        session, "order.cancelled", found.order.number, orders.fact(found.order) | {"reason": reason, "by": "customer"}
    )
    return found
