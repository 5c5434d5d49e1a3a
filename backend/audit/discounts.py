"""What always holds of discounts and their uses."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Executable, and_, exists, func, or_, select

from backend.discounts.models import Discount, DiscountUse
from backend.orders.models import Order
from backend.returns.models import Return


def _uses_are_counted() -> Executable:
    uses = func.count(DiscountUse.order_id)
    return (
        select(Discount.code.label("subject"), Discount.uses, uses.label("orders"), Discount.max_uses)
        .outerjoin(DiscountUse, DiscountUse.discount_code == Discount.code)
        .group_by(Discount.code)
        .having(or_(Discount.uses != uses, uses > Discount.max_uses))
    )


def _who_has_it_uses_it() -> Executable:
    """A cancelled order gave its use back; a replacement has the terms of the order it replaces, and no use."""
    is_replacement = exists().where(Return.exchange_order_id == Order.id)
    is_due = and_(Order.discount.is_not(None), Order.status != "cancelled", ~is_replacement)
    return (
        select(Order.number.label("subject"), Order.status, Order.discount_minor, DiscountUse.discount_code)
        .outerjoin(DiscountUse, DiscountUse.order_id == Order.id)
        .where(is_due != DiscountUse.order_id.is_not(None))
    )


CHECKS: dict[str, Callable[[], Executable]] = {
    "a discount's uses are its orders, and no more than it may have": _uses_are_counted,
    "an order with a discount is a use of it": _who_has_it_uses_it,
}
