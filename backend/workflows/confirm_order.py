"""Confirm an order: from here on the warehouse, and partners, get it ready."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend import events
from backend.orders import service as orders
from backend.orders.service import FullOrder
from backend.workflows.cover_order import cover_order
from kernel import clock


def confirm_order(session: Session, found: FullOrder, who: str) -> FullOrder:
    """The (locked, or just placed) order, confirmed, with a fulfillment for each place that serves a part of it.

    What waits for goods has none yet; see `cover_order`.

    Records: the status, Fulfillment and FulfillmentLine rows, an OrderEntry, the event `order.confirmed`.
    Raises: IllegalStep.
    """
    order, was = found.order, found.order.status
    orders.move(session, order, "confirmed")
    cover_order(session, found, is_fresh=was == "placed")
    orders.enter(session, order.id, "confirmed", who, clock.now())
    told = {"promised_on": order.promised_on.isoformat() if order.promised_on else None}
    events.record(session, "order.confirmed", order.number, orders.fact(order) | orders.charged(order) | told)
    return found
