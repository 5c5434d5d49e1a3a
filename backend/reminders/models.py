"""Reminders, once for each stage of an invoice, and promises to pay."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.base import Base, Id, Minor, Ref

# From the friendliest on.
STAGES = ("soon", "today", "late", "later", "last")
PROMISE_STATES = ("open", "kept", "broken", "replaced")


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


class Reminder(Base):
    """A customer was reminded of an invoice, of which `open_minor` was to be paid. Append-only."""

    __tablename__ = "oms_reminder"
    __table_args__ = (UniqueConstraint("invoice_id", "stage"), CheckConstraint(_one_of("stage", STAGES), name="stage"))

    id: Mapped[Id]
    invoice_id: Mapped[Ref] = mapped_column(ForeignKey("oms_invoice.id"))
    stage: Mapped[str] = mapped_column(String(10))
    open_minor: Mapped[Minor]
    reminded_at: Mapped[datetime]


class PaymentPromise(Base):
    """A customer says that what they owe (`amount_minor` then) is paid by the end of `promised_on`, a day of the shop.

    A customer has one that is `open`: another replaces it.
    """

    __tablename__ = "oms_payment_promise"
    __table_args__ = (
        CheckConstraint(_one_of("state", PROMISE_STATES), name="state"),
        CheckConstraint("amount_minor > 0", name="amount"),
        Index(None, "customer_id", "state"),
        Index(None, "state", "promised_on"),
    )

    id: Mapped[Id]
    customer_id: Mapped[Ref] = mapped_column(ForeignKey("oms_customer.id"))
    promised_on: Mapped[date]
    amount_minor: Mapped[Minor]
    currency: Mapped[str] = mapped_column(String(3))
    said: Mapped[str | None] = mapped_column(String(300))
    state: Mapped[str] = mapped_column(String(10))
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
