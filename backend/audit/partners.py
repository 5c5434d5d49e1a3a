"""What always holds of what partners promised and were asked for."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Executable, and_, func, or_, select

from backend.audit.lines import HAS_ENDED
from backend.fulfillment.models import Fulfillment
from backend.orders.models import Order, OrderLine
from backend.partners.models import PartnerPromise, PurchaseOrder

# Where a fulfillment may be while the purchase order for it is of this status.
_AGREEING = {
    "sent": ("pending", "picking"),
    "confirmed": ("pending", "picking"),
    "rejected": ("cancelled", "picking", "shipped", "delivered", "returned_to_origin"),
    "shipped": ("shipped", "delivered", "returned_to_origin"),
    "cancelled": ("cancelled",),
}


def _partner_promise_is_due() -> Executable:
    is_over = or_(Order.status == "cancelled", HAS_ENDED)
    return (
        select(Order.number.label("subject"), OrderLine.sku, PartnerPromise.state, PartnerPromise.quantity)
        .join(OrderLine, OrderLine.id == PartnerPromise.order_line_id)
        .join(Order, Order.id == OrderLine.order_id)
        .where(
            or_(
                and_(PartnerPromise.state == "live", is_over),
                and_(PartnerPromise.state == "released", ~is_over),
                and_(PartnerPromise.state == "shipped", Order.status == "cancelled"),
                PartnerPromise.quantity != OrderLine.base_quantity,
            )
        )
    )


def _purchase_order_agrees() -> Executable:
    """Every fulfillment of a partner was sent to just that partner, and is where they say it is."""
    agrees = or_(
        *(and_(PurchaseOrder.status == status, Fulfillment.status.in_(places)) for status, places in _AGREEING.items())
    )
    return (
        select(
            Fulfillment.number.label("subject"),
            Fulfillment.status,
            PurchaseOrder.number,
            PurchaseOrder.status.label("purchase_order_status"),
        )
        .outerjoin(PurchaseOrder, PurchaseOrder.fulfillment_id == Fulfillment.id)
        .where(
            or_(
                and_(Fulfillment.partner_id.is_not(None), PurchaseOrder.id.is_(None)),
                PurchaseOrder.partner_id != func.coalesce(Fulfillment.partner_id, ""),
                and_(PurchaseOrder.id.is_not(None), ~agrees),
            )
        )
    )


CHECKS: dict[str, Callable[[], Executable]] = {
    "a partner's promise ends with its line": _partner_promise_is_due,
    "a purchase order agrees with its fulfillment": _purchase_order_agrees,
}
