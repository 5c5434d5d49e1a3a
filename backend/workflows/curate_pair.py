"""Curate a pair: the shop says that one of its variants goes well with another."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend.catalog.errors import UnknownSku
from backend.catalog.service import offers
from backend.suggestions import service as suggestions
from backend.suggestions.models import Pair


def curate_pair(session: Session, sku: str, suggested_sku: str, score: int) -> Pair:
    """Both must be sold now.

    Records: one curated Pair.
    Raises: UnknownSku, PairInvalid.
    """
    for_sale = offers(session, [sku, suggested_sku])
    for each in (sku, suggested_sku):
        if each not in for_sale:
            raise UnknownSku(sku=each)
    return suggestions.curate(session, sku, suggested_sku, score)
