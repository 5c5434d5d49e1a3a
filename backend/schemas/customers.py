"""Customers, their channel identities and their addresses."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from backend.schemas.base import Answer, Line, Request, Text, TimeOfDay


class Identity(Request):
    """Someone as a channel knows them: `external_id` is the channel's own, unforgeable id, `phone` the number it is."""

    channel: Annotated[Line, Field(max_length=20, examples=["web"])]
    external_id: Annotated[Line, Field(max_length=200, examples=["visitor-0193f2"])]
    phone: Annotated[str, Field(pattern=r"^\+[0-9]{7,15}$", examples=["+573001112233"])] | None = None


class IdentityResolved(Answer):
    customer_id: str


class IdentityKnown(IdentityResolved):
    """`is_fresh`: it was seen within the last day."""

    is_fresh: bool
    customer_ids: list[str] = Field(description="All customers that are this person.")


_EMAIL = re.compile(r"[^@\s<>,;:\"()\[\]\\]+@[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}", re.ASCII)


def _as_email(text: str) -> str:
    """An address in lower case that could be written to; whether someone reads there is another matter."""
    folded = text.strip().lower()
    if not folded.isascii() or not folded.isprintable() or _EMAIL.fullmatch(folded) is None:
        raise ValueError("is not an e-mail address")
    return folded


Email = Annotated[str, Field(max_length=200, examples=["ana@ejemplo.co"]), AfterValidator(_as_email)]


class Customer(Answer):
    id: str = Field(examples=["0193f2c1-7a30-7c11-9d5e-0c3f6c1b2a44"])
    name: str | None = Field(None, examples=["Ana María"])
    email: str | None = Field(None, examples=["ana@ejemplo.co"])


class CustomerChange(Request):
    """What is left out stays."""

    name: Annotated[Line, Field(max_length=120, examples=["Ana María"])] | None = None
    email: Email | None = None


class StaffCustomer(Customer):
    """As staff see them. `credit_limit_minor` is in the shop's currency; null: no limit was set."""

    language: str | None = Field(None, examples=["es"])
    credit_limit_minor: int | None = Field(None, examples=[30_000_000])
    created_at: datetime


class StaffCustomerChange(CustomerChange):
    """What is left out stays; a `credit_limit_minor` of null takes the limit away."""

    language: Literal["es", "en"] | None = None
    credit_limit_minor: Annotated[int, Field(ge=0, le=10**15, examples=[30_000_000])] | None = None


class NewCaller(Request):
    """Who calls: `phone` as they say it. Of who is known already nothing is changed."""

    phone: Annotated[Text, Field(min_length=5, max_length=30, examples=["300 111 2233"])]
    name: Annotated[Text, Field(min_length=1, max_length=120)] | None = None
    email: Email | None = None


class CustomerPage(Answer):
    """Newest first; `next_cursor` opens the following page."""

    customers: list[StaffCustomer]
    next_cursor: str | None = None


class NewAddress(Request):
    text: Annotated[Line, Field(examples=["Calle 45 # 12-30 apto 401, Bogotá"])]


class Address(Answer):
    id: str = Field(examples=["0193f2c1-9b02-7d40-8a11-53d1e7a90c12"])
    text: str = Field(examples=["Calle 45 # 12-30 apto 401, Bogotá"])
    city: str | None = None
    is_default: bool = False


class QuietHours(Request):
    """When not to be disturbed, in the shop's zone; past midnight when `start` is the later one."""

    start: TimeOfDay = Field(examples=["21:00"])
    end: TimeOfDay = Field(examples=["07:00"])

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
    quiet_from: TimeOfDay = Field(examples=["21:00:00"])
    quiet_until: TimeOfDay = Field(examples=["07:00:00"])
    time_zone: str = Field(examples=["America/Bogota"])
    customer_ids: list[str] = Field(default=[], description="All customers that are this person.")
