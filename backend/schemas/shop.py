"""The shop itself, as customers may know it."""

from __future__ import annotations

from pydantic import Field

from backend.schemas.base import Answer, Money, Words


class PaymentMethod(Answer):
    code: str = Field(examples=["cash_on_delivery"])
    name: Words


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
    pickup_places: list[PickupPlace] = Field(default_factory=list)
