"""Fulfillments: what is got ready, by whom, and how far it is."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from backend.schemas.base import MAX_COLLECTED_MINOR, Answer, Request, SkuText, Text, Words

FulfillmentStatus = Literal[
    "pending", "picking", "picked", "packed", "shipped", "delivered", "cancelled", "returned_to_origin"
]
ShortReason = Literal["not_found", "damaged", "expired"]
# What one parcel, or one pick, may hold: more than a cart may, and little enough to be counted by the database.
_Count = Annotated[int, Field(ge=0, le=100_000_000)]
_Some = Annotated[int, Field(gt=0, le=100_000_000)]
_Version = Annotated[int, Field(ge=1, le=2_000_000_000, description="The version that was looked at.", examples=[1])]
_LineName = Annotated[
    Text, Field(min_length=1, max_length=40, description="The id of a line, or a scanned sku.", examples=["TOMATE"])
]


class FulfillmentLine(Answer):
    """`quantity`, `picked`, `short` and `packed` are base units; the words are those the customer ordered in."""

    id: str
    sku: str
    name: str
    names: Words
    quantity: int
    picked: int
    short: int
    packed: int
    unit: str
    unit_name: Words
    unit_factor: int


class ParcelLine(Answer):
    """`quantity` is in the unit the customer ordered in, a decimal string."""

    sku: str
    name: str
    names: Words
    quantity: str
    unit: str
    unit_name: Words


class Parcel(Answer):
    """What leaves with a carrier. `number` is `PED-10023-1-A`."""

    number: str = Field(examples=["PED-10023-1-A"])
    status: str = Field(examples=["in_transit"])
    carrier: str | None = None
    tracking_number: str | None = None
    tracking_url: str | None = None
    weight_g: int | None = None
    promised_on: date | None = None
    packed_at: datetime
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None
    lines: list[ParcelLine]


class Picker(Answer):
    id: str
    name: str = Field(examples=["Wendy"])


class BasketOf(Answer):
    """Where a fulfillment lies that is picked together with others: basket `letter` of that walk.

    `is_carried` until its picker ends the walk, or leaves it out.
    """

    walk: str
    letter: str = Field(examples=["A"])
    picker: Picker
    is_carried: bool


class Fulfillment(Answer):
    """The part of an order that one location, or a partner, gets ready. `version` grows with every change."""

    number: str = Field(examples=["PED-10023-1"])
    order_number: str = Field(examples=["PED-10023"])
    location: str | None = Field(default=None, examples=["CENTRO"])
    partner_id: str | None = None
    kind: Literal["delivery", "pickup"]
    status: FulfillmentStatus
    version: int
    promised_on: date | None = None
    created_at: datetime
    address: str
    basket: BasketOf | None = None
    lines: list[FulfillmentLine]
    parcels: list[Parcel]


class FulfillmentSummary(Answer):
    """One row of the queue."""

    number: str = Field(examples=["PED-10023-1"])
    order_number: str = Field(examples=["PED-10023"])
    location: str | None = Field(default=None, examples=["CENTRO"])
    partner_id: str | None = None
    kind: Literal["delivery", "pickup"]
    status: FulfillmentStatus
    version: int
    promised_on: date | None = None
    created_at: datetime
    lines_count: int
    short_count: int
    basket: BasketOf | None = None


class FulfillmentPage(Answer):
    """The oldest first; `next_cursor` opens the following page."""

    fulfillments: list[FulfillmentSummary]
    next_cursor: str | None = None


class PickFor(Answer):
    """How much of a place's goods is for which fulfillment."""

    fulfillment: str
    line: str
    quantity: int


class PickListLine(Answer):
    """Take `quantity` base units of `sku` out of `bin`; None stands for what lies in none."""

    bin: str | None = Field(default=None, examples=["A-03"])
    walking_order: int | None = None
    sku: str
    name: str
    names: Words
    unit: str
    unit_name: Words
    quantity: int
    for_: list[PickFor] = Field(serialization_alias="for", validation_alias="for")


class PickList(Answer):
    """In walking order: where to go, what to take there. Several fulfillments share one walk."""

    location: str
    lines: list[PickListLine]


class StartPicking(Request):
    version: _Version


class Pick(Request):
    """`quantity` base units were found; `short` were not, and are written off; `reason` says why."""

    line: _LineName
    quantity: _Count = 0
    short: _Count = 0
    reason: ShortReason | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.quantity + self.short == 0:
            raise ValueError("a pick finds something, or says that it is short")
        if self.reason and not self.short:
            raise ValueError("a reason is why something is short")
        return self


class PickOrder(Request):
    version: _Version
    picks: Annotated[list[Pick], Field(min_length=1, max_length=200)]


class PutBack(Request):
    """`quantity` base units of a line are in the basket by mistake."""

    version: _Version
    line: _LineName
    quantity: _Some


class PackLine(Request):
    line: _LineName
    quantity: _Some


class PackParcel(Request):
    """Without `lines`: everything that was picked and is not packed yet. Without `weight_g` it is computed."""

    lines: list[PackLine] = Field(default_factory=list, max_length=200)
    weight_g: Annotated[int, Field(gt=0, le=100_000_000)] | None = None


class PackOrder(Request):
    version: _Version
    parcels: Annotated[list[PackParcel], Field(min_length=1, max_length=50)]


class ShipOrder(Request):
    """`shipment` names the parcel, unless only one waits; `tracking_number` where the carrier needs it typed."""

    version: _Version
    shipment: Annotated[Text, Field(min_length=1, max_length=28)] | None = None
    carrier: Annotated[Text, Field(min_length=1, max_length=40, examples=["table_rate"])]
    tracking_number: Annotated[Text, Field(min_length=1, max_length=80)] | None = None
    tracking_url: Annotated[Text, Field(min_length=1, max_length=500)] | None = None


class CollectOrder(Request):
    """`collected_minor` is the money that was taken for it at the counter, in minor units of the order's currency."""

    code: Annotated[Text, Field(min_length=1, max_length=8, examples=["048213"])]
    collected_minor: int | None = Field(default=None, ge=0, le=MAX_COLLECTED_MINOR, examples=[2_540_000])


class ResetPickup(Request):
    version: _Version


class SubstituteChoice(Answer):
    sku: str
    name: str
    names: Words


class Shortage(Answer):
    """`quantity` of a line was not there. `substitutes` are; `wait_until` is when more should come, if known."""

    id: str
    sku: str
    name: str
    names: Words
    quantity: str
    unit: str
    unit_name: Words
    substitutes: list[SubstituteChoice]
    wait_until: date | None = None
    asked_at: datetime


class Shortages(Answer):
    shortages: list[Shortage]


class ResolveShortage(Request):
    """What the customer chose: to wait, `substitute_sku` instead, or to go without."""

    resolution: Literal["wait", "substitute", "drop"]
    substitute_sku: SkuText | None = None
