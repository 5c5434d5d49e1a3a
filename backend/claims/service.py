"""What may be done with claims: open them, list them."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.claims.models import Claim
from kernel import clock
from kernel.ids import new_id


def open_claim(session: Session, order_id: str, note: str | None) -> Claim:
    """The open claim about a (locked) order; while there is one, the same complaint again is that one.

    Records: one Claim, unless one is open.
    """
    found = session.scalar(select(Claim).where(Claim.order_id == order_id, Claim.state == "open"))
    if found is not None:
        return found
    claim = Claim(id=new_id(), order_id=order_id, kind="unknown", note=note, state="open", opened_at=clock.now())
    session.add(claim)
    session.flush()
    return claim


def recent(session: Session, limit: int) -> list[Claim]:
    """Claims, the newest first."""
    return list(session.scalars(select(Claim).order_by(Claim.id.desc()).limit(limit)))
