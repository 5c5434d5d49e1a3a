"""Promise a delivery: from the moment of ordering over cut-off, calendar, partner, supplier and carrier to a day."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from backend.calendar.service import Calendar, calendar
from backend.catalog.service import Shop
from backend.shipping.models import Zone


def promise_delivery(
    session: Session,
    shop: Shop,
    zone: Zone | None,
    at: datetime,
    *,
    lead_days: int = 0,
    waits_until: date | None = None,
    is_pickup: bool = False,
) -> date | None:
    """The day, in the shop's zone, on which what is ordered at `at` should arrive (or can be collected).

    `lead_days` are the working days a partner needs before it ships; `waits_until` the day on which the last of
    what is awaited comes in. None where nothing can be promised: outside of the zones, or without a working calendar.
    """
    if zone is None and not is_pickup:
        return None
    days = calendar(session, shop.country, shop.time_zone, shop.delivery_version)
    ready = ready_on(days, at, lead_days=lead_days, waits_until=waits_until)
    if ready is None or zone is None or is_pickup:
        return ready
    return days.add_working_days(ready, zone.transit_days)


def ready_on(days: Calendar, at: datetime, *, lead_days: int, waits_until: date | None) -> date | None:
    """The working day on which an order of `at` can leave the house."""
    begun = days.working_day_of(at)
    if begun is None:
        return None
    if waits_until is not None:
        begun = days.next_working_day(max(begun, waits_until))
    return None if begun is None else days.add_working_days(begun, lead_days)
