"""Discounts, as those who sell put them up."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, Field, model_validator

from backend.schemas.base import Answer, Line, Money, Request, SkuText, Text

DiscountKind = Literal["percentage", "amount"]
MOST = 1_000_000_000


class NewDiscount(Request):
    """`percent` ("10" is 10 %) or `amount_minor` off the goods: of the whole order, of one `sku`, or of a `category`.

    Customers say its code, or it `is_automatic`. It needs goods for `minimum_minor`. `max_uses` is for all customers
    together, `max_uses_each` for each; `valid_until` is the first moment at which it is over.
    """

    name_es: Line = Field(min_length=1, max_length=80, examples=["10 % en lácteos"])
    name_en: Line = Field(min_length=1, max_length=80, examples=["10% off dairy"])
    is_automatic: bool = False
    kind: DiscountKind
    percent: Annotated[Decimal, Field(gt=0, le=100, max_digits=7, decimal_places=4)] | None = None
    amount_minor: Annotated[int, Field(gt=0, le=MOST * 100)] | None = None
    sku: SkuText | None = None
    category: Annotated[Text, Field(min_length=1, max_length=40, examples=["dairy"])] | None = None
    minimum_minor: Annotated[int, Field(ge=0, le=MOST * 100)] = 0
    valid_from: AwareDatetime | None = None
    valid_until: AwareDatetime | None = None
    max_uses: Annotated[int, Field(gt=0, le=MOST)] | None = None
    max_uses_each: Annotated[int, Field(gt=0, le=MOST)] | None = None

    @model_validator(mode="after")
    def _takes_one_thing_off(self) -> Self:
        if (self.percent is None) == (self.amount_minor is None):
            raise ValueError("either percent or amount_minor")
        return self


class Discount(Answer):
    """See NewDiscount. `uses` are the orders that have it; one that was withdrawn is nobody's any more."""

    code: str = Field(examples=["LECHE10"])
    name_es: str
    name_en: str
    is_automatic: bool
    kind: DiscountKind
    percent: str | None = Field(default=None, examples=["10"])
    amount: Money | None = None
    sku: str | None = None
    category: str | None = None
    minimum: Money
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    max_uses: int | None = None
    max_uses_each: int | None = None
    uses: int
    withdrawn_at: datetime | None = None
