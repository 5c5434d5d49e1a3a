"""What goes well with a cart, and how well that works."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, RootModel

from backend.schemas.base import Answer, Money, Request, Words


class Suggestion(Answer):
    """`names` goes well with what is in the cart (`because`, a sku there). `price` is for one `unit`, the usual one."""

    id: str
    sku: str = Field(examples=["PAN-TAJADO-BLANCO-450"])
    names: Words
    because: str = Field(examples=["LECHE-ENTERA-1L"])
    unit: str = Field(examples=["unidad"])
    unit_name: Words
    price: Money


class MaybeSuggestion(RootModel[Suggestion | None]):
    """A Suggestion, or `null`."""


class Pair(Answer):
    """`suggested_sku` goes well with `sku`: `curated` by the shop, or `score` of the latest orders had both."""

    sku: str = Field(examples=["LECHE-ENTERA-1L"])
    suggested_sku: str = Field(examples=["PAN-TAJADO-BLANCO-450"])
    source: Literal["curated", "bought_together"]
    score: int = Field(examples=[50])


class CuratedPair(Request):
    """Of two curated pairs the one with the higher `score` is offered."""

    score: Annotated[int, Field(ge=1, le=1_000, examples=[50])] = 50


class Measured(Answer):
    """Of `offers` carts `orders` became an order that stands, `bought` of these with the suggested variant in it.

    `attach_rate` is `bought` of `orders` ("0.1250"), absent as long as nothing was ordered.
    """

    offers: int
    accepted: int
    declined: int
    orders: int
    bought: int
    attach_rate: str | None = Field(examples=["0.1250"])


class SuggestionReport(Answer):
    """`withheld` are the customers who are never offered anything: what they bought anyway is the measure."""

    since: datetime
    offered: Measured
    withheld: Measured
