"""The working calendar."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from backend.schemas.base import Answer, Line, Request, TimeOfDay


class WorkingDay(Request):
    """Hours of a weekday (0 is Monday) in the shop's zone; an order after `cut_off` belongs to the next working day."""

    weekday: int = Field(ge=0, le=6, examples=[0])
    opens_at: TimeOfDay = Field(examples=["07:00"])
    cut_off: TimeOfDay = Field(examples=["19:00"])
    closes_at: TimeOfDay = Field(examples=["21:00"])


class Week(Request):
    """The whole week: a weekday that is left out is not worked."""

    working_days: Annotated[list[WorkingDay], Field(max_length=7)]


class WorkingDayAnswer(Answer):
    weekday: int
    opens_at: TimeOfDay
    cut_off: TimeOfDay
    closes_at: TimeOfDay


class SpecialDayFacts(Request):
    """A day the shop closes though it would work, or works though it is a holiday."""

    is_open: bool
    name: Annotated[Line, Field(max_length=120, examples=["Inventario anual"])]


class SpecialDayAnswer(Answer):
    on_date: date
    is_open: bool
    name: str


class Holiday(Answer):
    on_date: date
    name: str


class CalendarAnswer(Answer):
    """`holidays` are the public ones of the shop's country, this year and the next."""

    time_zone: str = Field(examples=["America/Bogota"])
    working_days: list[WorkingDayAnswer]
    special_days: list[SpecialDayAnswer]
    holidays: list[Holiday]
