"""Offer a suggestion: the one thing that goes best with a cart, asked at most once for each cart."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from backend.carts import service as carts
from backend.catalog.service import Offer as ForSale
from backend.catalog.service import offers
from backend.suggestions import service as suggestions
from backend.suggestions.models import Pair
from backend.workflows.available_variants import available_variants


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`suggested` goes well with `sku`, which is in the cart."""

    id: str
    sku: str
    suggested: ForSale


def offer_suggestion(session: Session, customer_id: str) -> Suggestion | None:
    """What to offer before the summary; asked again for the same cart it is the same, until it was answered.

    Only what is sold, can be had at once in its usual unit, is not in the cart and was never declined. The customers
    that are held out get None, and it is noted what they would have been offered.

    Records: one Offer a cart.
    """
    cart = carts.look(session, customer_id)
    if cart.id is None or not cart.lines:
        return None
    skus = sorted({line.sku for line in cart.lines})
    made = suggestions.of_cart(session, cart.id)
    if made is None:
        best = _best(session, suggestions.candidates(session, customer_id, skus))
        if best is None:
            return None
        made = suggestions.offer(session, customer_id, cart.id, best)
    if made.outcome != "offered" or made.suggested_sku in skus:
        return None
    for_sale = _can_be_had(session, [made.suggested_sku])
    return Suggestion(made.id, made.sku, for_sale[made.suggested_sku]) if for_sale else None


def _best(session: Session, candidates: list[Pair]) -> Pair | None:
    for_sale = _can_be_had(session, sorted({pair.suggested_sku for pair in candidates}))
    return next((pair for pair in candidates if pair.suggested_sku in for_sale), None)


def _can_be_had(session: Session, skus: list[str]) -> dict[str, ForSale]:
    available = available_variants(session, skus)
    return {sku: offer for sku, offer in offers(session, skus).items() if available[sku] >= offer.units[0].factor}
