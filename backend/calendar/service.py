"""When the shop works: its weekdays, the country's public holidays, its own exceptions, its cut-off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from backend.calendar.errors import InvalidHours, SpecialDayNotFound
from backend.calendar.models import SpecialDay, WorkingDay
from backend.kept import Kept

# Nobody is closed for longer: beyond it the calendar is empty, and nothing is promised.
HORIZON_DAYS = 366


@dataclass(frozen=True, slots=True)
class Hours:
    """A weekday's hours in the shop's zone; an order after `cut_off` is got ready on the next working day."""

    opens_at: time
    cut_off: time
    closes_at: time


@dataclass(frozen=True, slots=True)
class Calendar:
    """`hours` by weekday (0 is Monday); `special` days say themselves whether they are worked."""

    country: str
    zone: ZoneInfo
    hours: Mapping[int, Hours]
    special: Mapping[date, bool]

    def is_working_day(self, day: date) -> bool:
        if day in self.special:
            return self.special[day]
        return day.weekday() in self.hours and day not in public_holidays(self.country, day.year)

    def next_working_day(self, day: date) -> date | None:
        """`day` itself if it is worked, else the first after it; None when there is none within a year."""
        days = (day + timedelta(days=ahead) for ahead in range(HORIZON_DAYS))
        return next((each for each in days if self.is_working_day(each)), None)

    def add_working_days(self, day: date, count: int) -> date | None:
        """The working day `count` working days after `day`; with 0, `day` itself or the first working day after it."""
        assert count >= 0, "time goes on"
        reached = self.next_working_day(day)
        for _ in range(count):
            if reached is None:
                return None
            reached = self.next_working_day(reached + timedelta(days=1))
        return reached

    def local(self, instant: datetime) -> datetime:
        return instant.astimezone(self.zone)

    def working_day_of(self, instant: datetime) -> date | None:
        """The working day on which an order of this instant is got ready: today until the cut-off, else the next."""
        here = self.local(instant)
        if self.is_working_day(here.date()) and here.time() < self._cut_off(here.weekday()):
            return here.date()
        return self.next_working_day(here.date() + timedelta(days=1))

    def _cut_off(self, weekday: int) -> time:
        """A special day on a weekday without hours is worked like the shortest of those that have some."""
        known = self.hours.get(weekday)
        return known.cut_off if known else min((each.cut_off for each in self.hours.values()), default=time.max)


@lru_cache(maxsize=256)
def public_holidays(country: str, year: int) -> Mapping[date, str]:
    """The public holidays of a country (ISO 3166) in a year, with their names; none for a country nobody knows."""
    import holidays  # takes a third of a second, and most processes never ask

    try:
        # Made for one year and never asked for another: it would grow, and another thread would see it half grown.
        return dict(holidays.country_holidays(country, years=year))
    except NotImplementedError:
        return {}


_kept: Kept[Calendar] = Kept()


def calendar(session: Session, country: str, time_zone: str, version: str | None = None) -> Calendar:
    """The shop's calendar; of a known `version` (the shop's `delivery_version`) it is read once a process."""
    return _kept.get(session, version, lambda: _read(session, country, time_zone))


def _read(session: Session, country: str, time_zone: str) -> Calendar:
    hours = {
        row.weekday: Hours(row.opens_at, row.cut_off, row.closes_at) for row in session.scalars(select(WorkingDay))
    }
    special = {row.on_date: row.is_open for row in special_days(session)}
    return Calendar(country, ZoneInfo(time_zone), hours, special)


def week(session: Session) -> list[WorkingDay]:
    return list(session.scalars(select(WorkingDay).order_by(WorkingDay.weekday)))


def special_days(session: Session) -> list[SpecialDay]:
    return list(session.scalars(select(SpecialDay).order_by(SpecialDay.on_date)))


def set_hours(session: Session, hours: Mapping[int, Hours]) -> None:
    """The whole week: a weekday that is not given is not worked.

    Records: the WorkingDay rows.
    Raises: InvalidHours.
    """
    for weekday, each in hours.items():
        if not each.opens_at < each.cut_off <= each.closes_at:
            raise InvalidHours(weekday=weekday)
    session.execute(delete(WorkingDay))
    session.add_all(
        WorkingDay(weekday=weekday, opens_at=each.opens_at, cut_off=each.cut_off, closes_at=each.closes_at)
        for weekday, each in sorted(hours.items())
    )
    session.flush()


def set_special_day(session: Session, on_date: date, *, is_open: bool, name: str) -> SpecialDay:
    """Say of one day whether it is worked. Records: its SpecialDay."""
    day = session.merge(SpecialDay(on_date=on_date, is_open=is_open, name=name))
    session.flush()
    return day


def remove_special_day(session: Session, on_date: date) -> SpecialDay:
    """A day is like the others again.

    Raises: SpecialDayNotFound.
    """
    day = session.get(SpecialDay, on_date)
    if day is None:
        raise SpecialDayNotFound(on_date=on_date.isoformat())
    session.delete(day)
    session.flush()
    return day
