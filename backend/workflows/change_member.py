"""Change who works here: take someone in, change their role and limits, let them go, let them set a password."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend import trail
from backend.staff import service as staff
from backend.staff import sessions
from backend.staff.errors import (
    LastAdmin,
    OwnAccount,
    PasswordWrong,
    StaffLinkExpired,
    StaffLinkUnknown,
)
from backend.staff.models import StaffLink, StaffMember
from backend.trail import Asked, Doer
from kernel import clock, links
from kernel.ids import new_id

PURPOSE = "staff-password"
PATH = "console/welcome"
LINK_LASTS = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class MemberChange:
    """None leaves it as it is."""

    name: str | None = None
    role: str | None = None
    is_active: bool | None = None
    limits: Mapping[str, int | None] | None = None


def admit_member(session: Session, email: str, name: str, role: str, who: str) -> tuple[StaffMember, StaffLink]:
    """Someone new, and the link by which they set their password.

    Records: StaffMember, StaffLink. Raises: EmailTaken.
    """
    member = staff.add_member(session, email, name, role, None)
    row = staff.row_of(session, member.id)
    return row, _link(session, row, "invite", who)


def change_member(session: Session, member_id: str, change: MemberChange, who: str) -> StaffMember:
    """The member as changed. Who leaves is signed out everywhere, at once, and no link lets them back in.

    Records: what is changed; the end of sessions and links.
    Raises: StaffMemberNotFound, OwnAccount, LastAdmin.
    """
    row = staff.row_of(session, member_id, lock=True)
    if who == f"staff:{member_id}" and (change.role, change.is_active, change.limits) != (None, None, None):
        raise OwnAccount()
    leaves = change.is_active is False or (change.role is not None and change.role != "admin")
    if row.role == "admin" and row.is_active and leaves and not staff.has_other_admin(session, member_id):
        raise LastAdmin()
    if change.name is not None:
        row.name = change.name
    if change.role is not None:
        row.role = change.role
    if change.limits is not None:
        row.limits = dict(change.limits)
    if change.is_active is not None:
        row.is_active = change.is_active
        if not change.is_active:
            sessions.end_all(session, member_id, "deactivated")
            _end_links(session, member_id)
    session.flush()
    return row


def make_link(session: Session, member_id: str, who: str) -> StaffLink:
    """A link by which a member sets a new password; the one before is worth nothing any more.

    Records: StaffLink. Raises: StaffMemberNotFound.
    """
    row = staff.row_of(session, member_id, lock=True)
    return _link(session, row, "reset" if row.password_hash else "invite", who)


def address_of(reader: links.Links, link_id: str, ends_at: datetime) -> str:
    """Where a link leads. It is kept nowhere: who reads the database sets nobody's password."""
    return reader.make(PURPOSE, PATH, link_id, ends_at)


def find_link(session: Session, token: str, *, lock: bool = False) -> tuple[StaffLink, StaffMember]:
    """What a link opens. Raises: StaffLinkUnknown, StaffLinkExpired."""
    reader = links.carried(session)
    assert reader is not None, "the app carries links"
    read = reader.read(PURPOSE, token)
    link = session.get(StaffLink, read.id, with_for_update=lock) if read else None
    if read is None or link is None or link.used_at is not None:
        raise StaffLinkUnknown()
    if read.is_over or clock.now() >= link.ends_at:
        raise StaffLinkExpired()
    member = staff.row_of(session, link.member_id)
    if not member.is_active:
        raise StaffLinkUnknown()
    return link, member


def set_password_by_link(session: Session, token: str, password: str) -> StaffMember:
    """The link is used; whoever was signed in with the old password is not any more.

    Records: the password's hash, the link's use, the end of sessions, an AuditEntry.
    Raises: StaffLinkUnknown, StaffLinkExpired, PasswordWeak.
    """
    link, member = find_link(session, token, lock=True)
    staff.renew_password(session, member, password)
    link.used_at = clock.now()
    sessions.end_all(session, member.id, "password_changed")
    doer = Doer(f"staff:{member.id}", member.name, member.role)
    trail.write(session, doer, Asked("POST /staff/links/{token}", link.id, {"kind": link.kind}))
    return member


def change_password(session: Session, member_id: str, current: str, new: str, *, keep: str | None) -> StaffMember:
    """A member's own; every other session of theirs ends.

    Records: the password's hash, the end of sessions. Raises: PasswordWrong, PasswordWeak.
    """
    row = staff.row_of(session, member_id, lock=True)
    if not staff.credentials(session, row.email).prove(current):
        raise PasswordWrong()
    staff.renew_password(session, row, new)
    sessions.end_all(session, member_id, "password_changed", but=keep)
    _end_links(session, member_id)
    return row


def _link(session: Session, row: StaffMember, kind: str, who: str) -> StaffLink:
    _end_links(session, row.id)
    now = clock.now()
    link = StaffLink(id=new_id(), member_id=row.id, kind=kind, made_by=who, made_at=now, ends_at=now + LINK_LASTS)
    session.add(link)
    session.flush()
    return link


def _end_links(session: Session, member_id: str) -> None:
    session.execute(
        update(StaffLink)
        .where(StaffLink.id.in_(select(StaffLink.id).where(StaffLink.member_id == member_id)))
        .where(StaffLink.used_at.is_(None))
        .values(used_at=clock.now())
    )
