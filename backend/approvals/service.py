"""What may be done with pending acts: ask for one, find it, decide on it once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from backend.approvals.errors import PendingActDecided, PendingActNotFound, SamePerson
from backend.approvals.models import PendingAct
from backend.counters import next_value
from kernel import clock
from kernel.ids import new_id

SERIES, PREFIX = "pending_act", "APR"


def ask(
    session: Session,
    act: str,
    subject: str | None,
    body: Mapping[str, Any],
    amount_minor: int,
    currency: str,
    reason: str,
    who: str,
) -> PendingAct:
    """Records: one PendingAct."""
    row = PendingAct(
        id=new_id(),
        number=f"{PREFIX}-{next_value(session, SERIES)}",
        act=act,
        subject=subject,
        body=dict(body),
        amount_minor=amount_minor,
        currency=currency,
        reason=reason,
        status="pending",
        requested_by=who,
        requested_at=clock.now(),
    )
    session.add(row)
    session.flush()
    return row


def page(
    session: Session, status: str | None, before: str | None, limit: int, *, acts: Set[str] | None, who: str
) -> Sequence[PendingAct]:
    """The newest first, of these kinds (None: all), or asked for by `who`."""
    query = select(PendingAct).order_by(PendingAct.id.desc()).limit(limit)
    if acts is not None:
        query = query.where(or_(PendingAct.act.in_(sorted(acts)), PendingAct.requested_by == who))
    if status is not None:
        query = query.where(PendingAct.status == status)
    if before is not None:
        query = query.where(PendingAct.id < find(session, before).id)
    return session.scalars(query).all()


def find(session: Session, number: str, *, lock: bool = False) -> PendingAct:
    """Raises: PendingActNotFound."""
    query = select(PendingAct).where(PendingAct.number == number.upper())
    row = session.scalar(query.with_for_update() if lock else query)
    if row is None:
        raise PendingActNotFound(number=number)
    return row


def to_decide(session: Session, number: str, who: str) -> PendingAct:
    """The (locked) act, for a second person to decide on.

    Raises: PendingActNotFound, PendingActDecided, SamePerson.
    """
    row = find(session, number, lock=True)
    if row.status != "pending":
        raise PendingActDecided(number=row.number, status=row.status)
    if row.requested_by == who:
        raise SamePerson(number=row.number)
    return row


def decide(session: Session, row: PendingAct, status: str, who: str, note: str | None, result: str | None) -> None:
    row.status, row.decided_by, row.decided_at = status, who, clock.now()
    row.note, row.result = note, result
    session.flush()


def withdraw(session: Session, number: str, who: str) -> PendingAct:
    """Whoever asked for it does not want it any more. Raises: PendingActNotFound, PendingActDecided."""
    row = find(session, number, lock=True)
    if row.requested_by != who:
        raise PendingActNotFound(number=number)
    if row.status != "pending":
        raise PendingActDecided(number=row.number, status=row.status)
    decide(session, row, "withdrawn", who, None, None)
    return row
