"""What the calendar refuses."""

from __future__ import annotations

from kernel.errors import Invalid, NotFound


class InvalidHours(Invalid):
    """`params`: `weekday`."""

    code, title = "invalid_hours", "A day opens before its cut-off, and closes at it or later"


class SpecialDayNotFound(NotFound):
    """`params`: `on_date`."""

    code, title = "special_day_not_found", "That day is like the others"
