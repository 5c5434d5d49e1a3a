"""Reject or cancel a return: nothing comes back."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend.claims import service as claims
from backend.claims.models import Claim
from backend.orders.models import Order
from backend.returns import service as returns
from backend.returns.errors import ReturnSettled, ReturnStepIllegal
from backend.returns.service import FullReturn
from backend.workflows.lock_return import lock_return, tell
from backend.workflows.open_claim import open_claim
from backend.workflows.open_exchange import drop_exchange


def reject_return(session: Session, number: str, reason: str, who: str) -> FullReturn:
    """The requested return is not accepted, for a reason its customer is told.

    Records: the status, a ReturnEntry, an OrderEntry, the event `return.rejected`.
    Raises: ReturnNotFound, ReturnStepIllegal.
    """
    found, full = lock_return(session, number)
    returns.end(session, full, "rejected")
    full.rma.rejected_because = reason
    tell(session, found.order, full, "rejected", who, reason, facts={"reason": reason})
    return full


def cancel_return(
    session: Session, number: str, who: str, *, customer_id: str | None = None, reason: str | None = None
) -> FullReturn:
    """Nothing of it came, and nothing will.

    Records: the status, a ReturnEntry, an OrderEntry, the event `return.cancelled`; the end of its exchange.
    Raises: ReturnNotFound, ReturnStepIllegal, ReturnSettled when its money went already.
    """
    found, full = lock_return(session, number, customer_id=customer_id)
    if full.rma.settled_at is not None and full.rma.status != "resolved":
        raise ReturnSettled(number=full.rma.number)
    returns.end(session, full, "cancelled")
    drop_exchange(session, full.rma, who)
    by, send_by = who.partition(":")[0], full.rma.send_by
    # The clock cancels only what was not sent in time.
    not_sent_by = send_by.isoformat() if by == "system" and send_by else None
    told = {"by": by, "reason": reason, "not_sent_by": not_sent_by}
    tell(session, found.order, full, "cancelled", who, reason, facts=told)
    return full


def appeal_return(session: Session, number: str, customer_id: str, note: str | None) -> tuple[Claim, Order]:
    """The customer does not take no for an answer: a person looks at it, by way of a claim.

    Records: a ReturnEntry, what `open_claim` records.
    Raises: ReturnNotFound, ReturnStepIllegal for one that was not rejected.
    """
    found, full = lock_return(session, number, customer_id=customer_id)
    if full.rma.status != "rejected":
        raise ReturnStepIllegal(number=full.rma.number, status=full.rma.status, step="appealed")
    is_new = claims.find_open(session, found.order.id) is None
    claim, order = open_claim(session, customer_id, found.order.number, note)
    if is_new:
        tell(session, order, full, "appealed", f"customer:{customer_id}", note, facts={"claim": claim.id})
    return claim, order
