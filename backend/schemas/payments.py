"""Payments, what they pay, and customers' balances."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

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
