"""When what is waited for should come: announced goods are given to those who wait, first in, first out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.inventory.models import Backorder, IncomingStock
from kernel import clock


def waiting_lines(session: Session, skus: Iterable[str]) -> list[str]:
    """The order lines that wait for one of these."""
    query = select(Backorder.order_line_id).where(Backorder.sku.in_(list(skus)), Backorder.state == "waiting")
    return list(session.scalars(query.distinct()))


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
            select(IncomingStock.expected_on, IncomingStock.quantity - IncomingStock.received)
            .where(
                IncomingStock.sku == sku,
                IncomingStock.received < IncomingStock.quantity,
                IncomingStock.expected_on >= clock.now().date(),
            )
            .order_by(IncomingStock.expected_on, IncomingStock.id)
        ).all()
        announced = [(expected_on, count) for expected_on, count in coming]
        for each, day in zip(waiting, _days([row.quantity for row in waiting], announced), strict=True):
            each.promised_on = day
            known = days.get(each.order_line_id, day)
            days[each.order_line_id] = None if day is None or known is None else max(day, known)
    session.flush()
    return days


def _days(wanted: Sequence[int], coming: Sequence[tuple[date, int]]) -> list[date | None]:
    """For each wish in turn the day its last unit comes."""
    days: list[date | None] = []
    asked = 0
    for quantity in wanted:
        asked += quantity
        so_far = 0
        reached: date | None = None
        for expected_on, count in coming:
            so_far += count
            if so_far >= asked:
                reached = expected_on
                break
        days.append(reached)
    return days
