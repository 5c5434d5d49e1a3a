"""Payments, what they pay, and customers' balances."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from backend.schemas.base import Answer, Line, Money, Request, Text

PaymentState = Literal["pending", "unknown", "captured", "failed", "expired", "cancelled", "review", "disputed", "lost"]
MAX_AMOUNT_MINOR = 10**13
AmountMinor = Annotated[int, Field(gt=0, le=MAX_AMOUNT_MINOR, examples=[1_250_000])]


class NewPayment(Request):
    """Money that no provider tells of. `method` is how it came: cash_on_delivery, bank_transfer, cheque…"""

    method: Text = Field(min_length=1, max_length=40, examples=["bank_transfer"])
    amount_minor: AmountMinor
    currency: Text = Field(min_length=3, max_length=3, examples=["COP"])
    reference: Line | None = Field(default=None, max_length=80, examples=["TRX-88213"])


class Payment(Answer):
    """`amount` was asked, `captured` came; `free` of it pays nothing yet."""

    number: str = Field(examples=["PAG-10004"])
    order_number: str | None = Field(examples=["PED-10023"])
    customer_id: str
    method: str
    provider: str = Field(examples=["manual"])
    status: PaymentState
    amount: Money
    captured: Money
    refunded: Money
    free: Money
    reference: str | None
    created_at: datetime
    captured_at: datetime | None
    who: str


class PaymentLink(Answer):
    """Where the customer pays just this amount of that order, until `expires_at`; `url` is None while it is made."""

    payment: str = Field(examples=["PAG-10004"])
    order_number: str = Field(examples=["PED-10023"])
    amount: Money
    url: str | None
    expires_at: datetime


class PaymentPage(Answer):
    payments: list[Payment]
    next_cursor: str | None = None


class EventsKept(Answer):
    """How many events the webhook had, and how many of them were new."""

    events: int
    kept: int


class OrderPayments(Answer):
    """`due` is what the customer still has to pay; `uninvoiced` what no invoice bills yet; `advance` came before."""

    order_number: str
    due: Money
    paid: Money
    refunded: Money
    uninvoiced: Money
    advance: Money
    payments: list[Payment]


RefundState = Literal["requested", "approved", "rejected", "sent", "unknown", "succeeded", "failed"]


class NewRefund(Request):
    """So much of a payment is to go back. `way` is `manual` when a person gives it back, not the payment's provider."""

    amount_minor: AmountMinor
    currency: Text = Field(min_length=3, max_length=3, examples=["COP"])
    reason: Line = Field(min_length=1, max_length=300, examples=["Llegó dañado"])
    way: Literal["provider", "manual"] | None = None


class RejectRefund(Request):
    """Why not: the customer is told so."""

    reason: Line = Field(min_length=1, max_length=300, examples=["El plazo para devolver ya pasó"])


class PaidOut(Request):
    """How a person gave it back, and the reference of that."""

    out_of: Literal["cash", "bank"]
    reference: Line | None = Field(default=None, max_length=80, examples=["TRX-90112"])


class Refund(Answer):
    """Money back out of one payment. `way` is `provider`, `manual`, or `dispute` for what a bank took back."""

    number: str = Field(examples=["DEV-10001"])
    payment: str = Field(examples=["PAG-10004"])
    order_number: str | None = Field(examples=["PED-10023"])
    customer_id: str
    method: str
    amount: Money
    status: RefundState
    way: Literal["provider", "manual", "dispute"]
    reason: str
    note: str | None
    requested_at: datetime
    approved_at: datetime | None
    ended_at: datetime | None
    requested_by: str
    approved_by: str | None
    is_receipted: bool = Field(description="The money is back, and there is a receipt that says so.")


class MyRefund(Answer):
    """What a customer is told of their refund."""

    number: str = Field(examples=["DEV-10001"])
    order_number: str | None = Field(examples=["PED-10023"])
    method: str
    amount: Money
    status: RefundState
    note: str | None
    requested_at: datetime
    ended_at: datetime | None
    receipt_url: str | None = Field(default=None, description="A link to the receipt, no login; `/pdf` is it.")


class RefundPage(Answer):
    refunds: list[Refund]
    next_cursor: str | None = None


class MyRefunds(Answer):
    """Newest first."""

    refunds: list[MyRefund]


class Balance(Answer):
    """What a customer has with us, to be used by the next invoice."""

    customer_id: str
    balance: Money


class ChoosePart(Request):
    """So much of the payment pays that invoice; a negative amount takes it back."""

    invoice: Text = Field(min_length=1, max_length=24, examples=["FV-12"])
    amount_minor: int = Field(ge=-MAX_AMOUNT_MINOR, le=MAX_AMOUNT_MINOR, examples=[500_000])


class WriteOff(Request):
    """What of an invoice will never be paid."""

    amount_minor: AmountMinor
    reason: Line = Field(examples=["Cliente en liquidación"])


class InvoiceOpen(Answer):
    """What of an invoice is open."""

    number: str = Field(examples=["FV-12"])
    payable: Money
    open: Money


AlertKind = Literal[
    "event_reused", "missing_here", "missing_there", "captured_differs", "refunded_differs", "fee_differs",
    "currency_differs", "payout_differs",
]  # fmt: skip


class PaymentAlert(Answer):
    """Something of payments that does not fit together; `facts` are the figures that disagree."""

    id: str
    kind: AlertKind
    provider: str
    about: str = Field(examples=["PAG-10004"])
    facts: dict[str, Any]
    raised_at: datetime
    closed_at: datetime | None = None
    closed_by: str | None = None
    note: str | None = None


class PaymentAlertPage(Answer):
    alerts: list[PaymentAlert]
    next_cursor: str | None = None


class CloseAlert(Request):
    note: Line
