"""What may be done with claims: open them, list them, close them."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.claims.errors import ClaimClosed, ClaimNotFound
from backend.claims.models import Claim
from kernel import clock
from kernel.ids import new_id


def find_open(session: Session, order_id: str) -> Claim | None:
    return session.scalar(select(Claim).where(Claim.order_id == order_id, Claim.state == "open"))


def open_claim(session: Session, order_id: str, note: str | None, kind: str = "unknown") -> Claim:
    """A claim about a (locked) order that has no open one.

    Records: one Claim.
    """
    claim = Claim(id=new_id(), order_id=order_id, kind=kind, note=note, state="open", opened_at=clock.now())
    session.add(claim)
    session.flush()
    return claim


def find(session: Session, claim_id: str) -> Claim:
    """Raises: ClaimNotFound."""
    claim = session.get(Claim, claim_id)
    if claim is None:
        raise ClaimNotFound()
    return claim


def close(session: Session, claim: Claim, who: str, *, return_id: str | None = None, answer: str | None = None) -> None:
    """The claim about a (locked) order has its answer.

    Records: the claim's end.
    Raises: ClaimClosed.
    """
    session.refresh(claim)
    if claim.state == "closed":
        raise ClaimClosed()
    claim.state, claim.return_id, claim.answer = "closed", return_id, answer
    claim.closed_by, claim.closed_at = who, clock.now()
    session.flush()


def recent(session: Session, limit: int) -> list[Claim]:
    """Open claims, the newest first."""
    return list(session.scalars(select(Claim).where(Claim.state == "open").order_by(Claim.id.desc()).limit(limit)))
