"""Open a purchase order's link: whose it is, which one, and what may be done with it now."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from backend.partners import purchase_orders
from backend.partners import service as partners
from backend.partners.errors import PurchaseLinkExpired, PurchaseLinkUnknown
from backend.partners.models import Partner
from backend.workflows.answer_purchase_order import Purchase
from backend.workflows.link_purchase_order import purpose
from kernel import links


@dataclass(frozen=True, slots=True)
class Opened:
    """The `partner` for whom the link speaks, about the purchase order of this `number` and `id` alone."""

    partner: Partner
    number: str
    id: str


def open_purchase_order(session: Session, token: str) -> Opened:
    """Raises: PurchaseLinkUnknown, PurchaseLinkExpired."""
    reader = links.carried(session)
    named = reader.named(token) if reader else None
    found = purchase_orders.by_id(session, named) if named else None
    if reader is None or found is None:
        raise PurchaseLinkUnknown()
    partner = partners.by_ids(session, [found.partner_id])[found.partner_id]
    link = reader.read(purpose(partner), token)
    if link is None:
        raise PurchaseLinkUnknown()
    if link.is_over:
        raise PurchaseLinkExpired()
    return Opened(partner, found.number, found.id)


def steps(purchase: Purchase) -> list[str]:
    """What the partner may say of it now: confirm, reject, ship."""
    possible = purchase_orders.STEPS[purchase.purchase_order.status]
    may = {
        "confirm": "confirmed" in possible,
        "reject": "rejected" in possible and purchase.full.fulfillment.status == "pending",
        "ship": "shipped" in possible and purchase.order.order.status == "confirmed",
    }
    return [step for step, is_possible in may.items() if is_possible]
