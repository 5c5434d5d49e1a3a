"""What may be done with staff members: take them in, let them sign in."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from backend.staff.errors import TooManySignIns
from backend.staff.models import ROLES, FailedSignIn, StaffMember
from kernel import clock
from kernel.ids import new_id

WINDOW = timedelta(minutes=15)
FAILURES_PER_ACCOUNT_AND_ADDRESS = 5
FAILURES_PER_ADDRESS = 30
_hasher = PasswordHasher()


@dataclass(frozen=True, slots=True)
class Member:
    id: str
    email: str
    name: str
    role: str


def add_member(session: Session, email: str, name: str, role: str, password: str) -> Member:
    """Take someone in. The password is kept as its argon2 hash alone. Records: one StaffMember."""
    assert role in ROLES, "a role is one of ROLES"
    row = StaffMember(
        id=new_id(),
        email=_folded(email),
        name=name,
        role=role,
        password_hash=_hasher.hash(password),
        is_active=True,
        created_at=clock.now(),
    )
    session.add(row)
    session.flush()
    return Member(row.id, row.email, row.name, row.role)


def find(session: Session, email: str) -> Member | None:
    row = _by_email(session, email)
    return None if row is None else Member(row.id, row.email, row.name, row.role)


def has_password(session: Session, email: str, password: str) -> bool:
    """Is this the account's password? Takes as long for an account that does not exist."""
    row = _by_email(session, email)
    matches = _verify(row.password_hash if row else _nobodys_hash(), password)
    return matches and row is not None and row.is_active


def set_password(session: Session, email: str, password: str) -> None:
    row = _by_email(session, email)
    assert row is not None, "the account is there"
    row.password_hash = _hasher.hash(password)
    session.flush()


def refuse_guessing(session: Session, email: str, address: str) -> None:
    """Stop whoever failed too often of late: at this account from this address, or at any from it.

    A stranger who guesses from elsewhere does not lock the owner out.

    Raises: TooManySignIns.
    """
    since = clock.now() - WINDOW
    recent = select(func.count(), func.min(FailedSignIn.failed_at)).where(
        FailedSignIn.address == address, FailedSignIn.failed_at > since
    )
    limits = (
        (recent.where(FailedSignIn.email == _folded(email)), FAILURES_PER_ACCOUNT_AND_ADDRESS),
        (recent, FAILURES_PER_ADDRESS),
    )
    for query, limit in limits:
        count, oldest = session.execute(query).one()
        if count >= limit:
            raise TooManySignIns(retry_after_s=_seconds_until(oldest + WINDOW))


def note_failure(session: Session, email: str, address: str) -> None:
    """Count a failed attempt, and forget those too old to count. Records: one FailedSignIn."""
    now = clock.now()
    session.execute(delete(FailedSignIn).where(FailedSignIn.failed_at <= now - WINDOW))
    session.add(FailedSignIn(id=new_id(), email=_folded(email), address=address, failed_at=now))
    session.flush()


def forget_failures(session: Session, email: str, address: str) -> None:
    """A right password clears what was counted against this account from this address."""
    session.execute(delete(FailedSignIn).where(FailedSignIn.email == _folded(email), FailedSignIn.address == address))


def _by_email(session: Session, email: str) -> StaffMember | None:
    return session.scalar(select(StaffMember).where(StaffMember.email == _folded(email)))


def _folded(email: str) -> str:
    return email.strip().lower()


def _seconds_until(instant: datetime) -> int:
    return max(1, math.ceil((instant - clock.now()).total_seconds()))


def _verify(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except (VerifyMismatchError, InvalidHashError):
        return False


@cache
def _nobodys_hash() -> str:
    """What an unknown account's password is compared with, so that it takes as long as a known one's."""
    return _hasher.hash(new_id())
