"""The numbers that people say: each series counts in a row of its own."""

from __future__ import annotations

from sqlalchemy import Integer, String, bindparam, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from backend.base import Base, table_of
from kernel.prepared import Prepared


class Counter(Base):
    """The last number given out of a series. Numbers may have gaps: what is rolled back took none."""

    __tablename__ = "oms_counter"

    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    value: Mapped[int] = mapped_column(Integer)


_counter = table_of(Counter)
_next = Prepared(
    update(_counter)
    .where(_counter.c.name == bindparam("series"))
    .values(value=_counter.c.value + 1)
    .returning(_counter.c.value)
)


def next_value(session: Session, series: str) -> int:
    """The next number. Its row is locked until the commit, so it is taken last."""
    [row] = _next.rows(session, {"series": series})
    return int(row.value)
