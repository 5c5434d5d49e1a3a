"""Close a claim: its customer has an answer, or a return makes it good."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend import events
from backend.claims import service as claims
from backend.claims.errors import ClaimNotFound
from backend.claims.models import Claim
from backend.orders import service as orders
from backend.orders.models import Order
from backend.returns.models import Return
from kernel import clock


def close_claim(session: Session, claim_id: str, answer: str, who: str) -> tuple[Claim, Order]:
    """The claim, closed with what was agreed with its customer.

    Records: the claim's end, an OrderEntry, the event `claim.closed`.
    Raises: ClaimNotFound, ClaimClosed.
    """
    claim = claims.find(session, claim_id)
    order = orders.by_id(session, claim.order_id, lock=True).order
    claims.close(session, claim, who, answer=answer)
    _tell(session, order, claim, who, answer, None)
    return claim, order


def make_good(session: Session, order: Order, claim_id: str, rma: Return, who: str) -> None:
    """The claim about the (locked) order is made good by a return, with or without goods that come back.

    Records: as `close_claim`.
    Raises: ClaimNotFound for one about another order, ClaimClosed.
    """
    claim = claims.find(session, claim_id)
    if claim.order_id != order.id:
        raise ClaimNotFound()
    claims.close(session, claim, who, return_id=rma.id)
    _tell(session, order, claim, who, None, rma.number)


def _tell(session: Session, order: Order, claim: Claim, who: str, answer: str | None, rma: str | None) -> None:
    orders.enter(session, order.id, "claim_closed", who, clock.now(), answer, facts={"return": rma} if rma else None)
    told = orders.fact(order) | {"claim": claim.id, "answer": answer, "return": rma}
    events.record(session, "claim.closed", order.number, told)
