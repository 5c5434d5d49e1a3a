"""Claims: what customers say went wrong."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from backend.schemas.base import Answer, Line, Request


class NewClaim(Request):
    """`note` is what the customer says of it, if anything."""

    note: Annotated[Line, Field(max_length=1000, examples=["Llegó una caja rota."])] | None = None


class Claim(Answer):
    id: str
    order_number: str = Field(examples=["PED-10023"])
    kind: Literal["unknown"]
    state: Literal["open"]
    note: str | None = None
    opened_at: datetime


class StaffClaim(Claim):
    customer_id: str
