"""Collect a payment: the money that was taken at the door, told with the delivery of a parcel."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend.catalog.service import shop
from backend.orders.service import FullOrder
from backend.workflows.record_payment import record_payment

CASH = "cash_on_delivery"


def collect_payment(session: Session, found: FullOrder, parcel: str, collected_minor: int, who: str) -> None:
    """What was collected for a parcel of the (locked) order; of each parcel the first that is told counts, once.

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
        key=f"collected:{parcel}",
        method=method,
        amount_minor=collected_minor,
        reference=parcel,
        who=who,
    )
