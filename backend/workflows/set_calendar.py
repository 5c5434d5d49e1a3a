"""Set the calendar: the week, and days unlike the others; promises made from now on follow it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy.orm import Session

from backend.calendar import service as calendar
from backend.calendar.models import SpecialDay
from backend.calendar.service import Hours
from backend.catalog.shop import delivery_changed


def set_week(session: Session, hours: Mapping[int, Hours]) -> None:
    """Records: the WorkingDay rows. Raises: InvalidHours."""
    calendar.set_hours(session, hours)
    delivery_changed(session)


def set_special_day(session: Session, on_date: date, *, is_open: bool, name: str) -> SpecialDay:
    """Records: the day's SpecialDay."""
    day = calendar.set_special_day(session, on_date, is_open=is_open, name=name)
    delivery_changed(session)
    return day


def clear_special_day(session: Session, on_date: date) -> SpecialDay:
    """Records: the SpecialDay is gone. Raises: SpecialDayNotFound."""
    day = calendar.remove_special_day(session, on_date)
    delivery_changed(session)
    return day
