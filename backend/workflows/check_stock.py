"""Check that lines could be served: the lines of one variant are summed, whatever units they speak of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy.orm import Session

from backend.carts.service import Line
from backend.catalog.service import Offer
from backend.inventory.errors import OutOfStock
from backend.workflows.available_variants import available_variants


def check_stock(session: Session, lines: Iterable[Line], offered: Mapping[str, Offer]) -> None:
    """Promise nothing, only look. What is not in `offered` is not sold any more, so there is none of it.

    Raises: OutOfStock.
    """
    lines = list(lines)
    available = available_variants(session, sorted({line.sku for line in lines}))
    for sku, count in available.items():
        asked = [line for line in lines if line.sku == sku]
        offer = offered.get(sku)
        if offer is None or sum(line.base_quantity for line in asked) > count:
            raise out_of_stock(offer.name if offer else sku, asked[-1], count if offer else 0)


def out_of_stock(name: str, line: Line, available: int) -> OutOfStock:
    """The refusal, with the whole units of the kind `line` speaks of that `available` base units make."""
    return OutOfStock(sku=line.sku, name=name, unit=line.unit, available=available // line.factor)
