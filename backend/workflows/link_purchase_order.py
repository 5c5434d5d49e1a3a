"""Link to the page of a purchase order: whoever has the link speaks for the partner about this one, until it ends."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from backend.partners.models import Partner, PurchaseOrder
from kernel import clock, links

PATH = "p"
# Every letter about it brings a new link.
LASTS = timedelta(days=60)


def purpose(partner: Partner) -> str:
    """What revokes the partner's tokens ends their links, too."""
    return f"purchase-order:{partner.token_version}"


def link_purchase_order(session: Session, partner: Partner, sent: PurchaseOrder) -> str | None:
    """The link, good for LASTS from now; None where nobody would open it."""
    made_by = links.carried(session)
    return None if made_by is None else made_by.make(purpose(partner), PATH, sent.id, clock.now() + LASTS)
