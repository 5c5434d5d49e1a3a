"""Quotes: carts that the shop makes for a customer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from backend.schemas.base import Answer, Line, Money, Request, SkuText, Text
from backend.schemas.carts import Cart

QuoteStatus = Literal["drafted", "sent", "accepted", "placed", "withdrawn"]
_Version = Annotated[int, Field(ge=1, le=2_000_000_000, examples=[1])]
_Confirmation = Annotated[Text, Field(min_length=1, max_length=100, description="`confirmation` as it was shown.")]


class WantedLine(Request):
    """`quantity` is a decimal string of `unit`, or of the variant's usual one."""

    sku: SkuText
    quantity: Annotated[Text, Field(min_length=1, max_length=40, examples=["3"])]
    unit: Annotated[Text, Field(max_length=40)] | None = None


class QuoteFacts(Request):
    """Delivered to `address_text`, or collected at a `pickup_location`; what is not said yet is left out."""

    lines: Annotated[list[WantedLine], Field(max_length=100)] = Field(default_factory=list)
    address_text: Line | None = None
    pickup_location: Annotated[Text, Field(min_length=1, max_length=20)] | None = None
    payment_method: Annotated[Text, Field(max_length=40)] | None = None

    @model_validator(mode="after")
    def _goes_to_one_place(self) -> Self:
        if self.address_text is not None and self.pickup_location is not None:
            raise ValueError("delivered or collected, not both")
        return self


class NewQuote(QuoteFacts):
    customer_id: Annotated[Text, Field(min_length=1, max_length=36)]


class ChangeQuote(QuoteFacts):
    version: _Version


class GiveDiscount(Request):
    """`amount_minor` off the quote, or off what it has of `sku`: never more than that costs."""

    version: _Version
    amount_minor: Annotated[int, Field(gt=0, le=10**13, examples=[1_000_000])]
    sku: SkuText | None = None
    reason: Line


class TakeDiscountOff(Request):
    version: _Version


class SendQuote(Request):
    version: _Version
    valid_days: Annotated[int, Field(ge=1, le=90, examples=[3])] = 3


class PlaceQuote(Request):
    version: _Version
    confirmation: _Confirmation


class WithdrawQuote(Request):
    version: _Version


class AcceptQuote(Request):
    confirmation: _Confirmation


class Quote(Answer):
    """`cart` is at today's prices and `confirmation` stands for just that; `quoted_total` is what it was."""

    number: str = Field(examples=["COT-10001"])
    customer_id: str
    status: QuoteStatus
    version: int
    cart: Cart
    confirmation: str
    quoted_total: Money
    valid_until: datetime | None = None
    is_expired: bool = False
    order_number: str | None = None
    who: str
    created_at: datetime


class QuoteSummary(Answer):
    number: str
    customer_id: str
    status: QuoteStatus
    total: Money
    valid_until: datetime | None = None
    is_expired: bool = False
    who: str
    created_at: datetime


class QuotePage(Answer):
    """Newest first; `next_cursor` opens the following page."""

    quotes: list[QuoteSummary]
    next_cursor: str | None = None
