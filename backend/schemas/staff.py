"""How staff sign in, and the sessions that come of it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from backend.schemas.base import Answer, Line, Request

Role = Literal["admin", "agent", "warehouse", "finance", "sales"]


class SignIn(Request):
    email: Annotated[Line, Field(max_length=200, examples=["demo@laesquina.co"])]
    password: Annotated[str, Field(min_length=1, max_length=200, examples=["correct horse battery"])]
    device: Annotated[Line | None, Field(max_length=200, examples=["Firefox, Linux"])] = None


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
