"""Which status of a return follows which."""

from __future__ import annotations

from backend.returns.errors import ReturnStepIllegal
from backend.returns.models import Return

# status -> the statuses it may become
STEPS: dict[str, frozenset[str]] = {
    "requested": frozenset({"accepted", "rejected", "cancelled"}),
    # Where no goods are wanted back, what was accepted is resolved.
    "accepted": frozenset({"in_transit", "partly_received", "received", "resolved", "cancelled"}),
    "in_transit": frozenset({"partly_received", "received", "cancelled"}),
    "partly_received": frozenset({"received"}),
    "received": frozenset({"inspected"}),
    "inspected": frozenset({"resolved"}),
    "rejected": frozenset(),
    "resolved": frozenset(),
    "cancelled": frozenset(),
}


def step(rma: Return, status: str) -> None:
    """Move the (locked) return on.

    Raises: ReturnStepIllegal.
    """
    require(rma, status)
    rma.status = status


def require(rma: Return, status: str) -> None:
    """Raises: ReturnStepIllegal, when `status` cannot follow."""
    if status not in STEPS[rma.status]:
        raise ReturnStepIllegal(number=rma.number, status=rma.status, step=status)
