"""Look at what is still due of orders, and what was paid: from invoices, payments and what settles what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from backend.invoicing import service as invoicing
from backend.invoicing.models import Invoice
from backend.orders.models import Order
from backend.payments import service as payments
from backend.payments import settlements
from backend.workflows.open_amounts import open_of


@dataclass(frozen=True, slots=True)
class Dues:
    """Minor units of the order's currency. `due` is what the customer still has to pay, invoiced or not.

    `uninvoiced` is what no invoice bills yet; `advance` what was paid before it is invoiced; `overpaid` became the
    customer's balance.
    """

    due_minor: int
    paid_minor: int = 0
    refunded_minor: int = 0
    uninvoiced_minor: int = 0
    advance_minor: int = 0
    overpaid_minor: int = 0


def look_at_dues(session: Session, orders: Sequence[Order]) -> dict[str, Dues]:
    """Per order id how the money is."""
    ids = [order.id for order in orders]
    documents = invoicing.documents_of(session, ids)
    open_minor = open_of(session, [document.id for each in documents.values() for document in each])
    paid = payments.of_orders(session, ids)
    free = settlements.free_minor(session, [payment for each in paid.values() for payment in each])
    moved = settlements.moved_to_balance(session, list(free))
    found = {}
    for order in orders:
        uninvoiced = uninvoiced_minor(order, documents[order.id])
        advance = sum(free[payment.id] for payment in paid[order.id])
        is_open = sum(open_minor[document.id] for document in documents[order.id])
        found[order.id] = Dues(
            due_minor=is_open + max(uninvoiced - advance, 0),
            paid_minor=sum(payment.captured_minor - payment.refunded_minor for payment in paid[order.id]),
            refunded_minor=sum(payment.refunded_minor for payment in paid[order.id]),
            uninvoiced_minor=uninvoiced,
            advance_minor=advance,
            overpaid_minor=sum(moved.get(payment.id, 0) for payment in paid[order.id]),
        )
    return found


def due_minor(session: Session, order: Order) -> int:
    return look_at_dues(session, [order])[order.id].due_minor


def uninvoiced_minor(order: Order, documents: Sequence[Invoice]) -> int:
    """What the order will still be invoiced for; nothing when it is cancelled."""
    if order.status == "cancelled":
        return 0
    invoiced = sum(document.total_minor for document in documents if document.kind == "invoice")
    return max(order.total_minor - invoiced, 0)
