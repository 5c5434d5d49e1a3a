"""The shop itself, as customers may know it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from backend.schemas.base import Answer, Line, Money, Request, Text, Words

MethodKind = Literal["on_delivery", "online", "transfer", "credit", "manual"]
MOST_METHODS = 12
# A provider's page that closes sooner is refused by some of them.
LEAST_MINUTES, MOST_MINUTES = 30, 30 * 24 * 60


class PaymentMethod(Answer):
    """`expires_minutes` after it was placed, an order that is `holds_until_paid` is cancelled unpaid."""

    code: str = Field(examples=["cash_on_delivery"])
    name: Words
    kind: MethodKind = "manual"
    holds_until_paid: bool = False
    expires_minutes: int | None = None


class MethodName(Request):
    es: Line = Field(min_length=1, max_length=60, examples=["En línea (PSE o tarjeta)"])
    en: Line = Field(min_length=1, max_length=60, examples=["Online (PSE or card)"])


class NewPaymentMethod(Request):
    """`provider` collects what is paid `online`; without one it is the shop's `online_provider`."""

    code: Annotated[Text, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$", examples=["online"])]
    name: MethodName
    kind: MethodKind
    provider: Text | None = Field(default=None, max_length=20, examples=["stripe"])
    holds_until_paid: bool = False
    expires_minutes: int | None = Field(default=None, ge=LEAST_MINUTES, le=MOST_MINUTES, examples=[60])


class NewPaymentSettings(Request):
    """How the shop is paid, as a whole: what is not named is not taken any more."""

    online_provider: Text | None = Field(max_length=20, examples=["stripe"])
    methods: list[NewPaymentMethod] = Field(min_length=1, max_length=MOST_METHODS)


class KeptPaymentMethod(PaymentMethod):
    provider: str | None


class PaymentSettings(Answer):
    """How the shop is paid. `providers` are those it has keys for."""

    online_provider: str | None
    providers: list[str] = Field(examples=[["stripe"]])
    methods: list[KeptPaymentMethod]


class NewPriceSettings(Request):
    """Whether the shop's prices have the tax in them, or it comes on top."""

    include_tax: bool


class PriceSettings(Answer):
    """See NewPriceSettings."""

    include_tax: bool


class NewFreeDelivery(Request):
    """From which worth of goods on, in minor units, delivery costs nothing; null: from none."""

    from_minor: Annotated[int, Field(gt=0, le=1_000_000_000_000)] | None


class FreeDelivery(Answer):
    """See NewFreeDelivery."""

    from_minor: int | None


class PickupPlace(Answer):
    """Where customers may collect what they ordered; `code` is what the checkout is told."""

    code: str = Field(examples=["chapinero"])
    name: str = Field(examples=["Tienda Chapinero"])
    address: str | None = Field(default=None, examples=["Calle 57 # 9-28"])


class Shop(Answer):
    name: str = Field(examples=["Mercado La Esquina"])
    country: str = Field(examples=["CO"])
    currency: str = Field(examples=["COP"])
    locale: str = Field(examples=["es_CO"])
    time_zone: str = Field(examples=["America/Bogota"])
    languages: list[str] = Field(examples=[["es", "en"]])
    payment_methods: list[PaymentMethod]
    takes_online_payments: bool = False
    hours: Words
    address: str = Field(examples=["Calle 57 # 9-28, Chapinero, Bogotá"])
    phone: str = Field(examples=["+57 601 555 0134"])
    delivery: Words
    delivery_fee: Money
    free_delivery_from: Money | None = None
    prices_include_tax: bool = True
    pickup_places: list[PickupPlace] = Field(default_factory=list)
