"""What the shop offers instead of a variant that is short."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.base import insert_if_absent
from backend.catalog.models import Substitute


def substitutes(session: Session, sku: str) -> Sequence[str]:
    """The skus to offer instead, the best first."""
    return substitutes_of(session, [sku])[sku]


def substitutes_of(session: Session, skus: Sequence[str]) -> dict[str, list[str]]:
    """The skus that may stand in for each, the best first; an empty list where there are none."""
    query = select(Substitute).where(Substitute.sku.in_(skus)).order_by(Substitute.sku, Substitute.position)
    found: dict[str, list[str]] = {sku: [] for sku in skus}
    for row in session.scalars(query):
        found[row.sku].append(row.substitute_sku)
    return found


def add_substitutes(session: Session, pairs: Mapping[str, Sequence[str]]) -> None:
    """Offer these instead of those, the best first; what is known already stays as it is."""
    for sku, instead in pairs.items():
        for position, substitute_sku in enumerate(instead):
            row = {"sku": sku, "substitute_sku": substitute_sku, "position": position}
            insert_if_absent(session, Substitute, row)
