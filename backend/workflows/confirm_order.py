"""Confirm an order: from here on the warehouse, and partners, get it ready."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend import events
from backend.events import Fact
from backend.orders import service as orders
from backend.orders.models import Order
from backend.orders.service import FullOrder
from backend.workflows.cover_order import cover_order
from kernel import clock


def confirm_order(session: Session, found: FullOrder, who: str) -> FullOrder:
    """The (locked) order, confirmed, with a fulfillment for each place that serves a part of it.

    What waits for goods has none yet; see `cover_order`.

    Records: the status, Fulfillment and FulfillmentLine rows, an OrderEntry, the event `order.confirmed`.
    Raises: IllegalStep.
    """
    order = found.order
    orders.move(session, order, "confirmed")
    cover_order(session, found)
    orders.enter(session, order.id, "confirmed", who, clock.now())
    events.record_all(session, [confirmed_fact(order)])
    return found


def confirmed_fact(order: Order) -> Fact:
    """What the event `order.confirmed` says."""
    told = {"promised_on": order.promised_on.isoformat() if order.promised_on else None}
    return Fact("order.confirmed", order.number, orders.fact(order) | orders.charged(order) | told)
