"""Hold back an order: someone of the shop wants to look at it before it is got ready."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend.fulfillment import service as fulfillment
from backend.orders import service as orders
from backend.orders.approval import BY_HAND, Reason
from backend.orders.errors import OrderChanged, OrderNotHoldable
from backend.orders.service import FullOrder
from backend.workflows.cover_order import cover_order
from backend.workflows.hold_order import hold_order


def hold_back_order(session: Session, number: str, version: int, who: str, note: str) -> FullOrder:
    """The order, as it was looked at, waits for someone's decision from now on; `approve_order` lets it go on.

    Records: what `hold_order` records, with the note; its fulfillments, of which nothing was begun, wait, too.
    Raises: OrderNotFound, OrderChanged, OrderNotHoldable.
    """
    found = orders.find_any(session, number, lock=True)
    order = found.order
    if order.version != version:
        raise OrderChanged(number=order.number, version=order.version, status=order.status)
    if order.status != "confirmed" or is_begun(session, order.id):
        raise OrderNotHoldable(number=order.number, status=order.status)
    held = hold_order(session, found, [Reason(BY_HAND, {})], who, note)
    cover_order(session, held)
    return held


def is_begun(session: Session, order_id: str) -> bool:
    """Whether someone has begun to get anything of the (locked) order ready."""
    there = fulfillment.of_orders(session, [order_id], lock=True)[order_id]
    return any(one.fulfillment.status not in ("pending", "cancelled") for one in there)
