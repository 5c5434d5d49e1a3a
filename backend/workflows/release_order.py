"""Release an order that waited to be paid: it is paid, and goes on as any other."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend.orders import approval
from backend.orders.approval import AWAITING_PAYMENT
from backend.orders.service import FullOrder
from backend.workflows.approve_order import promise_later
from backend.workflows.confirm_order import confirm_order


def release_order(session: Session, found: FullOrder, who: str) -> None:
    """The (locked) order, paid in full, is confirmed, unless a person has still to look at it.

    Records: the end of that hold; what `confirm_order` records.
    """
    order = found.order
    if order.status != "on_hold" or AWAITING_PAYMENT not in approval.holding(session, order.id):
        return
    approval.end_holds(session, order.id, "paid", who, kinds=[AWAITING_PAYMENT])
    if not approval.holding(session, order.id):
        promise_later(session, order)
        confirm_order(session, found, who)
