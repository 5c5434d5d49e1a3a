"""Link to the tracking page of an order: whoever has the link sees the parcels, redacted, until it ends."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from backend.orders.models import Order
from kernel import clock, links

PURPOSE = "tracking"
PATH = "t"
LASTS = timedelta(days=60)
# A link made late in that time lasts longer, so that it is always good for as long as this.
AT_LEAST = timedelta(days=30)
# After the last parcel has come.
LASTS_AFTER_DELIVERY = timedelta(days=30)


def link_tracking(session: Session, order: Order) -> str | None:
    """The order's link, good for LASTS from its placing; None where nobody would open it."""
    made_by = links.carried(session)
    if made_by is None:
        return None
    ends_at = order.placed_at + LASTS
    while ends_at < clock.now() + AT_LEAST:
        ends_at += LASTS
    return made_by.make(PURPOSE, PATH, order.id, ends_at)
