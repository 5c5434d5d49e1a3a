"""Customers, their channel identities and their addresses."""

from __future__ import annotations

from datetime import datetime, time
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.base import Base, Id, Minor, Ref


class Customer(Base):
    """A person who buys. Who they are is what their channel identities prove.

    `language` is the one they last spoke, `email` where the shop may write to, `credit_limit_minor` (in the shop's
    currency) what they may owe at most; None: the shop has set no limit. Invoices go to `legal_name` with its `tax_id`
    (NIT, RUC, RFC), else to a final consumer; `withholding_rate` of the net (0.025 is 2.5 %) is withheld by law.
    `person_id` is the customer as whom this one goes on since it was proven that both are one person; undone, each
    has again what it had. An e-mail address is proven by a code that was sent to it (`email_verified_at`).
    """

    __tablename__ = "oms_customer"

    id: Mapped[Id]
    person_id: Mapped[str | None] = mapped_column(String(36), ForeignKey("oms_customer.id"), index=True)
    name: Mapped[str | None] = mapped_column(String(120))
    email: Mapped[str | None] = mapped_column(String(200))
    email_verified_at: Mapped[datetime | None]
    language: Mapped[str | None] = mapped_column(String(5))
    credit_limit_minor: Mapped[Minor | None]
    legal_name: Mapped[str | None] = mapped_column(String(200))
    tax_id: Mapped[str | None] = mapped_column(String(30))
    withholding_rate: Mapped[Decimal | None]
    created_at: Mapped[datetime]


class ChannelIdentity(Base):
    """A customer as one channel knows them; `external_id` is the channel's own id.

    `phone` is the number it is, if it is one (kernel/phones.py), `seen_at` when they were last there. `verified_at` and
    `method` say since when, and by which proof, it is one person with others.
    """

    __tablename__ = "oms_channel_identity"
    __table_args__ = (
        UniqueConstraint("channel", "external_id"),
        CheckConstraint("(verified_at IS NULL) = (method IS NULL)", name="verified"),
    )

    id: Mapped[Id]
    customer_id: Mapped[Ref] = mapped_column(ForeignKey("oms_customer.id"), index=True)
    channel: Mapped[str] = mapped_column(String(20))
    external_id: Mapped[str] = mapped_column(String(200))
    phone: Mapped[str | None] = mapped_column(String(20), index=True)
    verified_at: Mapped[datetime | None]
    method: Mapped[str | None] = mapped_column(String(10))
    seen_at: Mapped[datetime]
    created_at: Mapped[datetime]


class IdentityEntry(Base):
    """One step of who is who, append-only: `customer_id` was `linked` to, or `unlinked` from, `person_id`.

    `renewed`: the number `customer_id` had was silent for so long that it may be someone else's; from then on it is
    `person_id`'s. `method` is the proof, `who` did it.
    """

    __tablename__ = "oms_identity_entry"
    __table_args__ = (CheckConstraint("act IN ('linked', 'unlinked', 'renewed')", name="act"),)

    id: Mapped[Id]
    act: Mapped[str] = mapped_column(String(10))
    person_id: Mapped[Ref] = mapped_column(ForeignKey("oms_customer.id"), index=True)
    customer_id: Mapped[Ref] = mapped_column(ForeignKey("oms_customer.id"), index=True)
    method: Mapped[str] = mapped_column(String(10))
    who: Mapped[str] = mapped_column(String(60))
    happened_at: Mapped[datetime]


class LinkRequest(Base):
    """A customer who wants to be one with another identity, until it is proven, or over.

    A code went to `identity_id`, or to the e-mail `address`; None and None: to nobody, and nobody can tell. A link has
    the `token_hash` (SHA-256) of its token, and is opened on `channel`. `tries` are the codes said so far, `last_try`
    names the last of them.
    """

    __tablename__ = "oms_link_request"
    __table_args__ = (
        CheckConstraint("kind IN ('code', 'link')", name="kind"),
        CheckConstraint("(kind = 'link') = (token_hash IS NOT NULL)", name="token"),
        Index(None, "customer_id", "created_at"),
        Index(None, "channel", "address", "created_at"),
    )

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(String(10))
    customer_id: Mapped[Ref] = mapped_column(ForeignKey("oms_customer.id"))
    channel: Mapped[str] = mapped_column(String(20))
    address: Mapped[str | None] = mapped_column(String(200))
    identity_id: Mapped[str | None] = mapped_column(String(36), ForeignKey("oms_channel_identity.id"))
    token_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    tries: Mapped[int]
    last_try: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Address(Base):
    """Where a customer has things delivered, as they wrote it. The one used last is the default.

    `folded` is the text as it is compared, so that the same address written again is not a second one.
    """

    __tablename__ = "oms_address"
    __table_args__ = (UniqueConstraint("customer_id", "folded"),)

    id: Mapped[Id]
    customer_id: Mapped[Ref] = mapped_column(ForeignKey("oms_customer.id"))
    text: Mapped[str] = mapped_column(String(300))
    folded: Mapped[str] = mapped_column(String(600))
    city: Mapped[str | None] = mapped_column(String(80))
    used_at: Mapped[datetime]


class Preference(Base):
    """What a customer wants to hear of, once they said so: without a row, order updates and no advertising.

    Quiet hours are in the shop's zone and may span midnight; None: the shop's own.
    """

    __tablename__ = "oms_preference"
    __table_args__ = (CheckConstraint("(quiet_from IS NULL) = (quiet_until IS NULL)", name="quiet_hours"),)

    customer_id: Mapped[Ref] = mapped_column(ForeignKey("oms_customer.id"), primary_key=True)
    order_updates: Mapped[bool]
    marketing: Mapped[bool]
    quiet_from: Mapped[time | None]
    quiet_until: Mapped[time | None]
    changed_at: Mapped[datetime]
