"""Staff sessions: begun by signing in, seen while they are used, ended by whoever may."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend.staff.errors import StaffSessionNotFound
from backend.staff.models import StaffMember, StaffSession
from kernel import clock
from kernel.ids import new_id

# How exactly we know when a session was last used: a write for every request would be dear.
SEEN_TO = timedelta(minutes=1)
MAX_ADDRESS, MAX_DEVICE = 60, 200


@dataclass(frozen=True, slots=True)
class Lifetime:
    """How long a session lasts unused, and at most."""

    idle: timedelta
    whole: timedelta


@dataclass(frozen=True, slots=True)
class Live:
    """A session that is good, and what its member may do now."""

    id: str
    member_id: str
    role: str
    seen_at: datetime


def begin(session: Session, member_id: str, address: str, device: str, lifetime: Lifetime) -> StaffSession:
    """Records: one StaffSession."""
    now = clock.now()
    row = StaffSession(
        id=new_id(),
        member_id=member_id,
        started_at=now,
        seen_at=now,
        ends_at=now + lifetime.whole,
        address=address[:MAX_ADDRESS],
        device=device[:MAX_DEVICE],
    )
    session.add(row)
    session.flush()
    return row


def live(session: Session, session_id: str, idle: timedelta) -> Live | None:
    """The session with its member as they are now; None once it ended, timed out, or its member is not active."""
    found = session.execute(
        select(StaffSession.id, StaffSession.member_id, StaffMember.role, StaffSession.seen_at, StaffSession.ends_at)
        .join(StaffMember, StaffMember.id == StaffSession.member_id)
        .where(StaffSession.id == session_id, StaffSession.ended_at.is_(None), StaffMember.is_active)
    ).first()
    now = clock.now()
    if found is None or now >= found.ends_at or now >= found.seen_at + idle:
        return None
    return Live(found.id, found.member_id, found.role, found.seen_at)


def is_to_be_seen(found: Live) -> bool:
    """Whether its last use is so long ago that this one is worth writing down."""
    return clock.now() - found.seen_at >= SEEN_TO


def see(session: Session, session_id: str) -> None:
    """It is used. Records: when."""
    now = clock.now()
    session.execute(
        update(StaffSession)
        .where(StaffSession.id == session_id, StaffSession.seen_at < now, StaffSession.ended_at.is_(None))
        .values(seen_at=now)
    )


def of_member(session: Session, member_id: str, idle: timedelta) -> Sequence[StaffSession]:
    """Those that are good, the latest used first."""
    now = clock.now()
    return session.scalars(
        select(StaffSession)
        .where(
            StaffSession.member_id == member_id,
            StaffSession.ended_at.is_(None),
            StaffSession.ends_at > now,
            StaffSession.seen_at > now - idle,
        )
        .order_by(StaffSession.seen_at.desc(), StaffSession.id.desc())
    ).all()


def find(session: Session, session_id: str) -> StaffSession:
    """Raises: StaffSessionNotFound."""
    row = session.get(StaffSession, session_id)
    if row is None:
        raise StaffSessionNotFound(id=session_id)
    return row


def end(row: StaffSession, why: str) -> None:
    """It is worth nothing from now on; one that has ended stays as it ended."""
    if row.ended_at is None:
        row.ended_at, row.ended_why = clock.now(), why


def end_all(session: Session, member_id: str, why: str, *, but: str | None = None) -> int:
    """End all of a member, `but` one; how many."""
    rows = session.scalars(
        select(StaffSession).where(StaffSession.member_id == member_id, StaffSession.ended_at.is_(None))
    ).all()
    ended = [row for row in rows if row.id != but]
    for row in ended:
        end(row, why)
    session.flush()
    return len(ended)
