"""What may be done with claims: open them, list them."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.claims.models import Claim
from kernel import clock
from kernel.ids import new_id


def find_open(session: Session, order_id: str) -> Claim | None:
    return session.scalar(select(Claim).where(Claim.order_id == order_id, Claim.state == "open"))


def open_claim(session: Session, order_id: str, note: str | None) -> Claim:
    """A claim about a (locked) order that has no open one.

    Records: one Claim.
    """
    claim = Claim(id=new_id(), order_id=order_id, kind="unknown", note=note, state="open", opened_at=clock.now())
    session.add(claim)
    session.flush()
    return claim


def recent(session: Session, limit: int) -> list[Claim]:
    """Claims, the newest first."""
    return list(session.scalars(select(Claim).order_by(Claim.id.desc()).limit(limit)))
