"""Orders: what was agreed, kept as it was agreed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from backend.schemas.approval import HoldReason, OrderHold
from backend.schemas.base import Answer, Line, Money, Request, Text, Words
from backend.schemas.carts import AppliedDiscount, Cart, CartChange, WaitingLine
from backend.schemas.fulfillment import Parcel, Shortage

PaymentStatus = Literal["none", "due", "partly_paid", "paid", "overpaid", "partly_refunded", "refunded"]
ReturnStatus = Literal["none", "partial", "full"]
OrderStatus = Literal["draft", "placed", "on_hold", "confirmed", "cancelled", "closed"]

FulfillmentStatus = Literal[
    "none", "unfulfilled", "in_progress", "packed", "partially_shipped", "shipped", "partially_delivered", "delivered"
]


class PlaceOrder(Request):
    """Only the confirmation: what was confirmed is known to the OMS."""

    confirmation: Annotated[Text, Field(min_length=1, max_length=100)]


class OrderLine(Answer):
    """As CartLine, and kept as it was agreed."""

    sku: str
    name: str
    names: Words
    quantity: str
    unit: str
    unit_name: Words
    base_quantity: int
    unit_price: Money
    discount: Money
    tax: Money
    tax_class: str
    total: Money


class OrderEntry(Answer):
    """A step of the order's history: what happened, who did it, when.

    `who` is `customer:…`, `staff:…`, `partner:…`, `carrier:…` or `system`. With a `message_id` a customer's step is
    what the assistant did on their behalf, caused by that message of the chat.
    """

    what: str
    who: str
    note: str | None = None
    at: datetime
    message_id: str | None = None
    facts: dict[str, Any] | None = None


class Pickup(Answer):
    """Where an order is collected, and the code to say there once it is ready."""

    location: str = Field(examples=["Centro"])
    code: str | None = Field(default=None, examples=["048213"])


class Order(Answer):
    """`status` is stored; `fulfillment_status`, `payment_status` and `return_status` follow from facts.

    `due` is what is still to be paid, by `pay_by` if the order waits for that; `promised_on` is the day it should be
    there; `shortages` are what the customer has to decide; `waiting` is what comes later.
    """

    number: str = Field(examples=["PED-10023"])
    status: OrderStatus
    fulfillment_status: FulfillmentStatus = Field(examples=["unfulfilled"])
    payment_status: PaymentStatus = Field(examples=["due"])
    return_status: ReturnStatus = "none"
    placed_at: datetime
    lines: list[OrderLine]
    subtotal: Money
    discount: AppliedDiscount | None = None
    tax: Money
    prices_include_tax: bool = True
    delivery_fee: Money
    total: Money
    due: Money
    pay_by: datetime | None = None
    address: str
    payment_method: str
    promised_on: date | None = Field(default=None, examples=["2026-11-27"])
    can_cancel: bool
    pickup: Pickup | None = None
    parcels: list[Parcel] = Field(default_factory=list)
    shortages: list[Shortage] = Field(default_factory=list)
    waiting: list[WaitingLine] = Field(default_factory=list)


class OrderSummary(Answer):
    """One row of the staff's list."""

    number: str
    status: OrderStatus
    customer_id: str
    customer_name: str | None = None
    placed_at: datetime
    lines_count: int
    total: Money
    holds: list[HoldReason] = Field(default_factory=list)


class OrderPage(Answer):
    """Newest first; `next_cursor` opens the following page."""

    orders: list[OrderSummary]
    next_cursor: str | None = None


class StaffOrder(Order):
    """`version` is sent back with what someone decides; `holds` are why it waits, or waited, for that."""

    customer_id: str
    version: int
    conversation_id: str | None = None
    holds: list[OrderHold] = Field(default_factory=list)
    timeline: list[OrderEntry]


class ChangeOrder(Request):
    """The changes, as those of a cart, and another address; at least one of both."""

    changes: Annotated[list[CartChange], Field(max_length=50)] = Field(default_factory=list)
    address_text: Line | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.changes and self.address_text is None:
            raise ValueError("says nothing to change")
        return self


class ChangedLine(Answer):
    """A line as the order would have it."""

    sku: str
    name: str
    names: Words
    quantity: str = Field(examples=["3"])
    unit: str = Field(examples=["caja"])
    unit_name: Words
    unit_price: Money
    total: Money


class OrderChangePreview(Answer):
    """What an order would become. `confirmation` stands for just this, until `expires_at`.

    `difference` is what it would cost more (or, negative, less) than the `old_total`; of what `is_pickup` the `address`
    is where it is collected.
    """

    number: str = Field(examples=["PED-10023"])
    confirmation: str
    expires_at: datetime
    lines: list[ChangedLine]
    discount: AppliedDiscount | None = None
    tax: Money
    prices_include_tax: bool = True
    delivery_fee: Money
    old_total: Money
    new_total: Money
    difference: Money
    address: str
    is_pickup: bool = False
    promised_on: date | None = Field(default=None, examples=["2026-11-27"])


class CancelOrder(Request):
    reason: Line | None = None


class SkippedLine(Answer):
    sku: str
    name: str
    reason: Literal["discontinued", "unit_discontinued", "out_of_stock"]


class RepricedLine(Answer):
    """`was` and `now` are for one `unit`."""

    sku: str
    name: str
    unit: str
    was: Money
    now: Money


class Repeated(Answer):
    """The cart after the repeat, with what could not come along and what costs something else today."""

    cart: Cart
    skipped: list[SkippedLine]
    repriced: list[RepricedLine]
