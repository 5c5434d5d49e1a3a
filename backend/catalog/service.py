"""What the verbs ask of the catalog: offers, units and the shop."""

from __future__ import annotations

from backend.catalog.offers import Offer, Unit, categories, offers, require_known, unit_named
from backend.catalog.shop import Shop, shop, shop_day
from backend.catalog.taxes import tax_rate

__all__ = [
    "Offer",
    "Shop",
    "Unit",
    "categories",
    "offers",
    "require_known",
    "shop",
    "shop_day",
    "tax_rate",
    "unit_named",
]
