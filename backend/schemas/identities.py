"""Who is who: proofs that several identities are one person's, and what was done about it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from backend.schemas.base import Answer, Line, Request
from backend.schemas.customers import Email


class EmailCode(Request):
    """A code to an e-mail address that the customer says is theirs."""

    channel: Literal["email"]
    address: Email


class PhoneCode(Request):
    """A code to a WhatsApp number that the customer says is theirs, as they write it."""

    channel: Literal["whatsapp"]
    address: Annotated[Line, Field(max_length=40, examples=["300 111 2233"])]


class NewLinkCode(Request):
    """`language`: of the e-mail; a chat has its own."""

    to: Annotated[EmailCode | PhoneCode, Field(discriminator="channel")]
    language: Literal["es", "en"] = "es"


class LinkCode(Answer):
    """A code is on its way, if someone is there; which one must not tell."""

    id: str
    expires_at: datetime


class CodeSaid(Request):
    code: Annotated[Line, Field(max_length=40, examples=["123456"])]


class NewLink(Request):
    """`channel`: where the customer will open it."""

    channel: Literal["web", "whatsapp", "telegram"]


class Link(Answer):
    """`token` opens once, on that channel, until `expires_at`."""

    token: str
    expires_at: datetime


class LinkOpened(Request):
    token: Annotated[Line, Field(max_length=64)]


class Linked(Answer):
    """The person that a customer is now. `is_new`: they were not before."""

    customer_id: str
    is_new: bool
    channels: list[str] = Field(description="Where the shop knows this person.", examples=[["web", "whatsapp"]])


class KnownIdentity(Answer):
    """`shown` is the address so far as it may be shown; `has_phone`: its number is known; `is_own`: the others are
    linked to this one.
    """

    id: str
    channel: str
    shown: str = Field(examples=["…2233"])
    has_phone: bool
    verified_at: datetime | None
    method: str | None
    is_own: bool


class IdentityStep(Answer):
    """`linked`, `unlinked` or `renewed`: which customer, and with which person."""

    act: str
    person_id: str
    customer_id: str
    method: str
    who: str
    happened_at: datetime


class Person(Answer):
    """All that is known of who a customer is."""

    customer_id: str
    identities: list[KnownIdentity]
    history: list[IdentityStep]


class PhoneShared(Request):
    """A channel's word that this number is its customer's own."""

    channel: Annotated[Line, Field(max_length=20, examples=["telegram"])]
    external_id: Annotated[Line, Field(max_length=200)]
    phone: Annotated[str, Field(pattern=r"^\+?[0-9]{7,15}$", examples=["+573001112233"])]


class SignedIn(Request):
    """The word of the shop's own site: `site_id` is its user, whose `email` and `phone` it has proven."""

    channel: Annotated[Line, Field(max_length=20, examples=["web"])]
    external_id: Annotated[Line, Field(max_length=200)]
    site_id: Annotated[Line, Field(max_length=200)]
    name: Annotated[Line, Field(max_length=200)] | None = None
    email: Email | None = None
    phone: Annotated[Line, Field(max_length=40, examples=["+573001112233"])] | None = None


class LinkReason(Request):
    """Why an agent is sure that both are one person."""

    reason: Annotated[Line, Field(max_length=300)]


class LinkSide(Answer):
    """A person as they are now, with how much there is of theirs."""

    customer_id: str
    channels: list[str]
    orders: int
    invoices: int
    cart_lines: int


class LinkPreview(Answer):
    """What linking would do: `joined` goes on as `person`; null when they are one already."""

    person: LinkSide
    joined: LinkSide | None
