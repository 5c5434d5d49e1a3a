"""Reject an order that was held: it is cancelled, and its stock is given back."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend.orders import approval
from backend.orders import service as orders
from backend.orders.service import FullOrder
from backend.workflows.approve_order import held
from backend.workflows.cancel_order import cancel
from kernel import clock


def reject_order(session: Session, number: str, version: int, who: str, reason: str) -> FullOrder:
    """The order, cancelled; the customer is told the reason.

    Records: the end of its holds, an OrderEntry; what `cancel` records.
    Raises: OrderNotFound, OrderChanged, OrderNotOnHold.
    """
    found = held(session, number, version)
    approval.end_holds(session, found.order.id, "rejected", who)
    orders.enter(session, found.order.id, "rejected", who, clock.now(), reason)
    return cancel(session, found, who, by="staff", reason=reason)
