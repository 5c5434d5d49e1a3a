"""Working hours by weekday, and days that are unlike the others."""

from __future__ import annotations

from datetime import date, time

from sqlalchemy import CheckConstraint, Integer, String, Time
from sqlalchemy.orm import Mapped, mapped_column

from backend.base import Base


class WorkingDay(Base):
    """A weekday (0 is Monday) on which orders are got ready, in the shop's zone: after `cut_off` it is the next one."""

    __tablename__ = "oms_working_day"
    __table_args__ = (CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),)

    weekday: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    opens_at: Mapped[time] = mapped_column(Time)
    cut_off: Mapped[time] = mapped_column(Time)
    closes_at: Mapped[time] = mapped_column(Time)


class SpecialDay(Base):
    """A day the shop closes though it would work, or works though it is a holiday of its country."""

    __tablename__ = "oms_special_day"

    on_date: Mapped[date] = mapped_column(primary_key=True)
    is_open: Mapped[bool]
    name: Mapped[str] = mapped_column(String(120))
