"""When what is waited for should come: announced goods are given to those who wait, first in, first out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.inventory.incoming import IS_COMING
from backend.inventory.models import Backorder, IncomingStock
from kernel import clock


@dataclass(slots=True)
class _Announced:
    """What comes to a location on a day, and how much of it is `left` for the next who waits."""

    expected_on: date
    location_id: str
    left: int


def waiting_lines(session: Session, skus: Iterable[str]) -> list[str]:
    """The order lines that wait for one of these."""
    query = select(Backorder.order_line_id).where(Backorder.sku.in_(list(skus)), Backorder.state == "waiting")
    return list(session.scalars(query.distinct()))


def overdue_skus(session: Session, today: date) -> list[str]:
    """Of what somebody waits for that should have come before today."""
    query = select(Backorder.sku).where(Backorder.state == "waiting", Backorder.promised_on < today)
    return list(session.scalars(query.distinct().order_by(Backorder.sku)))


def promised_backorders(session: Session, skus: Iterable[str]) -> set[str]:
    """The ids of what waits for one of these with a day on which it should come."""
    query = select(Backorder.id).where(
        Backorder.sku.in_(list(skus)), Backorder.state == "waiting", Backorder.promised_on.is_not(None)
    )
    return set(session.scalars(query))


def give_up(session: Session, backorder_ids: Iterable[str], order_line_ids: Sequence[str]) -> dict[str, int]:
    """Of these, what nobody has announced any more is not waited for: how many base units, per order line.

    Records: the end of Backorders.
    """
    query = (
        select(Backorder)
        .where(Backorder.order_line_id.in_(order_line_ids), Backorder.state == "waiting")
        .where(Backorder.promised_on.is_(None))
        .order_by(Backorder.id)
    )
    lacking: dict[str, int] = {}
    known = set(backorder_ids)
    for each in session.scalars(query):
        if each.id in known:
            each.state, each.ended_at = "cancelled", clock.now()
            lacking[each.order_line_id] = lacking.get(each.order_line_id, 0) + each.quantity
    session.flush()
    return lacking


def promise_anew(session: Session, skus: Iterable[str]) -> dict[str, date | None]:
    """Per waiting order line the day on which the last of these it waits for should come, as it is announced now.

    None for a line whose goods nobody has announced. Their orders are locked already.

    Records: `promised_on` of Backorders.
    """
    days: dict[str, date | None] = {}
    for sku in sorted(set(skus)):
        waiting = session.scalars(
            select(Backorder)
            .where(Backorder.sku == sku, Backorder.state == "waiting")
            .order_by(Backorder.id)
            .execution_options(populate_existing=True)
        ).all()
        coming = session.execute(
            select(
                IncomingStock.expected_on, IncomingStock.location_id, IncomingStock.quantity - IncomingStock.received
            )
            .where(
                IncomingStock.sku == sku,
                IS_COMING,
                IncomingStock.expected_on >= clock.now().date(),
            )
            .order_by(IncomingStock.expected_on, IncomingStock.id)
        ).all()
        announced = [_Announced(*row) for row in coming]
        for each in waiting:
            day = _day(each.quantity, each.location_id, announced)
            each.promised_on = day
            known = days.get(each.order_line_id, day)
            days[each.order_line_id] = None if day is None or known is None else max(day, known)
    session.flush()
    return days


def _day(quantity: int, at: str | None, announced: Sequence[_Announced]) -> date | None:
    """The day on which the last of so many units comes, that nobody before has taken; they may come `at` one place."""
    for each in announced:
        if at in (None, each.location_id):
            part = min(quantity, each.left)
            each.left -= part
            quantity -= part
            if not quantity:
                return each.expected_on
    return None
