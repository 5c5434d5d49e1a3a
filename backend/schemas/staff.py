"""How staff sign in."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from backend.schemas.base import Answer, Line, Request


class SignIn(Request):
    email: Annotated[Line, Field(max_length=200, examples=["demo@laesquina.co"])]
    password: Annotated[str, Field(min_length=1, max_length=200, examples=["correct horse battery"])]


class StaffSession(Answer):
    token: str
    expires_at: datetime
    name: str = Field(examples=["Daniela Ríos"])
    role: str = Field(examples=["admin"])
