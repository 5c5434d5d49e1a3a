"""The shop's hours, by the OMS's working calendar: when somebody should be there."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as wall_time
from zoneinfo import ZoneInfo

import httpx
from sqlalchemy.orm import Session

from backend.client import BackendClient
from backend.schemas.calendar import CalendarAnswer
from kernel import tokens
from kernel.db import Database
from kernel.errors import ComandaError
from kernel.logging import get_logger

log = get_logger(__name__)

# Nobody is closed for longer.
HORIZON_DAYS = 60
FRESH_S, RETRY_S = 300.0, 15.0
_TOKEN_LIFETIME = timedelta(minutes=1)
_CARRIED_AS = "bot.opening_hours"
Span = tuple[wall_time, wall_time]


@dataclass(frozen=True, slots=True)
class Hours:
    """`week` by weekday (0 is Monday), in the shop's zone; `special` days say themselves whether they are worked."""

    zone: ZoneInfo
    week: Mapping[int, Span]
    special: Mapping[date, bool]
    holidays: frozenset[date]

    @classmethod
    def of(cls, calendar: CalendarAnswer) -> Hours:
        return cls(
            ZoneInfo(calendar.time_zone),
            {day.weekday: (day.opens_at, day.closes_at) for day in calendar.working_days},
            {day.on_date: day.is_open for day in calendar.special_days},
            frozenset(day.on_date for day in calendar.holidays),
        )

    def is_open(self, at: datetime) -> bool:
        return any(start <= at < end for start, end in self._spans(at, days=1))

    def next_opening(self, at: datetime) -> datetime | None:
        """When it opens next, if it is closed now; None when nobody knows."""
        return next((start for start, _ in self._spans(at, HORIZON_DAYS) if start > at), None)

    def after(self, at: datetime, minutes: int) -> datetime:
        """The instant by which the shop has been open for so many minutes from now on."""
        left = timedelta(minutes=minutes)
        for start, end in self._spans(at, HORIZON_DAYS):
            begin = max(start, at)
            if end - begin >= left:
                return begin + left
            left -= max(end - begin, timedelta())
        return at + timedelta(minutes=minutes)

    def _spans(self, at: datetime, days: int) -> list[tuple[datetime, datetime]]:
        """The hours of the days from this one on, as instants."""
        today = at.astimezone(self.zone).date()
        found = []
        for ahead in range(days):
            day = today + timedelta(days=ahead)
            span = self._span(day)
            if span:
                start, end = (datetime.combine(day, each, self.zone).astimezone(UTC) for each in span)
                found.append((start, end))
        return found

    def _span(self, day: date) -> Span | None:
        usual = self.week.get(day.weekday())
        if day in self.special:
            # A special day on a weekday without hours is worked like the first that has some.
            return (usual or next(iter(self.week.values()), None)) if self.special[day] else None
        return None if day in self.holidays else usual


class OpeningHours:
    """What the OMS said last. Never waited for: while it is not known, nothing is promised by it."""

    def __init__(self, backend_url: str, key: str, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._url, self._key, self._transport = backend_url, key, transport
        self._known: Hours | None = None
        self._look_at = 0.0
        self._lock = threading.Lock()

    def get(self) -> Hours | None:
        with self._lock:
            is_due = time.monotonic() >= self._look_at
            if is_due:
                self._look_at = time.monotonic() + RETRY_S
        if is_due:
            threading.Thread(target=self.look, name="opening-hours", daemon=True).start()
        return self._known

    def look(self) -> Hours | None:
        """Ask the OMS now."""
        try:
            calendar = asyncio.run(self._ask())
        except ComandaError as refusal:
            log.info("hours_unknown", code=refusal.code)
            return self._known
        # A shop that has set no hours is taken to be always there.
        self._known = Hours.of(calendar) if calendar.working_days else None
        self._look_at = time.monotonic() + FRESH_S
        return self._known

    async def _ask(self) -> CalendarAnswer:
        proof = tokens.mint(tokens.Principal(role="service", subject="bot"), self._key, _TOKEN_LIFETIME)
        async with BackendClient(self._url, proof, self._transport) as oms:
            return await oms.calendar()


def carry(database: Database, hours: OpeningHours) -> None:
    """From here on every session of `database` knows them."""
    database.carried[_CARRIED_AS] = hours


def of(session: Session) -> Hours | None:
    carried = session.info.get(_CARRIED_AS)
    assert carried is None or isinstance(carried, OpeningHours)
    return carried.get() if carried else None


def due(session: Session, at: datetime, minutes: int) -> datetime:
    """So many minutes of the shop's hours after an instant."""
    known = of(session)
    return known.after(at, minutes) if known else at + timedelta(minutes=minutes)
