"""Let a member of the staff in."""

from __future__ import annotations

from backend.staff import service as staff
from backend.staff import sessions
from backend.staff.errors import SignInRefused
from backend.staff.models import StaffSession
from backend.staff.service import Member
from backend.staff.sessions import Lifetime
from kernel.db import Database


def sign_in(
    database: Database, email: str, password: str, address: str, device: str, lifetime: Lifetime
) -> tuple[Member, StaffSession]:
    """The member whose password this is, and their new session; `address` is where the attempt comes from.

    The password is compared outside of any transaction: it is slow on purpose.

    Records: the attempt, until it proves right; one StaffSession.
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
        return member, sessions.begin(session, member.id, address, device, lifetime)
