"""Parcels, zones, rates, carriers, and what the tracking page may show."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, Field, field_validator, model_validator

from backend.schemas.base import MAX_COLLECTED_MINOR, Answer, Line, Money, Request, Text, Words

Code = Annotated[Text, Field(min_length=1, max_length=40, pattern=r"^[a-z0-9][a-z0-9_-]*$", examples=["chapinero"])]
ShipmentStatus = Literal[
    "packed", "shipped", "in_transit", "out_for_delivery", "exception", "delivered", "returned_to_origin"
]
EventKind = Literal[
    "picked_up", "in_transit", "out_for_delivery", "delayed", "attempt_failed", "wrong_address", "lost",
    "delivered", "returned_to_origin",
]  # fmt: skip


class CarrierAnswer(Answer):
    code: str = Field(examples=["table_rate"])
    name: str = Field(examples=["Domicilio propio"])


class ZoneFacts(Request):
    """`places` are the cities and districts that an address in this zone names; accents and capitals do not matter.

    An address that names no place is in the zone that `is_default`. Places of a zone that is not `is_served` are known
    and not delivered to.
    """

    name: Words = Field(examples=[{"es": "Chapinero", "en": "Chapinero"}])
    places: list[Annotated[Text, Field(min_length=2, max_length=80)]] = Field(max_length=500, examples=[["Chapinero"]])
    latitude: float = Field(ge=-90, le=90, examples=[4.6486])
    longitude: float = Field(ge=-180, le=180, examples=[-74.0628])
    transit_days: int = Field(ge=0, le=60, examples=[0], description="Working days from the shop's door.")
    position: int = Field(default=0, ge=0, le=10_000)
    is_default: bool = False
    is_served: bool = True

    @field_validator("name")
    @classmethod
    def _is_short(cls, name: Words) -> Words:
        if not all(0 < len(text) <= 120 and text.isprintable() for text in (name.es, name.en)):
            raise ValueError("names are 1 to 120 characters")
        return name


class ZoneAnswer(Answer):
    code: str = Field(examples=["chapinero"])
    name: Words
    places: list[str]
    latitude: float
    longitude: float
    transit_days: int
    position: int
    is_default: bool
    is_served: bool


class NewRate(Request):
    """What `carrier` takes into `zone` for up to `up_to_g` grams, in minor units of the shop's currency."""

    carrier: Code = Field(examples=["table_rate"])
    zone: Code
    up_to_g: int = Field(gt=0, le=100_000_000, examples=[30_000])
    price_minor: int = Field(ge=0, le=10**12, examples=[450_000])


class RateChange(Request):
    price_minor: int = Field(ge=0, le=10**12, examples=[450_000])


class RateAnswer(Answer):
    id: str
    carrier: str
    zone: str
    up_to_g: int
    price: Money


class TrackingEvent(Answer):
    """What was said of a parcel. `happened_at` is the carrier's word, `received_at` when it came to us."""

    kind: str = Field(examples=["out_for_delivery"])
    carrier: str
    place: str | None = None
    note: str | None = None
    happened_at: datetime
    received_at: datetime


class NewTrackingEvent(Request):
    """What someone knows of a parcel. Without `happened_at` it is now; `photo` is where one lies.

    `collected_minor` is the money that was taken at the door, in minor units of the order's currency.
    """

    kind: Annotated[Text, Field(max_length=40, examples=["delivered"])]
    happened_at: AwareDatetime | None = None
    place: Annotated[Line, Field(max_length=120, examples=["Bogotá, centro de reparto"])] | None = None
    note: Line | None = None
    received_by: Annotated[Line, Field(max_length=120, examples=["Portería, Luis"])] | None = None
    photo: Line | None = None
    promised_on: date | None = None
    collected_minor: int | None = Field(default=None, ge=0, le=MAX_COLLECTED_MINOR, examples=[2_540_000])

    @model_validator(mode="after")
    def _collected_at_the_door(self) -> Self:
        if self.collected_minor is not None and self.kind != "delivered":
            raise ValueError("money is collected with a delivery")
        return self


class StaffShipment(Answer):
    """A parcel with all that was said of it. `price` is what its carrier takes."""

    number: str = Field(examples=["PED-10023-1-A"])
    order: str = Field(examples=["PED-10023"])
    status: ShipmentStatus
    version: int
    carrier: str | None = None
    tracking_number: str | None = None
    tracking_url: str | None = None
    weight_g: int | None = None
    price: Money | None = None
    promised_on: date | None = None
    packed_at: datetime
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None
    received_by: str | None = None
    proof: dict[str, object] | None = None
    events: list[TrackingEvent]


class CarrierReceipt(Answer):
    """`counted` of the `events` were new."""

    events: int
    counted: int


class TrackedEvent(Answer):
    kind: str
    at: datetime
    place: str | None = None


class TrackedParcel(Answer):
    """A parcel as anyone with the link sees it. `position` counts from 1."""

    position: int
    status: ShipmentStatus
    carrier: str | None = None
    carrier_url: str | None = None
    tracking_number: str | None = None
    promised_on: date | None = None
    delivered_at: datetime | None = None
    events: list[TrackedEvent]


class Tracking(Answer):
    """No names, no prices, no address but its `district`. `waiting` parts of the order are in no parcel yet."""

    number: str
    status: str
    shop: str
    time_zone: str
    placed_on: date
    promised_on: date | None = None
    district: Words | None = None
    waiting: int
    parcels: list[TrackedParcel]
