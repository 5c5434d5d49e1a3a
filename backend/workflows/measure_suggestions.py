"""Measure suggestions: how often what was offered is bought, beside how often it is bought without an offer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import and_, case, exists, func, select
from sqlalchemy.orm import Session

from backend.orders.models import Order, OrderLine, OrderLineEnd
from backend.suggestions.models import Offer

_ANSWERS = ("accepted", "declined")
_NONE = (0, 0, 0)


@dataclass(frozen=True, slots=True)
class Measured:
    """Of `offers` carts `orders` became an order that stands, `bought` of these with the suggested variant in it."""

    offers: int
    accepted: int
    declined: int
    orders: int
    bought: int

    @property
    def attach_rate(self) -> Decimal | None:
        """`bought` of `orders`, to four digits; None as long as nothing was ordered."""
        return (Decimal(self.bought) / self.orders).quantize(Decimal("0.0001")) if self.orders else None


def measure_suggestions(session: Session, since: datetime) -> tuple[Measured, Measured]:
    """(what was offered, what was withheld) since an instant. Changes nothing."""
    stands = and_(Order.cart_id == Offer.cart_id, Order.status != "cancelled")
    has_it = exists(
        select(OrderLine.id)
        .outerjoin(OrderLineEnd, OrderLineEnd.order_line_id == OrderLine.id)
        .where(
            OrderLine.order_id == Order.id,
            OrderLine.sku == Offer.suggested_sku,
            OrderLineEnd.order_line_id.is_(None),
        )
    )
    query = (
        select(
            Offer.outcome,
            func.count(),
            func.count(Order.id),
            func.sum(case((and_(Order.id.is_not(None), has_it), 1), else_=0)),
        )
        .outerjoin(Order, stands)
        .where(Offer.offered_at >= since)
        .group_by(Offer.outcome)
    )
    counts = {outcome: (offers, orders, int(bought)) for outcome, offers, orders, bought in session.execute(query)}
    return _sum(counts, "offered", "accepted", "declined"), _sum(counts, "withheld")


def _sum(counts: dict[str, tuple[int, int, int]], *outcomes: str) -> Measured:
    offers, orders, bought = (sum(counts.get(outcome, _NONE)[column] for outcome in outcomes) for column in range(3))
    accepted, declined = (counts.get(outcome, _NONE)[0] if outcome in outcomes else 0 for outcome in _ANSWERS)
    return Measured(offers, accepted, declined, orders, bought)
