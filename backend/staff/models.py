"""Staff members, and the attempts to sign in as one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.base import Base, Id

ROLES = ("admin", "agent", "warehouse", "finance", "sales")


class StaffMember(Base):
    """Someone who works here. `email` is kept in lower case; of the password only its argon2 hash is."""

    __tablename__ = "oms_staff_member"
    __table_args__ = (CheckConstraint(f"role IN {ROLES}", name="role"),)

    id: Mapped[Id]
    email: Mapped[str] = mapped_column(String(200), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    role: Mapped[str] = mapped_column(String(20))
    password_hash: Mapped[str] = mapped_column(String(200))
    is_active: Mapped[bool]
    created_at: Mapped[datetime]


class SignInAttempt(Base):
    """One attempt that has not proved right, by what was tried and from where; forgotten when too old to count."""

    __tablename__ = "oms_sign_in_attempt"
    __table_args__ = (Index(None, "email", "tried_at"), Index(None, "address", "tried_at"))

    id: Mapped[Id]
    email: Mapped[str] = mapped_column(String(200))
    address: Mapped[str] = mapped_column(String(60))
    tried_at: Mapped[datetime]
