"""The axes of an order: which status follows which, and what follows from facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from backend.orders.errors import IllegalStep
from backend.orders.models import Order

# status -> the statuses it may become
STEPS: dict[str, frozenset[str]] = {
    "draft": frozenset({"placed", "cancelled"}),
    "placed": frozenset({"on_hold", "confirmed", "cancelled"}),
    "on_hold": frozenset({"confirmed", "cancelled"}),
    "confirmed": frozenset({"on_hold", "cancelled", "closed"}),
    "cancelled": frozenset(),
    "closed": frozenset(),
}
FulfillmentStatus = Literal[
    "none", "unfulfilled", "in_progress", "packed", "partially_shipped", "shipped", "partially_delivered", "delivered"
]
PaymentStatus = Literal["none", "due", "partly_paid", "paid", "overpaid", "partly_refunded", "refunded"]
ReturnStatus = Literal["none", "partial", "full"]
_LEFT = frozenset({"shipped", "delivered", "returned_to_origin"})


def step(order: Order, status: str) -> None:
    """Move the (locked) order on.

    Raises: IllegalStep.
    """
    if status not in STEPS[order.status]:
        raise IllegalStep(number=order.number, status=order.status, step=status)
    order.status = status
    order.version += 1


def can_cancel(order: Order) -> bool:
    return "cancelled" in STEPS[order.status]


def fulfillment_status(
    order: Order, parts: Sequence[str] = (), parcels: Sequence[str] = (), *, is_covered: bool = True
) -> FulfillmentStatus:
    """How far the goods are: `parts` are the statuses of its fulfillments, `parcels` those of its shipments.

    It `is_covered` when no unit still waits for goods, or for an answer: only then can all of it be somewhere.
    """
    if order.status == "cancelled":
        return "none"
    parts = [status for status in parts if status != "cancelled"]
    whole = is_covered and bool(parts)
    if whole and all(status == "delivered" for status in parts):
        return "delivered"
    if "delivered" in parcels or "delivered" in parts:
        return "partially_delivered"
    if whole and all(status in _LEFT for status in parts):
        return "shipped"
    if any(status != "packed" for status in parcels):
        return "partially_shipped"
    if whole and all(status == "packed" for status in parts):
        return "packed"
    return "in_progress" if any(status != "pending" for status in parts) else "unfulfilled"


def return_status(ordered: Mapping[str, int], back: Mapping[str, int]) -> ReturnStatus:
    """How much of the goods came back, or was made good without: base units by line."""
    if not back:
        return "none"
    return "full" if all(back.get(line_id, 0) >= quantity for line_id, quantity in ordered.items()) else "partial"


def payment_status(
    order: Order, paid_minor: int, due_minor: int, refunded_minor: int, overpaid_minor: int
) -> PaymentStatus:
    """How far the money is: what came (less what went back), what is due, and what was too much."""
    if refunded_minor > 0 and paid_minor == 0:
        return "refunded"
    if paid_minor == 0 and order.status == "cancelled":
        return "none"
    if paid_minor == 0:
        # The customer's balance may have paid all of it.
        return "due" if due_minor > 0 else "paid"
    # What is due is due, whatever was too much before: a debit note may come after the money.
    if due_minor > 0:
        return "partly_paid"
    if overpaid_minor > 0:
        return "overpaid"
    return "partly_refunded" if refunded_minor > 0 else "paid"
