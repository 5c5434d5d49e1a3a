"""Customers, their channel identities and their addresses."""

from __future__ import annotations

from datetime import datetime, time
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.base import Base, Id, Minor, Ref


class Customer(Base):
    """A person who buys. Who they are is what their channel identities prove.

    `language` is the one they last spoke, `email` where the shop may write to, `credit_limit_minor` (in the shop's
    currency) what they may owe at most; None: the shop has set no limit. Invoices go to `legal_name` with its `tax_id`
    (NIT, RUC, RFC), else to a final consumer; `withholding_rate` of the net (0.025 is 2.5 %) is withheld by law.
    """

    __tablename__ = "oms_customer"

    id: Mapped[Id]
    name: Mapped[str | None] = mapped_column(String(120))
    email: Mapped[str | None] = mapped_column(String(200))
    language: Mapped[str | None] = mapped_column(String(5))
    credit_limit_minor: Mapped[Minor | None]
    legal_name: Mapped[str | None] = mapped_column(String(200))
    tax_id: Mapped[str | None] = mapped_column(String(30))
    withholding_rate: Mapped[Decimal | None]
    created_at: Mapped[datetime]


class ChannelIdentity(Base):
    """A customer as one channel knows them; `external_id` is the channel's own id."""

    __tablename__ = "oms_channel_identity"
    __table_args__ = (UniqueConstraint("channel", "external_id"),)

    id: Mapped[Id]
    customer_id: Mapped[Ref] = mapped_column(ForeignKey("oms_customer.id"), index=True)
    channel: Mapped[str] = mapped_column(String(20))
    external_id: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]


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
