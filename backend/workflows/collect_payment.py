"""Collect a payment: the money that was taken at the door, or at the counter, told with what was handed over."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend.catalog.service import shop
from backend.orders.service import FullOrder
from backend.workflows.record_payment import record_payment

CASH = "cash_on_delivery"


def collect_payment(session: Session, found: FullOrder, handed_over: str, collected_minor: int, who: str) -> None:
    """What was collected for a parcel, or a pickup, of the (locked) order, named by its number.

    Of each the first that is told counts, once.

    Less than is due leaves the order partly paid, more becomes the customer's balance. Money at the door is cash,
    unless the order says that it is paid there in another way.

    Records: as `record_payment`.
    Raises: PeriodClosed, SeriesUsedUp.
    """
    if collected_minor <= 0:
        return
    agreed = shop(session).payment_method(found.order.payment_method)
    method = agreed.code if agreed is not None and agreed.kind == "on_delivery" else CASH
    record_payment(
        session,
        found,
        key=f"collected:{handed_over}",
        method=method,
        amount_minor=collected_minor,
        reference=handed_over,
        who=who,
    )
