"""The axes of an order: which status follows which, and what follows from facts."""

from __future__ import annotations

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


def fulfillment_status(order: Order) -> Literal["unfulfilled", "none"]:
    """How far the goods are. Nothing leaves the house yet, so: still to do, or never to be done."""
    return "none" if order.status == "cancelled" else "unfulfilled"


def payment_status(order: Order) -> Literal["due", "none"]:
    """How far the money is. Nothing is collected yet, so: still due, or never to be."""
    return "none" if order.status == "cancelled" else "due"
