"""Open a claim: the customer says that something is wrong with an order."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend import events
from backend.claims import service as claims
from backend.claims.models import Claim
from backend.orders import service as orders
from backend.orders.models import Order


def open_claim(
    session: Session, customer_id: str, number: str, note: str | None = None, kind: str = "unknown"
) -> tuple[Claim, Order]:
    """The claim about the customer's order; while one is open, saying it again is that one.

    Records: a Claim, an OrderEntry, the event `claim.opened`, unless one is open.
    Raises: OrderNotFound.
    """
    order = orders.find(session, customer_id, number, lock=True).order
    claim = claims.find_open(session, order.id)
    if claim is not None:
        return claim, order
    claim = claims.open_claim(session, order.id, note, kind)
    orders.enter(session, order.id, "claim_opened", f"customer:{customer_id}", claim.opened_at, note)
    fact = {"number": order.number, "customer_id": customer_id, "claim": claim.id, "kind": kind, "note": note}
    events.record(session, "claim.opened", order.number, fact)
    return claim, order
