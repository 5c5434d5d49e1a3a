"""What variants weigh."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.catalog.models import Variant


def weights(session: Session, skus: Sequence[str]) -> dict[str, int | None]:
    """Grams of one base unit of each sku, packed; None where nobody weighed it."""
    query = select(Variant.sku, Variant.weight_g).where(Variant.sku.in_(skus))
    return {row.sku: row.weight_g for row in session.execute(query)}
