"""Partners, what they supply, and the purchase orders they answer."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from backend.schemas.base import Answer, Line, Money, Request, SkuText, Text, Words
from backend.schemas.shipping import CarrierAnswer

Kind = Literal["supplier", "assembler", "distribution_centre"]
PurchaseOrderStatus = Literal["sent", "confirmed", "rejected", "shipped", "cancelled"]
PartnerCode = Annotated[
    Text, Field(min_length=1, max_length=40, pattern=r"^[a-z0-9][a-z0-9-]*$", examples=["reposteria-abril"])
]
Email = Annotated[Line, Field(max_length=200, pattern=r"^[^@\s]+@[^@\s]+$", examples=["pedidos@abril.example"])]
Version = Annotated[
    int | None, Field(ge=1, le=1_000_000, description="Refused if it is not of this version any more.", examples=[1])
]


class PartnerFacts(Request):
    """`lead_days` working days pass until what they are sent leaves them."""

    name: Annotated[Line, Field(max_length=120, examples=["Repostería Abril"])]
    kind: Kind
    email: Email
    language: Literal["es", "en"] = "es"
    lead_days: Annotated[int, Field(ge=0, le=60, examples=[2])]
    is_active: bool = True


class NewPartner(PartnerFacts):
    code: PartnerCode


class Partner(Answer):
    code: str
    name: str
    kind: Kind
    email: str
    language: str
    lead_days: int
    is_active: bool


class NewSupply(Request):
    """What the partner takes for one base unit, in minor units of the shop's currency."""

    cost_minor: Annotated[int, Field(ge=0, le=10**12, examples=[4_500_000])]


class Supply(Answer):
    """Orders for `sku` go to the partner; `cost` is for one base unit."""

    sku: str
    partner: str
    cost: Money


class NewPartnerToken(Request):
    days: Annotated[int, Field(ge=1, le=730, examples=[365])] = 365


class PartnerToken(Answer):
    """Shown once. It speaks for the partner until it ends or all of the partner's tokens are revoked."""

    token: str
    expires_at: datetime


class PurchaseOrderLine(Answer):
    """`quantity` counts `unit`; where that does not come out even, base units (`unit` is null)."""

    sku: str
    names: Words
    quantity: str = Field(examples=["1"])
    unit: str | None = Field(examples=["unidad"])
    unit_names: Words | None = None
    base_quantity: int
    shipped_quantity: int = Field(description="Base units that have left already.")


class PurchaseOrder(Answer):
    """What is asked of a partner: `lines`, to `address`. `version` grows with every change."""

    number: str = Field(examples=["OC-10001"])
    partner: str = Field(examples=["reposteria-abril"])
    order: str = Field(examples=["PED-10023"])
    fulfillment: str = Field(examples=["PED-10023-2"])
    status: PurchaseOrderStatus
    version: int
    address: str
    lines: list[PurchaseOrderLine]
    ships_on: date | None
    note: str | None
    sent_at: datetime
    answered_at: datetime | None


class ConfirmPurchaseOrder(Request):
    ships_on: date
    version: Version = None


class RejectPurchaseOrder(Request):
    note: Annotated[Line, Field(examples=["Sin horno esta semana"])]
    version: Version = None


class ShipPurchaseOrder(Request):
    """`lines` are the skus of whole lines in this parcel; without it, everything that has not left yet."""

    carrier: Annotated[Text, Field(min_length=1, max_length=40, examples=["manual"])]
    tracking_number: Annotated[Text, Field(min_length=1, max_length=80, examples=["GUIA-123"])] | None = None
    lines: Annotated[list[SkuText], Field(min_length=1, max_length=100)] | None = None
    version: Version = None


class LinkedPurchaseOrder(Answer):
    """A purchase order as its link shows it: `can` says what the partner may answer now.

    Confirmed days lie between `earliest` and `latest`. What is over says no address any more.
    """

    shop: str
    partner: str = Field(examples=["Repostería Abril"])
    language: str
    number: str = Field(examples=["OC-10001"])
    status: PurchaseOrderStatus
    version: int
    address: str | None
    lines: list[PurchaseOrderLine]
    ships_on: date | None
    note: str | None
    sent_on: date
    can: list[Literal["confirm", "reject", "ship"]]
    earliest: date
    latest: date
    carriers: list[CarrierAnswer]
