"""The shop itself, as customers may know it."""

from __future__ import annotations

from backend.schemas.base import Answer, Money, Words


class PaymentMethod(Answer):
    code: str
    name: Words


class Shop(Answer):
    name: str
    country: str
    currency: str
    locale: str
    time_zone: str
    languages: list[str]
    payment_methods: list[PaymentMethod]
    hours: Words
    address: str
    phone: str
    delivery: Words
    delivery_fee: Money
