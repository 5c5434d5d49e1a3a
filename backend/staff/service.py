"""What may be done with staff members: take them in, let them sign in."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from backend.staff.errors import EmailTaken, PasswordWeak, StaffMemberNotFound, TooManySignIns
from backend.staff.models import ROLES, SignInAttempt, StaffMember
from kernel import clock
from kernel.ids import new_id

WINDOW = timedelta(minutes=15)
ATTEMPTS_PER_ACCOUNT_AND_ADDRESS = 5
ATTEMPTS_PER_ADDRESS = 30
ATTEMPTS_PER_ACCOUNT = 100
MAX_EMAIL = 200
MIN_PASSWORD, MIN_DIFFERENT = 10, 5
_hasher = PasswordHasher()


@dataclass(frozen=True, slots=True)
class Member:
    id: str
    email: str
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class Credentials:
    """Whose password is asked for (None: nobody who may come in), and the hash it is compared with."""

    member: Member | None
    password_hash: str

    def prove(self, password: str) -> bool:
        """Is this the password? Takes as long when there is nobody."""
        try:
            is_right: bool = _hasher.verify(self.password_hash, password)
        except (VerifyMismatchError, InvalidHashError):
            is_right = False
        return is_right and self.member is not None


def add_member(session: Session, email: str, name: str, role: str, password: str | None) -> Member:
    """Take someone in. The password is kept as its argon2 hash alone; without one, nothing opens until it is set.

    Records: one StaffMember. Raises: EmailTaken.
    """
    assert role in ROLES, "a role is one of ROLES"
    if _by_email(session, email) is not None:
        raise EmailTaken(email=_folded(email))
    row = StaffMember(
        id=new_id(),
        email=_folded(email),
        name=name,
        role=role,
        password_hash=_hasher.hash(password) if password is not None else "",
        is_active=True,
        created_at=clock.now(),
    )
    session.add(row)
    session.flush()
    return Member(row.id, row.email, row.name, row.role)


def find(session: Session, email: str) -> Member | None:
    row = _by_email(session, email)
    return None if row is None else Member(row.id, row.email, row.name, row.role)


def everyone(session: Session) -> Sequence[StaffMember]:
    """Active ones first, by name."""
    return session.scalars(
        select(StaffMember).order_by(StaffMember.is_active.desc(), StaffMember.name, StaffMember.id)
    ).all()


def row_of(session: Session, member_id: str, *, lock: bool = False) -> StaffMember:
    """Raises: StaffMemberNotFound."""
    row = session.get(StaffMember, member_id, with_for_update=lock)
    if row is None:
        raise StaffMemberNotFound(id=member_id)
    return row


def name_of(session: Session, who: str) -> str:
    """What `staff:<id>` is called; of anyone else, what they are called by."""
    row = session.get(StaffMember, who.removeprefix("staff:")) if who.startswith("staff:") else None
    return row.name if row else who.removeprefix("staff:")


def has_other_admin(session: Session, member_id: str) -> bool:
    """Whether someone else who is active may administer. Admins are locked: of two that leave at once one stays."""
    admins = session.scalars(
        select(StaffMember).where(StaffMember.role == "admin", StaffMember.is_active).order_by(StaffMember.id)
        .with_for_update()
    ).all()  # fmt: skip
    return any(row.id != member_id for row in admins)


def check_password(row: StaffMember, password: str) -> None:
    """Raises: PasswordWeak."""
    known = {row.email, row.email.partition("@")[0], row.name.lower()}
    if len(password) < MIN_PASSWORD or password.lower() in known or len(set(password)) < MIN_DIFFERENT:
        raise PasswordWeak(minimum=MIN_PASSWORD)


def renew_password(session: Session, row: StaffMember, password: str) -> None:
    """Raises: PasswordWeak."""
    check_password(row, password)
    row.password_hash = _hasher.hash(password)
    session.flush()


def by_id(session: Session, member_id: str) -> Member:
    row = session.get_one(StaffMember, member_id)
    return Member(row.id, row.email, row.name, row.role)


def find_active(session: Session, email: str) -> Member | None:
    row = _by_email(session, email)
    return None if row is None or not row.is_active else Member(row.id, row.email, row.name, row.role)


def credentials(session: Session, email: str) -> Credentials:
    """What a password must prove. An unknown account has credentials too, which nothing proves."""
    row = _by_email(session, email)
    if row is None:
        return Credentials(None, _nobodys_hash())
    member = Member(row.id, row.email, row.name, row.role) if row.is_active else None
    # Without a password it takes as long to be refused.
    return Credentials(member, row.password_hash) if row.password_hash else Credentials(None, _nobodys_hash())


def set_password(session: Session, email: str, password: str) -> None:
    row = _by_email(session, email)
    assert row is not None, "the account is there"
    row.password_hash = _hasher.hash(password)
    session.flush()


def count_attempt(session: Session, email: str, address: str) -> None:
    """Count an attempt to sign in before its password is looked at; a right one takes it back.

    Whoever failed too often of late is stopped: at this account from this address, from this address at any account,
    or, with more patience, at this account from anywhere, so that a stranger does not easily lock the owner out.

    Records: one SignInAttempt. Raises: TooManySignIns.
    """
    now = clock.now()
    session.execute(delete(SignInAttempt).where(SignInAttempt.tried_at <= now - WINDOW))
    same_account, same_address = SignInAttempt.email == _folded(email), SignInAttempt.address == address
    for what, limit in (
        ((same_account, same_address), ATTEMPTS_PER_ACCOUNT_AND_ADDRESS),
        ((same_address,), ATTEMPTS_PER_ADDRESS),
        ((same_account,), ATTEMPTS_PER_ACCOUNT),
    ):
        count, oldest = session.execute(
            select(func.count(), func.min(SignInAttempt.tried_at)).where(SignInAttempt.tried_at <= now, *what)
        ).one()
        if count >= limit:
            raise TooManySignIns(retry_after_s=math.ceil((oldest + WINDOW - now).total_seconds()))
    session.add(SignInAttempt(id=new_id(), email=_folded(email), address=address, tried_at=now))
    session.flush()


def forget_attempts(session: Session, email: str, address: str) -> None:
    """A right password clears what was counted against this account from this address."""
    session.execute(
        delete(SignInAttempt).where(SignInAttempt.email == _folded(email), SignInAttempt.address == address)
    )


def _by_email(session: Session, email: str) -> StaffMember | None:
    return session.scalar(select(StaffMember).where(StaffMember.email == _folded(email)))


def _folded(email: str) -> str:
    # Lower case may be longer than what was typed; no real address comes near the limit.
    return email.strip().lower()[:MAX_EMAIL]


@cache
def _nobodys_hash() -> str:
    """What an unknown account's password is compared with, so that it takes as long as a known one's."""
    return _hasher.hash(new_id())
