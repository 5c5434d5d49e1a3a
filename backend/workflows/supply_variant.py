"""Supply a variant: orders for it go to a partner from now on, and need no stock of ours."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend.catalog.errors import UnknownSku
from backend.catalog.service import offers
from backend.partners import service as partners
from backend.partners.models import Partner, PartnerSupply


def supply_variant(session: Session, partner: Partner, sku: str, cost_minor: int) -> PartnerSupply:
    """What was placed before keeps the stock that was promised to it.

    Records: one PartnerSupply.
    Raises: UnknownSku, SupplyTaken.
    """
    if not offers(session, [sku]):
        raise UnknownSku(sku=sku)
    return partners.supply(session, partner, sku, cost_minor)
