"""The day that is named in a sentence: "el viernes", "mañana", "in 3 days", "el 5 de diciembre"."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, timedelta

_WEEKDAYS = {
    name: number
    for names in (
        "lunes martes miercoles jueves viernes sabado domingo",
        "monday tuesday wednesday thursday friday saturday sunday",
    )
    for number, name in enumerate(names.split())
}
_MONTHS = {
    name: number
    for names in (
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
        "january february march april may june july august september october november december",
    )
    for number, name in enumerate(names.split(), start=1)
}
_NUMBERS = {"un": 1, "una": 1, "a": 1, "one": 1, "dos": 2, "two": 2, "tres": 3, "three": 3, "ocho": 8, "quince": 15}
_month, _count = "|".join(_MONTHS), rf"\d{{1,2}}|{'|'.join(_NUMBERS)}"

_AFTER_TOMORROW = re.compile(r"\bpasado manana\b|\bday after tomorrow\b")
_TOMORROW = re.compile(r"(?<!\bla )\bmanana\b|\btomorrow\b")
_TODAY = re.compile(r"\bhoy\b|\btoday\b|\btonight\b")
_IN = re.compile(rf"\b(?:en|dentro de|in)\s+({_count})\s+(dia|day|semana|week)s?\b")
_DAY_MONTH = re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th)?\s+(?:de\s+|of\s+)?({_month})\b")
_MONTH_DAY = re.compile(rf"\b({_month})\s+(?:the\s+)?(\d{{1,2}})(?:st|nd|rd|th)?\b")
_SLASHED = re.compile(r"\b(\d{1,2})/(\d{1,2})\b")
_OF_THE_MONTH = re.compile(r"\b(?:el|dia|the)\s+(\d{1,2})(?:st|nd|rd|th)?\b")
_END_OF_MONTH = re.compile(r"\bfin(?:es|al)? de(?:l)? mes\b|\bend of (?:the )?month\b")
_NEXT_WEEK = re.compile(r"\b(?:proxima|otra) semana\b|\bsemana (?:que viene|entrante)\b|\bnext week\b")
_WEEKDAY = re.compile(rf"\b({'|'.join(_WEEKDAYS)})\b")
_FRIDAY = 4


def read_day(said: str, today: date) -> date | None:
    """The first day from `today` on that plain words name; a day that no calendar has is none.

    Plain is without accents and capitals. A weekday is the next one, not today; "next week" ends on its Friday.
    """
    if _AFTER_TOMORROW.search(said):
        return today + timedelta(days=2)
    if _TOMORROW.search(said):
        return today + timedelta(days=1)
    if _TODAY.search(said):
        return today
    if found := _IN.search(said):
        count = _NUMBERS.get(found[1]) or int(found[1])
        return today + timedelta(days=count * (7 if found[2] in ("semana", "week") else 1))
    if found := _DAY_MONTH.search(said):
        return _in_month(int(found[1]), _MONTHS[found[2]], today)
    if found := _MONTH_DAY.search(said):
        return _in_month(int(found[2]), _MONTHS[found[1]], today)
    if found := _SLASHED.search(said):
        return _in_month(int(found[1]), int(found[2]), today)
    if _END_OF_MONTH.search(said):
        return today.replace(day=monthrange(today.year, today.month)[1])
    if found := _WEEKDAY.search(said):
        return today + timedelta(days=(_WEEKDAYS[found[1]] - today.weekday() - 1) % 7 + 1)
    if _NEXT_WEEK.search(said):
        return today + timedelta(days=7 - today.weekday() + _FRIDAY)
    if found := _OF_THE_MONTH.search(said):
        return _of_the_month(int(found[1]), today)
    return None


def _in_month(day: int, month: int, today: date) -> date | None:
    for year in (today.year, today.year + 1):
        if 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1] and date(year, month, day) >= today:
            return date(year, month, day)
    return None


def _of_the_month(day: int, today: date) -> date | None:
    following = today.replace(day=1) + timedelta(days=31)
    for first in (today, following):
        if 1 <= day <= monthrange(first.year, first.month)[1] and first.replace(day=day) >= today:
            return first.replace(day=day)
    return None
