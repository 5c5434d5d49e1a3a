"""Approval: the rules that hold orders, and what someone decides."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from backend.schemas.base import Answer, Line, Request, Words

RuleKind = Literal["new_customer", "amount_over", "payment_method", "outside_zones", "credit_limit"]
HoldReason = RuleKind | Literal["awaiting_payment", "payment_disputed", "by_hand"]


class NewApprovalRule(Request):
    """`amount_over` takes `{"amount_minor": 50000000}`, `payment_method` `{"payment_method": "bank_transfer"}`; the
    other kinds take `{}`. Anything else is no rule."""

    kind: RuleKind
    parameters: dict[str, Any] = Field(default_factory=dict, examples=[{"amount_minor": 50_000_000}])
    is_active: bool = True
    position: Annotated[int, Field(ge=0, le=1000, examples=[0])] = 0


class ApprovalRule(Answer):
    id: str
    kind: RuleKind
    parameters: dict[str, Any]
    is_active: bool
    position: int


class OrderHold(Answer):
    """Why an order waits, or waited: `reason` is the kind of the rule, `facts` the figures it looked at.

    Three are no rules: how it is paid says that it waits, a bank disputes its money, someone held it back `by_hand`.
    """

    reason: HoldReason
    facts: dict[str, Any]
    held_at: datetime
    outcome: Literal["approved", "changed", "rejected", "cancelled", "paid"] | None = None
    ended_by: str | None = None
    ended_at: datetime | None = None


class ApproveOrder(Request):
    """`version` of the order as it was looked at: one that has changed since is refused."""

    version: Annotated[int, Field(ge=1, examples=[2])]
    note: Line | None = None


class HoldBackOrder(Request):
    """`note` is for the shop: why someone wants to look at it first."""

    version: Annotated[int, Field(ge=1, examples=[2])]
    note: Line


class RejectOrder(Request):
    """`reason` is told to the customer."""

    version: Annotated[int, Field(ge=1, examples=[2])]
    reason: Line


class StuckOrder(Answer):
    """An order that has been too long where it is: the `reason`, in words, and `since` when."""

    number: str = Field(examples=["PED-10023"])
    reason: str = Field(examples=["not_picked"])
    words: Words
    since: datetime
