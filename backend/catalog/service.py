"""What the verbs ask of the catalog: offers, units and the shop."""

from __future__ import annotations

from backend.catalog.offers import Offer, Unit, offers, unit_named
from backend.catalog.shop import Shop, shop

__all__ = ["Offer", "Shop", "Unit", "offers", "shop", "unit_named"]
