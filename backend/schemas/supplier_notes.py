"""Debit notes to suppliers, as the API tells them."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import Field

from backend.schemas.base import Answer, Money


class SupplierNoteLine(Answer):
    """`quantity` base units went back; `cost` is what they had cost together."""

    sku: str
    name: str
    quantity: int
    cost: Money
    note: str | None = None


class SupplierNote(Answer):
    """Goods that came back with a return (`reference`) went on to their supplier, whom we owe `cost` less."""

    number: str = Field(examples=["NP-10001"])
    partner: str = Field(examples=["Lácteos del Valle"], description="The supplier's name, as it was then.")
    reference: str = Field(examples=["RMA-10001"])
    cost: Money
    issued_on: date
    who: str
    issued_at: datetime
    lines: list[SupplierNoteLine]
