"""Which facts become notices, and when each may be said: the one table of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

FEEDBACK = "delivery_feedback"
# A one-time code, said where the customer claims to be.
CODE = "identity.code_asked"


@dataclass(frozen=True, slots=True)
class Plan:
    """`is_awaited`: the customer waits for it today, so it is said in quiet hours, too.

    `is_necessary`: it is said to those who want no order updates, too, because they must act or because what was
    agreed is no longer so. `rank` orders what overtakes what: "it left" is not said any more after "it arrived".
    """

    is_awaited: bool = False
    is_necessary: bool = False
    rank: int = 0


PLANS: dict[str, Plan] = {
    "order.held": Plan(is_awaited=True),
    "order.confirmed": Plan(),
    "order.changed": Plan(is_necessary=True),
    "order.cancelled": Plan(is_necessary=True),
    "order.delayed": Plan(),
    "fulfillment.short": Plan(is_awaited=True, is_necessary=True),
    "fulfillment.packed": Plan(rank=1),
    "pickup.ready": Plan(is_awaited=True, is_necessary=True, rank=2),
    "shipment.shipped": Plan(rank=2),
    "shipment.out_for_delivery": Plan(is_awaited=True, rank=3),
    "shipment.delayed": Plan(),
    "shipment.exception": Plan(is_necessary=True),
    "shipment.delivered": Plan(is_awaited=True, rank=4),
    "shipment.returned": Plan(is_necessary=True, rank=4),
    "backorder.filled": Plan(),
    "payment.link_ready": Plan(is_awaited=True, is_necessary=True),
    "payment.recorded": Plan(is_awaited=True),
    "payment.failed": Plan(is_awaited=True, is_necessary=True),
    "payment.expired": Plan(is_awaited=True),
    "refund.approved": Plan(is_awaited=True, is_necessary=True),
    "refund.rejected": Plan(is_necessary=True),
    "refund.succeeded": Plan(is_awaited=True, is_necessary=True),
    "refund.failed": Plan(is_necessary=True),
    "payment_proof.rejected": Plan(is_awaited=True, is_necessary=True),
    "invoice.issued": Plan(),
    # Asked for just now.
    "invoice.sent": Plan(is_awaited=True, is_necessary=True),
    "credit_note.issued": Plan(),
    "return.requested": Plan(is_awaited=True),
    "return.accepted": Plan(is_awaited=True, is_necessary=True),
    "return.rejected": Plan(is_necessary=True),
    "return.in_transit": Plan(),
    "return.received": Plan(),
    "return.inspected": Plan(),
    "return.resolved": Plan(is_necessary=True),
    "return.cancelled": Plan(is_necessary=True),
    "invoice.reminded": Plan(),
    "quote.sent": Plan(is_awaited=True, is_necessary=True),
    CODE: Plan(is_awaited=True, is_necessary=True),
    FEEDBACK: Plan(),
}
# What our subscription asks the OMS for.
KINDS = tuple(kind for kind in PLANS if kind != FEEDBACK)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From `start` to `end` in `zone`; past midnight when `start` is the later one, none at all when they are equal."""

    start: time
    end: time
    zone: ZoneInfo

    def end_after(self, at: datetime) -> datetime | None:
        """When the quiet hours that hold at an instant end; None when none hold."""
        local = at.astimezone(self.zone)
        clock = local.time()
        if self.start < self.end:
            is_quiet = self.start <= clock < self.end
        else:
            is_quiet = self.start != self.end and (clock >= self.start or clock < self.end)
        if not is_quiet:
            return None
        day = local.date() if clock < self.end else local.date() + timedelta(days=1)
        return datetime.combine(day, self.end, self.zone)
