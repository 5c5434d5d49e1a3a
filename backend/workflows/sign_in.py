"""Let a member of the staff in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from backend import trail
from backend.staff import service as staff
from backend.staff import sessions
from backend.staff.errors import SignInRefused
from backend.staff.models import StaffSession
from backend.staff.service import Member
from backend.staff.sessions import Lifetime
from backend.trail import Asked, Doer
from kernel.db import Database

if TYPE_CHECKING:
    from backend.staff.oidc import Proven


def sign_in(
    database: Database, email: str, password: str, address: str, device: str, lifetime: Lifetime
) -> tuple[Member, StaffSession]:
    """The member whose password this is, and their new session; `address` is where the attempt comes from.

    The password is compared outside of any transaction: it is slow on purpose.

    Records: the attempt, until it proves right; what `begin_session` records.
    Raises: TooManySignIns; SignInRefused, the same and after the same time whether or not there is such an account.
    """
    with database.write() as session:
        staff.count_attempt(session, email, address)
    with database.read() as session:
        credentials = staff.credentials(session, email)
    if not credentials.prove(password):
        raise SignInRefused()
    member = credentials.member
    assert member is not None, "nobody's password is never right"
    with database.write() as session:
        staff.forget_attempts(session, email, address)
        return member, begin_session(session, member, address, device, lifetime, "password")


def sign_in_by_provider(
    database: Database, proven: Proven, address: str, device: str, lifetime: Lifetime
) -> tuple[Member, StaffSession]:
    """The active member whose address the provider has verified, and their new session.

    Records: who they are at the provider, the first time; what `begin_session` records.
    Raises: SignInRefused, for an unknown address, one of a member who left, and one that is someone else's there now.
    """
    with database.write() as session:
        member = staff.find_active(session, proven.email)
        if member is None:
            raise SignInRefused()
        row = staff.row_of(session, member.id, lock=True)
        if row.oidc_subject not in (None, proven.subject) or not row.is_active:
            raise SignInRefused()
        row.oidc_subject = proven.subject
        return member, begin_session(session, member, address, device, lifetime, "oidc")


def begin_session(
    session: Session, member: Member, address: str, device: str, lifetime: Lifetime, by: str
) -> StaffSession:
    """The member is in, by what they proved who they are with. Records: one StaffSession, an AuditEntry."""
    began = sessions.begin(session, member.id, address, device, lifetime)
    doer = Doer(f"staff:{member.id}", member.name, member.role, began.id)
    trail.write(session, doer, Asked("POST /staff/sessions", None, {"by": by, "address": address, "device": device}))
    return began
