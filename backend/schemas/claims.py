"""Claims: what customers say went wrong."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from backend.schemas.base import Answer, Line, Request

ClaimKind = Literal["unknown", "missing", "wrong", "faulty"]


class NewClaim(Request):
    """`note` is what the customer says of it, if anything; `kind` what is wrong, if they say so."""

    kind: ClaimKind = "unknown"
    note: Annotated[Line, Field(max_length=1000, examples=["Llegó una caja rota."])] | None = None


class Claim(Answer):
    id: str
    order_number: str = Field(examples=["PED-10023"])
    kind: ClaimKind
    state: Literal["open", "closed"]
    note: str | None = None
    opened_at: datetime


class StaffClaim(Claim):
    """`return_number` is the return that made it good, `answer` what was agreed otherwise."""

    customer_id: str
    return_number: str | None = Field(default=None, examples=["RMA-10001"])
    answer: str | None = None
    closed_by: str | None = None
    closed_at: datetime | None = None


class CloseClaim(Request):
    """What was agreed with the customer."""

    answer: Line
