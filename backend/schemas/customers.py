"""Customers, their channel identities and their addresses."""

from __future__ import annotations

from datetime import time
from typing import Annotated, Self

from pydantic import Field, model_validator

from backend.schemas.base import Answer, Line, Request


class Identity(Request):
    """Someone as a channel knows them: `external_id` is the channel's own, unforgeable id."""

    channel: Annotated[Line, Field(max_length=20, examples=["web"])]
    external_id: Annotated[Line, Field(max_length=200, examples=["visitor-0193f2"])]


class IdentityResolved(Answer):
    customer_id: str


class Customer(Answer):
    id: str = Field(examples=["0193f2c1-7a30-7c11-9d5e-0c3f6c1b2a44"])
    name: str | None = Field(None, examples=["Ana María"])


class CustomerChange(Request):
    name: Annotated[Line, Field(max_length=120, examples=["Ana María"])] | None = None


class NewAddress(Request):
    text: Annotated[Line, Field(examples=["Calle 45 # 12-30 apto 401, Bogotá"])]


class Address(Answer):
    id: str = Field(examples=["0193f2c1-9b02-7d40-8a11-53d1e7a90c12"])
    text: str = Field(examples=["Calle 45 # 12-30 apto 401, Bogotá"])
    city: str | None = None
    is_default: bool = False


class QuietHours(Request):
    """When not to be disturbed, in the shop's zone; past midnight when `start` is the later one."""

    start: time = Field(examples=["21:00"])
    end: time = Field(examples=["07:00"])

    @model_validator(mode="after")
    def _has_no_zone(self) -> Self:
        if self.start.tzinfo is not None or self.end.tzinfo is not None:
            raise ValueError("hours are the shop's own")
        return self


class PreferencesChange(Request):
    """What is left out stays as it is. `order_updates`: news of running orders; `marketing`: everything else."""

    order_updates: bool | None = None
    marketing: bool | None = None
    quiet_hours: QuietHours | None = None


class ContactPreferences(Answer):
    """What the customer wants to hear of, and the hours of the zone `time_zone` in which they are left in peace."""

    order_updates: bool
    marketing: bool
    quiet_from: time = Field(examples=["21:00:00"])
    quiet_until: time = Field(examples=["07:00:00"])
    time_zone: str = Field(examples=["America/Bogota"])
