"""Available variants: what can be promised of each, from our own stock or by the partner who ships it for us."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.orm import Session

from backend.inventory import service as inventory
from backend.partners import service as partners

# A partner makes or brings what is ordered: a lead time limits it, not a count.
BY_PARTNER = 1_000_000


def available_variants(session: Session, skus: Iterable[str], at: str | None = None) -> dict[str, int]:
    """Base units of each sku that can be promised now (0 for one never stocked); `at` is the only place for our own."""
    wanted = list(skus)
    by_partner = partners.suppliers(session, wanted)
    own = inventory.available(session, [sku for sku in wanted if sku not in by_partner], at)
    return {sku: BY_PARTNER if sku in by_partner else own[sku] for sku in wanted}
