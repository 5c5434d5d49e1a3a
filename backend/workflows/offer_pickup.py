"""Offer a pickup: the days and hours in which what comes back can be fetched at a customer's door."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time, timedelta

from sqlalchemy.orm import Session

from backend.calendar.service import Calendar, calendar
from backend.catalog.service import shop, shop_day
from backend.returns.policy import Policy

# A photo is worth keeping for a while: nobody arranges for goods to be fetched later than that.
FETCHED_WITHIN_DAYS = 30
OFFERED = 6


@dataclass(frozen=True, slots=True)
class Slot:
    on: date
    hours: str


def offer_pickup(session: Session, rules: Policy, *, is_at_once: bool) -> list[Slot]:
    """The next slots of the shop's working days; none where the shop names no hours for it.

    A return that someone has to answer first is fetched after the day of the answer.
    """
    days, first, last = _days(session, rules, is_at_once)
    slots = [
        Slot(day, hours)
        for day in (first + timedelta(days=ahead) for ahead in range((last - first).days + 1))
        if _is_worked(days, day)
        for hours in rules.pickup_slots
        if _is_open(days, day, hours)
    ]
    return slots[:OFFERED]


def may_be_fetched(session: Session, rules: Policy, on: date, hours: str | None, *, is_at_once: bool) -> bool:
    """Is it a working day to come, and are the hours some that the shop offers on it, if it offers any?"""
    days, first, last = _days(session, rules, is_at_once)
    if not (first <= on <= last and _is_worked(days, on)):
        return False
    return hours is None or not rules.pickup_slots or (hours in rules.pickup_slots and _is_open(days, on, hours))


def _days(session: Session, rules: Policy, is_at_once: bool) -> tuple[Calendar, date, date]:
    seller = shop(session)
    days = calendar(session, seller.country, seller.time_zone, seller.delivery_version)
    today = shop_day(seller)
    answered = None if is_at_once else days.add_working_days(today, rules.answer_days)
    return days, (answered or today) + timedelta(days=1), today + timedelta(days=FETCHED_WITHIN_DAYS)


def _is_worked(days: Calendar, day: date) -> bool:
    return not days.hours or days.is_working_day(day)


def _is_open(days: Calendar, day: date, hours: str) -> bool:
    """Do the hours lie in those of the weekday? A special day on one without hours is worked all the same."""
    known = days.hours.get(day.weekday())
    begin, _, end = hours.partition("-")
    return known is None or (known.opens_at <= time.fromisoformat(begin) and time.fromisoformat(end) <= known.closes_at)
