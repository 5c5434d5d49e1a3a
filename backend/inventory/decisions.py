"""Allocations as they were decided: which rule chose the locations of an order, and what it weighed."""

from __future__ import annotations

from sqlalchemy import insert, or_, select
from sqlalchemy.orm import Session

from backend.base import table_of
from backend.inventory.allocation import Allocated
from backend.inventory.models import Allocation
from kernel import clock
from kernel.ids import new_id
from kernel.prepared import Prepared

_insert = Prepared(insert(table_of(Allocation)))


def remember_allocation(
    session: Session, allocated: Allocated, *, order_id: str | None = None, cart_id: str | None = None
) -> None:
    """Keep a decision, of an order or of a cart that may become one. Records: an Allocation."""
    row = {
        "id": new_id(),
        "order_id": order_id,
        "cart_id": cart_id,
        "rule": allocated.rule,
        "explanation": allocated.explanation,
        "decided_at": clock.now(),
    }
    _insert.write(session, row)


def allocation_of(session: Session, order_id: str, cart_id: str) -> Allocation | None:
    """The last decision about the order that came of a cart."""
    query = select(Allocation).where(or_(Allocation.order_id == order_id, Allocation.cart_id == cart_id))
    return session.scalar(query.order_by(Allocation.id.desc()).limit(1))
