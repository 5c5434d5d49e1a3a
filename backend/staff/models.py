"""Staff members, the attempts to sign in as one, and the sessions that came of it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.base import Base, Id, Ref

ROLES = ("admin", "agent", "warehouse", "finance", "sales")
ENDINGS = ("signed_out", "ended_by_member", "ended_by_admin", "deactivated", "password_changed")


class StaffMember(Base):
    """Someone who works here. `email` is kept in lower case; of the password only its argon2 hash, if there is one.

    `limits` says what of each kind of act they may do alone, in minor units (null: all), where their role's does not
    hold for them. `oidc_subject` is the person at the identity provider who signed in as them first: an address that
    is given to someone else there opens nothing here.
    """

    __tablename__ = "oms_staff_member"
    __table_args__ = (CheckConstraint(f"role IN {ROLES}", name="role"),)

    id: Mapped[Id]
    email: Mapped[str] = mapped_column(String(200), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    role: Mapped[str] = mapped_column(String(20))
    password_hash: Mapped[str] = mapped_column(String(200))
    is_active: Mapped[bool]
    created_at: Mapped[datetime]
    limits: Mapped[dict[str, int | None]] = mapped_column(JSON, default=dict)
    oidc_subject: Mapped[str | None] = mapped_column(String(300), unique=True)


class SignInAttempt(Base):
    """One attempt that has not proved right, by what was tried and from where; forgotten when too old to count."""

    __tablename__ = "oms_sign_in_attempt"
    __table_args__ = (Index(None, "email", "tried_at"), Index(None, "address", "tried_at"))

    id: Mapped[Id]
    email: Mapped[str] = mapped_column(String(200))
    address: Mapped[str] = mapped_column(String(60))
    tried_at: Mapped[datetime]


class StaffSession(Base):
    """A member who signed in, until they sign out, someone ends it, or its time is over.

    `seen_at` is when its member last did something, to the minute; `address` and `device` are where from.
    """

    __tablename__ = "oms_staff_session"
    __table_args__ = (
        CheckConstraint(f"ended_why IN {ENDINGS}", name="ended_why"),
        CheckConstraint("(ended_at IS NULL) = (ended_why IS NULL)", name="ended"),
    )

    id: Mapped[Id]
    member_id: Mapped[Ref] = mapped_column(ForeignKey("oms_staff_member.id"), index=True)
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    address: Mapped[str] = mapped_column(String(60))
    device: Mapped[str] = mapped_column(String(200))
    ended_at: Mapped[datetime | None]
    ended_why: Mapped[str | None] = mapped_column(String(20))


class StaffLink(Base):
    """A link by which a member sets their password, once: their first (`invite`) or a new one (`reset`)."""

    __tablename__ = "oms_staff_link"
    __table_args__ = (CheckConstraint("kind IN ('invite', 'reset')", name="kind"),)

    id: Mapped[Id]
    member_id: Mapped[Ref] = mapped_column(ForeignKey("oms_staff_member.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    made_by: Mapped[str] = mapped_column(String(80))
    made_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
