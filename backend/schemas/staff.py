"""How staff sign in."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from backend.schemas.base import Answer, Line, Request


class SignIn(Request):
    email: Annotated[Line, Field(max_length=200)]
    password: Annotated[str, Field(min_length=1, max_length=200)]


class StaffSession(Answer):
    token: str
    expires_at: datetime
    name: str
    role: str
