"""The working calendar over HTTP, for staff."""

from __future__ import annotations

from datetime import date, time

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

from backend.api.access import Admin, Db, StaffOrService, WrongRole
from backend.api.idempotency import Act
from backend.api.problems import InvalidRequest, describe
from backend.calendar import service as calendar
from backend.calendar.errors import InvalidHours, SpecialDayNotFound
from backend.calendar.models import SpecialDay
from backend.calendar.service import Hours, public_holidays
from backend.catalog.errors import ShopNotSetUp
from backend.catalog.service import shop
from backend.idempotency import IdempotencyConflict, IdempotencyKeyRequired
from backend.schemas.calendar import (
    CalendarAnswer,
    Holiday,
    SpecialDayAnswer,
    SpecialDayFacts,
    Week,
    WorkingDayAnswer,
)
from backend.workflows.set_calendar import clear_special_day, set_special_day, set_week
from kernel import clock
from kernel.tokens import TokenRefused

router = APIRouter(prefix="/staff/calendar", tags=["Staff"], responses=describe(TokenRefused, WrongRole))
_ACT = (InvalidRequest, IdempotencyKeyRequired, IdempotencyConflict)


@router.get("", summary="When the shop works", responses=describe(ShopNotSetUp))
def look(_looking: StaffOrService, db: Db) -> CalendarAnswer:
    with db.read() as session:
        return _to_calendar(session)


@router.put(
    "/week",
    summary="Set the whole week",
    response_model=CalendarAnswer,
    responses=describe(*_ACT, InvalidHours, ShopNotSetUp),
)
def week(given: Week, _staff: Admin, act: Act) -> Response:
    hours = {
        day.weekday: Hours(_wall(day.opens_at), _wall(day.cut_off), _wall(day.closes_at)) for day in given.working_days
    }

    def work(session: Session) -> CalendarAnswer:
        set_week(session, hours)
        return _to_calendar(session)

    return act.once(work)


@router.put(
    "/special-days/{on_date}",
    summary="Say of one day whether it is worked",
    response_model=SpecialDayAnswer,
    responses=describe(*_ACT),
)
def special_day(on_date: date, facts: SpecialDayFacts, _staff: Admin, act: Act) -> Response:
    return act.once(
        lambda session: _to_special(set_special_day(session, on_date, is_open=facts.is_open, name=facts.name))
    )


@router.delete(
    "/special-days/{on_date}",
    summary="Make a day like the others again",
    response_model=SpecialDayAnswer,
    responses=describe(*_ACT, SpecialDayNotFound),
)
def ordinary_day(on_date: date, _staff: Admin, act: Act) -> Response:
    return act.once(lambda session: _to_special(clear_special_day(session, on_date)))


def _wall(given: time) -> time:
    """Hours are the shop's own, whatever offset someone wrote to them."""
    return given.replace(tzinfo=None)


def _to_calendar(session: Session) -> CalendarAnswer:
    seller = shop(session)
    year = clock.now().year
    known = {**public_holidays(seller.country, year), **public_holidays(seller.country, year + 1)}
    return CalendarAnswer(
        time_zone=seller.time_zone,
        working_days=[
            WorkingDayAnswer(weekday=day.weekday, opens_at=day.opens_at, cut_off=day.cut_off, closes_at=day.closes_at)
            for day in calendar.week(session)
        ],
        special_days=[_to_special(day) for day in calendar.special_days(session)],
        holidays=[Holiday(on_date=on_date, name=name) for on_date, name in sorted(known.items())],
    )


def _to_special(day: SpecialDay) -> SpecialDayAnswer:
    return SpecialDayAnswer(on_date=day.on_date, is_open=day.is_open, name=day.name)
