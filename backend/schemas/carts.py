"""The cart: what a customer wants, priced by the OMS and never by the client."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from backend.schemas.base import Answer, Line, Money, Request, SkuText, Text, Words


class CartLine(Answer):
    """`quantity` counts `unit`, `base_quantity` base units; `unit_price` is for one `unit`.

    `total` is before the line's share of the `discount`. Both have the `tax` in them, or not yet, as
    `prices_include_tax` of the cart says.

    `name` is what the shop calls it, `names` what its customers read.
    """

    sku: str
    name: str
    names: Words
    quantity: str = Field(examples=["3"])
    unit: str = Field(examples=["caja"])
    unit_name: Words
    base_quantity: int = Field(examples=[36])
    unit_price: Money
    total: Money
    discount: Money
    tax: Money
    tax_class: str


class AppliedDiscount(Answer):
    """`amount` is what it takes off the prices of the goods."""

    code: str = Field(examples=["LECHE10"])
    name: Words
    amount: Money


class RefusedDiscount(Answer):
    """Why the code that was said takes nothing off; `better`: another discount, which applies, takes off more."""

    code: str = Field(examples=["LECHE10"])
    reason: Literal["unknown", "not_yet", "ended", "used_up", "below_minimum", "on_nothing", "better"]
    minimum: Money | None = None


class Checkout(Answer):
    """Delivered to `address`, or collected at `pickup_location` (its code; `address` says where that is).

    `discount_code` is what the customer said; the cart's `discount` is what applies.
    """

    address: str | None = None
    payment_method: str | None = None
    pickup_location: str | None = Field(default=None, examples=["CENTRO"])
    discount_code: str | None = Field(default=None, examples=["LECHE10"])


class Cart(Answer):
    """An empty cart costs nothing, delivery included.

    `total` = `subtotal` − `discount` + `delivery_fee`, + `tax` where prices do not include it (`prices_include_tax`).
    `id` is absent until something was put in. `version` grows with every change.
    `unavailable` are SKUs in the cart that are no longer sold: take them out to go on.
    `promised_on` is the day, in the shop's zone, on which it would arrive if it were ordered now: shown, and not part
    of what is confirmed. Absent before there is an address, and outside the delivery zones.
    """

    id: str | None
    version: int
    currency: str
    lines: list[CartLine]
    unavailable: list[str]
    subtotal: Money
    discount: AppliedDiscount | None = None
    discount_refused: RefusedDiscount | None = None
    tax: Money
    prices_include_tax: bool = True
    delivery_fee: Money
    total: Money
    is_empty: bool
    checkout: Checkout
    promised_on: date | None = Field(default=None, examples=["2026-11-27"])


class WaitingLine(Answer):
    """Of a line, `base_quantity` base units (`quantity` of its `unit`) are not there yet and come by `promised_on`."""

    sku: str
    name: str
    names: Words
    quantity: str = Field(examples=["3"])
    unit: str = Field(examples=["caja"])
    unit_name: Words
    base_quantity: int = Field(examples=[36])
    promised_on: date | None = None


class CartChange(Request):
    """`add` to what is there; `set` to exactly this, whatever units it was in; `remove`; `clear` everything.

    What is lacking of it `may_wait` for announced goods; otherwise it is refused.
    Without `unit`, `set` keeps the line's own unit, and `add` means the variant's usual one.
    """

    op: Literal["add", "set", "remove", "clear"]
    sku: SkuText | None = None
    quantity: Annotated[Text, Field(max_length=40, examples=["3"])] | None = None
    unit: Annotated[Text, Field(max_length=40, examples=["caja"])] | None = None
    may_wait: bool = False


class CartChanges(Request):
    changes: Annotated[list[CartChange], Field(min_length=1, max_length=50)]


class CheckoutChoice(Request):
    """What is given is set, what is left out stays. One of: a saved address, one in words, a place to collect it."""

    address_id: Annotated[Text, Field(max_length=36)] | None = None
    address_text: Line | None = None
    payment_method: Annotated[Text, Field(max_length=40, examples=["cash_on_delivery"])] | None = None
    pickup_location: Annotated[Text, Field(min_length=1, max_length=20, examples=["CENTRO"])] | None = None


class DiscountChoice(Request):
    """The code that a customer says, in capitals or not."""

    code: Annotated[Text, Field(min_length=1, max_length=40, examples=["LECHE10"])]


class ShortageChoice(Request):
    """What to do about a line that is short: `wait` for announced goods, `reduce` to what there is, `drop` it, or take
    `substitute_sku` instead."""

    sku: SkuText
    choice: Literal["wait", "drop", "substitute", "reduce"]
    substitute_sku: SkuText | None = None


class Confirmation(Answer):
    """`confirmation` stands for exactly this cart, at these prices, until `expires_at`.

    Its goods are set aside until `held_until`; null when they are not, because too many carts want them. `waiting`
    is what will come later.
    """

    confirmation: str
    cart: Cart
    expires_at: datetime
    held_until: datetime | None = None
    waiting: list[WaitingLine] = Field(default_factory=list)
