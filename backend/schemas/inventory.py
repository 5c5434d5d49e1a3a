"""Stock as staff see and keep it. Quantities are base units."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from backend.schemas.base import Answer, Line, Request, SkuText, Text, Words

Quantity = Annotated[int, Field(gt=0, le=1_000_000, examples=[24])]
LocationCode = Annotated[Text, Field(min_length=1, max_length=20, examples=["BODEGA-NORTE"])]
BinCode = Annotated[Text, Field(min_length=1, max_length=20, examples=["A-01"])]
Reference = Annotated[Text, Field(min_length=1, max_length=80, examples=["OC-2041"])]
Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False, examples=[4.711])]
Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False, examples=[-74.0721])]


class StockLevel(Answer):
    """Base units of one variant at one location; `available` = `on_hand` - `reserved`."""

    sku: str
    location: str
    on_hand: int
    reserved: int
    available: int


class StockAnswer(Answer):
    """`next_cursor` opens the following page."""

    levels: list[StockLevel]
    next_cursor: str | None = None


class ReceivedLine(Request):
    """`cost_minor` is what all of it cost, without tax; else it cost what the last ones did."""

    sku: SkuText
    quantity: Quantity
    bin: BinCode | None = None
    cost_minor: Annotated[int, Field(ge=0, le=10**15)] | None = None


class StockReceipt(Request):
    """Goods that came to a location. `reference` is the announcement or delivery note they belong to."""

    location: LocationCode
    reference: Reference | None = None
    note: Line | None = None
    lines: Annotated[list[ReceivedLine], Field(min_length=1, max_length=100)]


class FilledBackorder(Answer):
    """An order that got what it waited for."""

    number: str
    sku: str
    quantity: int


class StockReceived(Answer):
    levels: list[StockLevel]
    filled: list[FilledBackorder]


class NewIncoming(Request):
    sku: SkuText
    location: LocationCode
    quantity: Quantity
    expected_on: date
    reference: Reference


class IncomingChange(Request):
    """It comes on another day: orders that wait for it and are late by that are told."""

    expected_on: date


class Incoming(Answer):
    """`received` of `quantity` have come; the rest comes no more where it `is_withdrawn`."""

    id: str
    sku: str
    location: str
    quantity: int
    received: int
    expected_on: date
    reference: str
    is_withdrawn: bool = False


class StockTransfer(Request):
    sku: SkuText
    from_location: LocationCode
    to_location: LocationCode
    to_bin: BinCode | None = None
    quantity: Quantity
    note: Line | None = None


class StockAdjustment(Request):
    """`difference` base units more (positive) or fewer than the books say, and why."""

    sku: SkuText
    location: LocationCode
    bin: BinCode | None = None
    difference: Annotated[int, Field(ge=-1_000_000, le=1_000_000, examples=[-2])]
    note: Line


class NewStockCount(Request):
    """Where the difference was looked at first, `expected` is what the books said then: else they are not touched."""

    location: LocationCode
    bin: BinCode
    sku: SkuText
    counted: Annotated[int, Field(ge=0, le=1_000_000, examples=[22])]
    expected: Annotated[int, Field(ge=-1_000_000_000, le=1_000_000_000)] | None = None
    note: Line | None = None


class StockCount(Answer):
    """What was counted, beside what the books `expected`."""

    location: str
    bin: str
    sku: str
    counted: int
    expected: int
    who: str
    at: datetime


class StockMove(Answer):
    """`quantity` came (positive) or went (negative)."""

    id: str
    kind: Literal["receipt", "issue", "restock", "adjustment", "transfer"]
    sku: str
    location: str
    bin: str | None = None
    quantity: int
    reference: str | None = None
    note: str
    at: datetime


class StockMoves(Answer):
    """Newest first; `next_cursor` opens the following page."""

    moves: list[StockMove]
    next_cursor: str | None = None


class NewThreshold(Request):
    sku: SkuText
    location: LocationCode
    minimum: Quantity


class Threshold(Answer):
    """Below `minimum` available base units the event `stock.low` is told, once."""

    sku: str
    location: str
    minimum: int
    available: int


class NewLocation(Request):
    """A place that serves orders. The lower `preference` serves first where nothing says who is nearer."""

    code: LocationCode
    name: Annotated[Text, Field(min_length=1, max_length=120)]
    preference: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    city: Annotated[Text, Field(max_length=80)] | None = None
    address: Line | None = None
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    is_pickup: bool = False


class LocationChange(Request):
    """What is given is set, what is left out stays."""

    name: Annotated[Text, Field(min_length=1, max_length=120)] | None = None
    preference: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    city: Annotated[Text, Field(max_length=80)] | None = None
    address: Line | None = None
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    is_pickup: bool | None = None


class Location(Answer):
    code: str
    name: str
    preference: int
    city: str | None = None
    address: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    is_pickup: bool


class NewBin(Request):
    """Pick lists visit bins in `walking_order`."""

    code: BinCode
    walking_order: Annotated[int, Field(ge=0, le=1_000_000)] = 0


class BinChange(Request):
    walking_order: Annotated[int, Field(ge=0, le=1_000_000)]


class Bin(Answer):
    code: str
    walking_order: int


class BinLine(Answer):
    """`quantity` base units lie there by the books; `in_hands` were picked at the place and have not left yet."""

    sku: str
    names: Words
    quantity: int
    in_hands: int


class BinContent(Answer):
    """By sku."""

    location: str
    bin: str
    lines: list[BinLine]
