"""Approve an order that was held: someone looked at it, and it goes on as any other."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend.catalog.shop import shop
from backend.orders import approval
from backend.orders import service as orders
from backend.orders.approval import AWAITING_PAYMENT
from backend.orders.errors import OrderChanged, OrderNotOnHold
from backend.orders.models import Order
from backend.orders.service import FullOrder
from backend.shipping.tariff import tariff
from backend.workflows.confirm_order import confirm_order
from backend.workflows.promise_delivery import promise_delivery
from kernel import clock


def approve_order(session: Session, number: str, version: int, who: str, note: str | None = None) -> FullOrder:
    """The order, confirmed. The time it waited is not promised away: its day may move on.

    One that waits to be paid, too, does so still; to wait for nothing else is to be approved unpaid.

    Records: the end of its holds, an OrderEntry; what `confirm_order` records.
    Raises: OrderNotFound, OrderChanged, OrderNotOnHold.
    """
    found = held(session, number, version)
    looked_at = approval.holding(session, found.order.id) - {AWAITING_PAYMENT}
    approval.end_holds(session, found.order.id, "approved", who, kinds=looked_at or None)
    orders.enter(session, found.order.id, "approved", who, clock.now(), note)
    if approval.holding(session, found.order.id):
        return found
    promise_later(session, found.order)
    return confirm_order(session, found, who)


def held(session: Session, number: str, version: int) -> FullOrder:
    """The order that waits for a decision, locked, as the one who decides has seen it.

    Raises: OrderNotFound, OrderChanged, OrderNotOnHold.
    """
    found = orders.find_any(session, number, lock=True)
    order = found.order
    if order.version != version:
        raise OrderChanged(number=order.number, version=order.version, status=order.status)
    if order.status != "on_hold":
        raise OrderNotOnHold(number=order.number, status=order.status)
    return found


def promise_later(session: Session, order: Order) -> None:
    """What is ready to be done only now arrives later than was promised when it was placed."""
    if order.promised_on is None:
        return
    seller = shop(session)
    zone = tariff(session, seller.delivery_version).zone(order.zone)
    now = promise_delivery(session, seller, zone, clock.now(), is_pickup=order.delivery == "pickup")
    if now is not None and now > order.promised_on:
        moved = f"{order.promised_on.isoformat()} → {now.isoformat()}"
        order.promised_on = now
        orders.enter(session, order.id, "promised_later", "system", clock.now(), moved)
