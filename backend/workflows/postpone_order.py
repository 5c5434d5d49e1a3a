"""Postpone an order: it arrives later than was promised, and the customer is told, once for each new day."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from backend import events
from backend.fulfillment import service as fulfillment
from backend.orders import service as orders
from backend.orders.service import FullOrder
from kernel import clock

_AT_HOME = ("pending", "picking", "picked", "packed")


def postpone_order(session: Session, found: FullOrder, promised_on: date, who: str) -> bool:
    """Give the (locked) order a later day; an earlier one, or the same, changes nothing and is told to nobody.

    Records: the promise of the order and of those parts that have not left, an OrderEntry, the event `order.delayed`.
    """
    order, was = found.order, found.order.promised_on
    if was is not None and promised_on <= was:
        return False
    order.promised_on = promised_on
    for full in fulfillment.of_orders(session, [order.id], lock=True)[order.id]:
        if full.fulfillment.status in _AT_HOME:
            full.fulfillment.promised_on = promised_on
    session.flush()
    if was is None:
        return False
    orders.enter(session, order.id, "delayed", who, clock.now(), f"{was.isoformat()} → {promised_on.isoformat()}")
    facts = {"promised_on": promised_on.isoformat(), "was": was.isoformat()}
    events.record(session, "order.delayed", order.number, orders.fact(order) | facts)
    return True
