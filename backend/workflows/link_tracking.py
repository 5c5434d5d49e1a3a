"""Link to the tracking page of an order: whoever has the link sees the parcels, redacted, until it ends."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from backend.orders.models import Order
from kernel import clock, links

PURPOSE = "tracking"
PATH = "t"
LASTS = timedelta(days=60)
# After the last parcel has come.
LASTS_AFTER_DELIVERY = timedelta(days=30)


def link_tracking(session: Session, order: Order) -> str | None:
    """A new link, good for LASTS; None where nobody would open it."""
    made_by = links.carried(session)
    return made_by.make(PURPOSE, PATH, order.id, clock.now() + LASTS) if made_by else None
