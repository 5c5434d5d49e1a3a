"""Payment proofs: what customers send, what finance decides."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from backend.schemas.base import Answer, Line, Money, Request, Text
from backend.schemas.payments import AmountMinor

ProofStatus = Literal["open", "approved", "rejected"]
ProofReason = Literal["unreadable", "not_received", "wrong_amount", "wrong_account", "other"]
Reference = Annotated[Line, Field(min_length=1, max_length=80, examples=["TRX-88213"])]


class ProofDetails(Request):
    """What the customer says of their payment, as far as they do."""

    amount_minor: AmountMinor | None = None
    reference: Reference | None = None
    paid_on: date | None = None


class NewPaymentProof(ProofDetails):
    """`voucher` is the bot's signed word for the picture: of what it says nobody can be told otherwise."""

    voucher: Text = Field(min_length=1, max_length=2000)


class PaymentProof(Answer):
    """`amount`, `reference`, `paid_on` are the customer's words."""

    number: str = Field(examples=["CPB-10001"])
    order_number: str = Field(examples=["PED-10023"])
    status: ProofStatus
    reason: ProofReason | None = None
    amount: Money | None = None
    reference: str | None = None
    paid_on: date | None = None
    sent_at: datetime


class ProofPicture(Answer):
    """A file that is with the bot: staff get it from `path`, with their own token. `hash` is its SHA-256."""

    id: str
    hash: str
    type: str = Field(examples=["image/jpeg"])
    path: str = Field(examples=["/bot/api/attachments/0192…"])


class ProofAlike(Answer):
    """Something that may be the same money: another proof with the same picture, or anything with the same reference.

    `is_other_customer`: not of the customer who sent this proof, who is told nothing of it.
    """

    kind: Literal["proof", "payment"]
    number: str = Field(examples=["CPB-10001", "PAG-10004"])
    order_number: str | None
    why: Literal["same_picture", "same_reference"]
    status: str
    is_other_customer: bool


class StaffPaymentProof(PaymentProof):
    customer_id: str
    picture: ProofPicture
    due: Money
    alike: list[ProofAlike]
    payment: str | None = Field(default=None, examples=["PAG-10004"])
    note: str | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None


class PaymentProofPage(Answer):
    proofs: list[StaffPaymentProof]
    next_cursor: str | None = None


class ApproveProof(Request):
    """Either the money that was found, or the `payment` as which it is recorded already.

    `may_exceed`: that it is more than is due of the order is so, and no money counted twice.
    """

    amount_minor: AmountMinor | None = None
    currency: Text | None = Field(default=None, min_length=3, max_length=3, examples=["COP"])
    reference: Reference | None = None
    may_exceed: bool = False
    payment: Text | None = Field(default=None, min_length=1, max_length=20, examples=["PAG-10004"])

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        is_money = self.amount_minor is not None and self.currency is not None
        if is_money == (self.payment is not None):
            raise ValueError("either amount_minor and currency, or payment")
        return self


class RejectProof(Request):
    """`note` goes to the customer as it is written; with `other` it is all they are told."""

    reason: ProofReason
    note: Annotated[Line, Field(min_length=1, max_length=300)] | None = None

    @model_validator(mode="after")
    def _says_why(self) -> Self:
        if (self.reason == "other") != (self.note is not None):
            raise ValueError("a note goes with the reason other, and with it alone")
        return self
