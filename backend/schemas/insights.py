"""How sales went: from the chat to the money."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from backend.schemas.base import Answer, Money, Words


class Funnel(Answer):
    """Of the orders placed in that time: how many came so far. A cancelled one counts as placed and cancelled only."""

    placed: int
    by_chat: int
    cancelled: int
    shipped: int
    delivered: int
    invoiced: int
    paid: int
    returned: int


class SalesDay(Answer):
    on: date
    orders: int
    total: Money


class SoldProduct(Answer):
    """`quantity` is in base units."""

    sku: str
    name: Words
    quantity: int
    total: Money


class SalesInsights(Answer):
    """`days_sales_outstanding` is null when nothing was billed in that time."""

    since: date
    through: date
    funnel: Funnel
    total: Money
    due: Money
    days: list[SalesDay]
    products: list[SoldProduct]
    out_of_stock: int = Field(description="Variants kept in stock with nothing left to promise.")
    days_sales_outstanding: str | None = Field(examples=["12.5"])
