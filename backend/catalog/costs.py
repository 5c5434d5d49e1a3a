"""What variants cost us."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend.catalog.models import Variant
from kernel.money import round_half_away


def costs_of(session: Session, quantities: Mapping[str, int]) -> dict[str, int | None]:
    """What so many base units of each sku cost at the latest cost; None where nobody said."""
    query = select(Variant.sku, Variant.cost_minor, Variant.price_quantity).where(Variant.sku.in_(quantities))
    return {
        row.sku: None
        if row.cost_minor is None
        else round_half_away(Decimal(row.cost_minor) * quantities[row.sku] / row.price_quantity)
        for row in session.execute(query)
    }


def set_costs(session: Session, costs_minor: Mapping[str, int]) -> None:
    """Say what variants cost, for their `price_quantity`, where nobody has. Records: the cost of those."""
    uncosted = session.scalars(select(Variant.sku).where(Variant.cost_minor.is_(None)))
    rows = [{"sku": sku, "cost_minor": costs_minor[sku]} for sku in uncosted if sku in costs_minor]
    if rows:
        session.execute(update(Variant), rows)


def note_cost(session: Session, sku: str, quantity: int, cost_minor: int) -> None:
    """So many base units came for so much: the latest cost. Records: the variant's."""
    variant = session.get_one(Variant, sku)
    variant.cost_minor = round_half_away(Decimal(cost_minor) * variant.price_quantity / quantity)
    session.flush()
