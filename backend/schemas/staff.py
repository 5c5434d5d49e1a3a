"""Who works here, how they sign in, and what they did."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from backend.schemas.base import Answer, Line, Money, Request

Role = Literal["admin", "agent", "warehouse", "finance", "sales"]


class SignIn(Request):
    email: Annotated[Line, Field(max_length=200, examples=["demo@laesquina.co"])]
    password: Annotated[str, Field(min_length=1, max_length=200, examples=["correct horse battery"])]
    device: Annotated[Line | None, Field(max_length=200, examples=["Firefox, Linux"])] = None


class OidcStart(Answer):
    """Where to send the browser, and what it has to keep until it comes back, for itself alone."""

    address: str
    binding: str


class OidcSignIn(Request):
    """What the provider sent the browser back with, and what the browser kept."""

    binding: Annotated[str, Field(min_length=1, max_length=300)]
    state: Annotated[str, Field(min_length=1, max_length=300)]
    code: Annotated[str, Field(min_length=1, max_length=2_000)]
    device: Annotated[Line | None, Field(max_length=200)] = None


class StaffSession(Answer):
    token: str
    expires_at: datetime
    name: str = Field(examples=["Daniela Ríos"])
    role: str = Field(examples=["admin"])


class SessionView(Answer):
    """A session that is good: of whom, from where, and whether it is the one that asks."""

    id: str
    member_id: str
    name: str = Field(examples=["Daniela Ríos"])
    role: Role
    started_at: datetime
    seen_at: datetime
    ends_at: datetime
    address: str = Field(examples=["203.0.113.9"])
    device: str = Field(examples=["Firefox, Linux"])
    is_current: bool


LimitedAct = Literal["refund", "credit_note", "debit_note", "write_off", "journal_entry", "discount"]
Most = Annotated[int, Field(ge=0, le=10**15)]
# What one may do alone of each kind of act, in minor units; null is all.
Limits = dict[LimitedAct, Most | None]
Email = Annotated[Line, Field(max_length=200, pattern=r"^[^@\s]+@[^@\s]+$", examples=["luis@laesquina.co"])]
Name = Annotated[Line, Field(max_length=120, examples=["Luis Mora"])]
Password = Annotated[str, Field(min_length=1, max_length=200)]


class NewMember(Request):
    email: Email
    name: Name
    role: Role


class MemberChange(Request):
    """What is not there stays. `limits` are said all anew; those of the role hold for acts that it does not name."""

    name: Name | None = None
    role: Role | None = None
    is_active: bool | None = None
    limits: Limits | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("say what changes")
        return self


class Member(Answer):
    id: str
    email: str = Field(examples=["luis@laesquina.co"])
    name: str = Field(examples=["Luis Mora"])
    role: Role
    is_active: bool
    has_password: bool
    limits: Limits
    created_at: datetime
    sessions: int = Field(description="How many are good now.")


class PasswordLink(Answer):
    """A link by which a member sets their password, once. It is shown once, to whoever asked for it."""

    member: Member
    id: str
    kind: Literal["invite", "reset"]
    ends_at: datetime
    link: str = ""


class OpenedLink(Answer):
    name: str
    email: str
    kind: Literal["invite", "reset"]


class SetPassword(Request):
    password: Password


class ChangePassword(Request):
    current: Password
    password: Password


class AuditEntry(Answer):
    """`changes` are rows, each with what was there before and after; null where it was not."""

    id: str
    at: datetime
    who: str = Field(examples=["staff:0190…"])
    name: str
    role: str
    act: str = Field(examples=["POST /staff/refunds/{number}/approval"])
    subject: str | None = Field(examples=["DEV-10001"])
    result: str | None = Field(examples=["NC-12"])
    reason: str | None
    request: dict[str, Any]
    changes: list[dict[str, Any]]


class AuditPage(Answer):
    entries: list[AuditEntry]
    next_cursor: str | None


PendingStatus = Literal["pending", "approved", "refused", "withdrawn"]


class PendingAct(Answer):
    """An act above its member's limit, that waits for a second person, or what became of it."""

    number: str = Field(examples=["APR-10001"])
    act: LimitedAct
    subject: str | None = Field(examples=["FV-12"])
    amount: Money
    reason: str
    body: dict[str, Any]
    status: PendingStatus
    requested_by: str
    requested_by_name: str
    requested_at: datetime
    decided_by: str | None
    decided_by_name: str | None
    decided_at: datetime | None
    note: str | None
    result: str | None = Field(examples=["NC-3"])


class PendingActPage(Answer):
    acts: list[PendingAct]
    next_cursor: str | None


class RefusePending(Request):
    note: Line


class RoleLimits(Answer):
    """By act and role; a role that is not there may all, but of refunds nothing."""

    limits: dict[LimitedAct, dict[str, int | None]]
    currency: str


class SetRoleLimits(Request):
    """All of them anew. `customer` is what a cancelled order or a return gives back by itself."""

    limits: dict[LimitedAct, dict[Role | Literal["customer"], Most | None]]
