"""Offer choices for what is short: wait, take something else, take what there is, or do without."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from backend.carts.quantity import in_units
from backend.carts.service import Line
from backend.catalog.service import Offer, offers
from backend.catalog.substitutes import substitutes
from backend.inventory import service as inventory
from backend.inventory.errors import OutOfStock
from backend.workflows.available_variants import available_variants

MAX_SUBSTITUTES = 3


def out_of_stock(
    session: Session, asked: Sequence[Line], offer: Offer | None, available: int, at: str | None = None
) -> OutOfStock:
    """The refusal for the lines of one variant that want more than the `available` base units, with the choices.

    `available` is told in whole units of the kind that the last line speaks of. `at` is the only place to have it from.
    """
    line = asked[-1]
    name = offer.name if offer else line.sku
    lacking = sum(line.base_quantity for line in asked) - available
    return OutOfStock(
        sku=line.sku,
        name=name,
        unit=line.unit,
        available=available // line.factor,
        choices=choices(session, line, lacking, available, is_sold=offer is not None, at=at),
    )


def choices(
    session: Session, line: Line, lacking: int, available: int, *, is_sold: bool, at: str | None = None
) -> dict[str, Any]:
    """`wait` {promised_on} or None; `substitutes` in stock; `reduce` to this quantity of the unit, or None; `drop`."""
    promised_on = inventory.promises(session, {line.sku: lacking}, at)[line.sku] if is_sold else None
    whole_units = available // line.factor
    return {
        "wait": {"promised_on": promised_on.isoformat()} if promised_on else None,
        "substitutes": in_stock_instead(session, line.sku, at),
        "reduce": in_units(whole_units * line.factor, line.factor) if whole_units else None,
        "drop": True,
    }


def in_stock_instead(session: Session, sku: str, at: str | None = None) -> list[dict[str, Any]]:
    """Substitutes that are sold and there: sku, name, name_en and price (for `price_quantity` base units)."""
    skus = substitutes(session, sku)
    free = available_variants(session, skus, at) if skus else {}
    sold = offers(session, [each for each in skus if free[each] > 0])
    return [
        {
            "sku": offer.sku,
            "name": offer.name,
            "name_en": offer.name_en,
            "price": {"amount_minor": offer.price_minor, "currency": offer.currency},
        }
        for offer in list(sold.values())[:MAX_SUBSTITUTES]
    ]
