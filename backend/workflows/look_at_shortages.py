"""Look at what customers have to decide: what is short of their orders, and what they could have instead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from backend.carts.quantity import in_units
from backend.catalog.service import Offer, offers
from backend.catalog.substitutes import substitutes_of
from backend.fulfillment import service as fulfillment
from backend.inventory import service as inventory
from backend.orders import service as orders
from backend.orders.models import OrderLine
from backend.orders.service import FullOrder


@dataclass(frozen=True, slots=True)
class OpenShortage:
    """`quantity` base units of an order's line were not found. `wait_until` is when more should come, if known.

    `substitutes` are in stock for all that is short.
    """

    id: str
    order_id: str
    line: OrderLine
    quantity: int
    substitutes: tuple[Offer, ...]
    wait_until: date | None
    asked_at: datetime

    def as_fact(self) -> dict[str, Any]:
        """As it stands in an event."""
        return {
            "id": self.id,
            "sku": self.line.sku,
            "name": self.line.name,
            "name_en": self.line.name_en,
            "quantity": in_units(self.quantity, self.line.factor),
            "unit": self.line.unit,
            "unit_name_es": self.line.unit_name_es,
            "unit_name_en": self.line.unit_name_en,
            "substitutes": [
                {"sku": offer.sku, "name": offer.name, "name_en": offer.name_en} for offer in self.substitutes
            ],
            "wait_until": self.wait_until.isoformat() if self.wait_until else None,
        }


def look_at_shortages(session: Session, found: Sequence[FullOrder]) -> list[OpenShortage]:
    """The open shortages of these orders, the oldest first. Changes nothing."""
    return sorted(
        (each for at, mine in _by_place(found).items() for each in _look(session, mine, at)),
        key=lambda each: each.id,
    )


def _by_place(found: Sequence[FullOrder]) -> dict[str | None, list[str]]:
    """The ids of the orders by the only location that may serve them: where they are collected; None: any may."""
    places: dict[str | None, list[str]] = {}
    for one in found:
        places.setdefault(one.order.pickup_location_id, []).append(one.order.id)
    return places


def _look(session: Session, order_ids: Sequence[str], at: str | None) -> list[OpenShortage]:
    rows = fulfillment.open_shortages(session, order_ids)
    if not rows:
        return []
    lines = orders.lines(session, [shortage.order_line_id for shortage in rows])
    skus = sorted({shortage.sku for shortage in rows})
    instead = substitutes_of(session, skus)
    others = sorted({sku for several in instead.values() for sku in several})
    offered, free = offers(session, others), inventory.available(session, others, at)
    wanted: dict[str, int] = {}
    for shortage in rows:
        wanted[shortage.sku] = wanted.get(shortage.sku, 0) + shortage.quantity
    expected = inventory.promises(session, wanted, at)
    return [
        OpenShortage(
            id=shortage.id,
            order_id=shortage.order_id,
            line=lines[shortage.order_line_id],
            quantity=shortage.quantity,
            substitutes=tuple(
                offered[sku] for sku in instead[shortage.sku] if sku in offered and free[sku] >= shortage.quantity
            ),
            wait_until=expected[shortage.sku],
            asked_at=shortage.asked_at,
        )
        for shortage in rows
    ]
