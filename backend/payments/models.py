"""Payments, what providers said of them, what they settle, customers' balances, and refunds."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.base import Base, Id, Minor, Ref

# What a payment is, folded from its events. `unknown`: the provider was asked and nobody knows the answer yet;
# `review`: a person must look, because amount, currency or merchant is not ours.
PAYMENT_STATUSES = ("pending", "unknown", "captured", "failed", "expired", "cancelled", "review", "disputed", "lost")
EVENT_KINDS = (
    "created", "authorized", "captured", "failed", "expired", "cancelled", "refund_succeeded", "refund_failed",
    "dispute_opened", "dispute_won", "dispute_lost", "unclear",
)  # fmt: skip
EVENT_OUTCOMES = ("counted", "parked", "review")
SETTLEMENT_KINDS = ("payment", "balance", "write_off")
BALANCE_KINDS = ("overpaid", "store_credit", "used", "refunded")
# By whom money goes back: the payment's provider, a person of the shop, or the bank of a customer who disputed.
REFUND_WAYS = ("provider", "manual", "dispute")
REFUND_STATUSES = ("requested", "approved", "rejected", "sent", "unknown", "succeeded", "failed")
UNDER_WAY = ("requested", "approved", "sent", "unknown")


# What a person of finance must look at. `event_reused`: an event's id came again with another content; the others:
# what a provider says of a day is not what our books say.
ALERT_KINDS = (
    "event_reused", "missing_here", "missing_there", "captured_differs", "refunded_differs", "fee_differs",
    "currency_differs", "payout_differs",
)  # fmt: skip


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


class Payment(Base):
    """Money a customer hands over for an order, or on account (no order): `amount` was asked, `captured` came.

    Only what is folded from events moves: `status`, `captured`, `refunded` (succeeded refunds), `fee`. `provider` is
    `manual`, `demo`, `stripe`…; `provider_ref` its own id of it. `key` names the logical act towards the provider:
    every try of it carries the same. `url` is where the customer pays, until `expires_at`. What is neither settled,
    refunded nor moved to the balance is the customer's advance. `charge_ref` is what the provider calls the money
    itself, in what it tells of refunds and disputes; `disputed` is what the customer's bank took back once, whatever
    it decided then.
    """

    __tablename__ = "oms_payment"
    __table_args__ = (
        CheckConstraint(_one_of("status", PAYMENT_STATUSES), name="status"),
        CheckConstraint("amount_minor > 0", name="amount"),
        CheckConstraint(
            "captured_minor >= 0 AND refunded_minor >= 0 AND refunded_minor <= captured_minor", name="sums"
        ),
        CheckConstraint("disputed_minor >= 0 AND disputed_minor <= captured_minor", name="disputed"),
        UniqueConstraint("provider", "provider_ref"),
        UniqueConstraint("provider", "charge_ref"),
        Index(None, "order_id"),
        Index(None, "customer_id", "id"),
        Index(None, "status", "id"),
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(String(20), unique=True)
    key: Mapped[str] = mapped_column(String(120), unique=True)
    order_id: Mapped[Ref | None] = mapped_column(ForeignKey("oms_order.id"))
    customer_id: Mapped[Ref] = mapped_column(ForeignKey("oms_customer.id"))
    method: Mapped[str] = mapped_column(String(40))
    provider: Mapped[str] = mapped_column(String(20))
    provider_ref: Mapped[str | None] = mapped_column(String(120))
    charge_ref: Mapped[str | None] = mapped_column(String(120))
    reference: Mapped[str | None] = mapped_column(String(80))
    currency: Mapped[str] = mapped_column(String(3))
    amount_minor: Mapped[Minor]
    captured_minor: Mapped[Minor]
    refunded_minor: Mapped[Minor]
    disputed_minor: Mapped[Minor] = mapped_column(server_default="0", default=0)
    fee_minor: Mapped[Minor]
    status: Mapped[str] = mapped_column(String(10))
    url: Mapped[str | None] = mapped_column(String(500))
    who: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    captured_at: Mapped[datetime | None]
    checked_at: Mapped[datetime | None]


class PaymentEvent(Base):
    """What a provider (or a person, for a manual payment) said, once each. Append-only; payments are folded from them.

    `outcome` is what we made of it: `counted`, `parked` (of a payment that we do not know, or not yet), `review`.
    """

    __tablename__ = "oms_payment_event"
    __table_args__ = (
        UniqueConstraint("provider", "event_id"),
        CheckConstraint(_one_of("kind", EVENT_KINDS), name="kind"),
        CheckConstraint(_one_of("outcome", EVENT_OUTCOMES), name="outcome"),
        Index(None, "payment_id", "id"),
    )

    id: Mapped[Id]
    provider: Mapped[str] = mapped_column(String(20))
    event_id: Mapped[str] = mapped_column(String(120))
    payment_id: Mapped[Ref | None] = mapped_column(ForeignKey("oms_payment.id"))
    provider_ref: Mapped[str | None] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(20))
    amount_minor: Mapped[Minor | None]
    currency: Mapped[str | None] = mapped_column(String(3))
    outcome: Mapped[str] = mapped_column(String(8))
    reason: Mapped[str | None] = mapped_column(String(200))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    who: Mapped[str] = mapped_column(String(80))
    happened_at: Mapped[datetime]
    received_at: Mapped[datetime]


class PaymentAlert(Base):
    """Something of payments that does not fit together, until a person closes it with a note.

    `key` names the finding, so that it is raised once; `subject` is the payment's number, or the provider's own id of
    what we do not know; `facts` are the figures that disagree.
    """

    __tablename__ = "oms_payment_alert"
    __table_args__ = (CheckConstraint(_one_of("kind", ALERT_KINDS), name="kind"), Index(None, "closed_at", "id"))

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(String(300), unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    provider: Mapped[str] = mapped_column(String(20))
    subject: Mapped[str] = mapped_column(String(120))
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    raised_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None] = mapped_column(String(80))
    note: Mapped[str | None] = mapped_column(String(300))


class Settlement(Base):
    """What pays an invoice: a part of a payment, of the customer's balance, or written off. Append-only.

    A settlement is taken back by one with the opposite amount. An invoice (or debit note) is open for its payable, less
    the credit notes that correct it, less its settlements.
    """

    __tablename__ = "oms_settlement"
    __table_args__ = (
        CheckConstraint(_one_of("kind", SETTLEMENT_KINDS), name="kind"),
        CheckConstraint("amount_minor <> 0", name="amount"),
        CheckConstraint("(kind = 'payment') = (payment_id IS NOT NULL)", name="payment"),
        # Their sum per invoice is read from the index alone.
        Index("ix_oms_settlement_aging", "invoice_id", "settled_at", "amount_minor"),
        Index(None, "payment_id"),
    )

    id: Mapped[Id]
    invoice_id: Mapped[Ref] = mapped_column(ForeignKey("oms_invoice.id"))
    kind: Mapped[str] = mapped_column(String(10))
    payment_id: Mapped[Ref | None] = mapped_column(ForeignKey("oms_payment.id"))
    amount_minor: Mapped[Minor]
    who: Mapped[str] = mapped_column(String(80))
    settled_at: Mapped[datetime]


class BalanceEntry(Base):
    """What a customer has with us, entry by entry; their sum, per currency, is never below zero. Append-only.

    Plus: `overpaid` (what no invoice needs of a payment), `store_credit` (what had been `used` for an invoice that a
    credit note took back). Minus: `used` (pays an invoice), `refunded` (back in its payment, to be given back).
    """

    __tablename__ = "oms_balance_entry"
    __table_args__ = (
        CheckConstraint(_one_of("kind", BALANCE_KINDS), name="kind"),
        CheckConstraint("(kind IN ('overpaid', 'store_credit')) = (amount_minor > 0)", name="sign"),
        CheckConstraint("amount_minor <> 0", name="amount"),
        Index(None, "customer_id", "currency"),
    )

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(String(120), unique=True)
    customer_id: Mapped[Ref] = mapped_column(ForeignKey("oms_customer.id"))
    currency: Mapped[str] = mapped_column(String(3))
    kind: Mapped[str] = mapped_column(String(12))
    amount_minor: Mapped[Minor]
    payment_id: Mapped[Ref | None] = mapped_column(ForeignKey("oms_payment.id"), index=True)
    invoice_id: Mapped[Ref | None] = mapped_column(ForeignKey("oms_invoice.id"))
    who: Mapped[str] = mapped_column(String(80))
    entered_at: Mapped[datetime]


class Refund(Base):
    """Money back out of one payment: requested, approved, sent, and what the provider made of it.

    It never is more than what of the payment is free: what was invoiced is taken back by a credit note first, named by
    `credit_note_id`. `key` names the act towards the provider: every try of it carries the same. `refund_ref` is the
    provider's own id of it, or what a person wrote of how they gave it back; `out_of` the account it was paid from.
    """

    __tablename__ = "oms_refund"
    __table_args__ = (
        CheckConstraint(_one_of("status", REFUND_STATUSES), name="status"),
        CheckConstraint(_one_of("way", REFUND_WAYS), name="way"),
        CheckConstraint("amount_minor > 0", name="amount"),
        Index(None, "payment_id"),
        Index(None, "status", "id"),
        Index(None, "customer_id", "id"),
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(String(20), unique=True)
    key: Mapped[str] = mapped_column(String(120), unique=True)
    payment_id: Mapped[Ref] = mapped_column(ForeignKey("oms_payment.id"))
    order_id: Mapped[Ref | None] = mapped_column(ForeignKey("oms_order.id"), index=True)
    customer_id: Mapped[Ref] = mapped_column(ForeignKey("oms_customer.id"))
    credit_note_id: Mapped[Ref | None] = mapped_column(ForeignKey("oms_invoice.id"))
    way: Mapped[str] = mapped_column(String(8), server_default="provider")
    refund_ref: Mapped[str | None] = mapped_column(String(120))
    out_of: Mapped[str | None] = mapped_column(String(20))
    currency: Mapped[str] = mapped_column(String(3))
    amount_minor: Mapped[Minor]
    reason: Mapped[str] = mapped_column(String(300))
    note: Mapped[str | None] = mapped_column(String(300))
    status: Mapped[str] = mapped_column(String(10))
    requested_by: Mapped[str] = mapped_column(String(80))
    approved_by: Mapped[str | None] = mapped_column(String(80))
    requested_at: Mapped[datetime]
    approved_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
