"""Promise money: by which day a customer has it back, if every step of their return takes as long as it may."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from backend.calendar.service import calendar
from backend.catalog.service import shop, shop_day
from backend.payments import service as payments
from backend.payments import settlements
from backend.returns.models import REFUND_TIMES, Return
from backend.returns.policy import policy
from backend.workflows.request_refund import THEIRS

_OVER = ("rejected", "cancelled", "resolved")


def promise_money(session: Session, rma: Return) -> date | None:
    """A working day of the shop's calendar; None where no money goes back, or none any more."""
    if rma.settled_at is not None:
        return rma.pay_by
    if rma.status in _OVER or rma.wish != "refund" or not may_go_back(session, rma.order_id):
        return None
    seller, rules = shop(session), policy(session)
    days = calendar(session, seller.country, seller.time_zone, seller.delivery_version)
    today = shop_day(seller)
    settled = REFUND_TIMES.index(rma.refund_when) if rma.needs_goods else 0
    # The day of the step that comes next is promised already; those after it take their working days.
    by = rma.inspect_by or rma.send_by or rma.answer_by or today
    left = rules.pay_days
    if rma.status == "requested" and settled > 0:
        left += rules.send_days
    if rma.status in ("requested", "accepted", "in_transit", "partly_received") and settled > 1:
        left += rules.inspect_days
    return days.add_working_days(max(by, today), left)


def may_go_back(session: Session, order_id: str) -> bool:
    """Whether the shop has money of the order's payments that is not (being) given back, nor at the bank's disposal."""
    mine = [each for each in payments.of_orders(session, [order_id])[order_id] if each.status not in THEIRS]
    return any(settlements.kept_minor(session, mine).values())
