"""What always holds of orders, their history and their holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Executable, and_, case, func, literal, or_, select

from backend.audit.lines import HAS_ENDED
from backend.carts.models import Cart
from backend.events import Event
from backend.orders.approval import AWAITING_PAYMENT
from backend.orders.models import Order, OrderEntry, OrderHold, OrderLine


def _totals_are_sums() -> Executable:
    lines = func.coalesce(func.sum(OrderLine.total_minor), 0)
    discounts = func.coalesce(func.sum(OrderLine.discount_minor), 0)
    taxes = func.coalesce(func.sum(OrderLine.tax_minor), 0)
    return (
        select(
            Order.number.label("subject"),
            Order.subtotal_minor,
            lines.label("lines_minor"),
            Order.tax_minor,
            taxes.label("taxes_minor"),
            Order.discount_minor,
            discounts.label("discounts_minor"),
            Order.total_minor,
        )
        .outerjoin(OrderLine, and_(OrderLine.order_id == Order.id, ~HAS_ENDED))
        .group_by(Order.id)
        .having(
            or_(
                Order.subtotal_minor != lines,
                Order.tax_minor != taxes,
                Order.discount_minor != discounts,
                Order.total_minor != lines + Order.delivery_fee_minor,
            )
        )
    )


def _lines_cost_their_price() -> Executable:
    """Price × quantity − discount + the tax on top, as far as rounding: parts of a line have shares of each."""
    on_top = case((OrderLine.price_includes_tax, 0), else_=OrderLine.tax_minor)
    listed = OrderLine.total_minor - on_top + OrderLine.discount_minor
    off_by = func.abs(listed * OrderLine.price_quantity - OrderLine.price_minor * OrderLine.base_quantity)
    return (
        select(Order.number.label("subject"), OrderLine.sku, OrderLine.total_minor, listed.label("listed_minor"))
        .join(Order, Order.id == OrderLine.order_id)
        .where(off_by > _ROUNDED_MINOR * OrderLine.price_quantity)
    )


def _history_tells() -> Executable:
    def entries(what: str) -> Any:
        return func.coalesce(func.sum(case((OrderEntry.what == what, 1), else_=0)), 0)

    cancelled_due = case((Order.status == "cancelled", 1), else_=0)
    return (
        select(
            Order.number.label("subject"), entries("placed").label("placed"), entries("cancelled").label("cancelled")
        )
        .outerjoin(OrderEntry, OrderEntry.order_id == Order.id)
        .group_by(Order.id)
        .having(or_(entries("placed") != 1, entries("cancelled") != cancelled_due))
    )


def _events_tell() -> Executable:
    """One `order.placed` for each order and one `order.cancelled` for each cancelled one; none without an order."""
    placed_due = case((Order.id.is_(None), 0), else_=1)
    cancelled_due = case((Order.status == "cancelled", 1), else_=0)
    order_events = select(Event.kind, Event.subject).where(Event.kind.like("order.%")).subquery()
    placed = func.coalesce(func.sum(case((order_events.c.kind == "order.placed", 1), else_=0)), 0)
    cancelled = func.coalesce(func.sum(case((order_events.c.kind == "order.cancelled", 1), else_=0)), 0)
    return (
        select(
            func.coalesce(Order.number, order_events.c.subject).label("subject"),
            placed.label("placed"),
            cancelled.label("cancelled"),
        )
        .select_from(Order)
        .join(order_events, order_events.c.subject == Order.number, full=True)
        .group_by(Order.id, Order.number, Order.status, order_events.c.subject)
        .having(or_(placed != placed_due, cancelled != cancelled_due))
    )


def _held_for_a_reason() -> Executable:
    """An order on hold has a hold that goes on; no other order has."""
    open_holds = func.count(OrderHold.id)
    return (
        select(Order.number.label("subject"), Order.status, open_holds.label("open_holds"))
        .outerjoin(OrderHold, and_(OrderHold.order_id == Order.id, OrderHold.outcome.is_(None)))
        .group_by(Order.id, Order.number, Order.status)
        .having(case((Order.status == "on_hold", open_holds == 0), else_=open_holds > 0))
    )


def _held_for_payment_until() -> Executable:
    """Who waits to be paid first waits for so long and no longer, and a hold that ended says when and by whom."""
    waits = OrderHold.reason == AWAITING_PAYMENT
    return (
        select(Order.number.label("subject"), OrderHold.reason, OrderHold.outcome)
        .join(Order, Order.id == OrderHold.order_id)
        .where(
            or_(
                and_(waits, or_(OrderHold.expires_at.is_(None), OrderHold.expires_at < OrderHold.held_at)),
                and_(~waits, OrderHold.expires_at.is_not(None)),
                OrderHold.outcome.is_(None) != OrderHold.ended_at.is_(None),
                OrderHold.outcome.is_(None) != OrderHold.ended_by.is_(None),
            )
        )
    )


def _cart_became_order() -> Executable:
    orders = func.count(Order.id)
    return (
        select(Cart.id.label("subject"), Cart.status, orders.label("orders"))
        .outerjoin(Order, Order.cart_id == Cart.id)
        .group_by(Cart.id, Cart.status)
        .having(orders != case((Cart.status == "ordered", 1), else_=literal(0)))
    )


# A part of a part of a line: three amounts, each rounded twice.
_ROUNDED_MINOR = 3

CHECKS: dict[str, Callable[[], Executable]] = {
    "an order's totals are the sums of its lines": _totals_are_sums,
    "an order's line costs its price less its discount": _lines_cost_their_price,
    "an order says how it came and went in its history": _history_tells,
    "an order's facts left as events, once each": _events_tell,
    "an order is held for a reason, and only as long": _held_for_a_reason,
    "an order waits to be paid until a time, and a hold that ended says when": _held_for_payment_until,
    "a cart became one order, or none": _cart_became_order,
}
