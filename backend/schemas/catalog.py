"""What is for sale, and what a customer's words for it may mean."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from backend.schemas.base import Answer, Line, Money, Request, SkuText, Text, Words

Stock = Literal["in_stock", "few", "out"]


class Unit(Answer):
    """A unit a variant is sold in: `factor` base units (a `caja` of 12 has factor 12)."""

    code: str = Field(examples=["caja"])
    name: Words
    factor: int = Field(examples=[12])


class Variant(Answer):
    """`price` is for `price_unit` ("1 L", "500 g", "unidad"), with its tax unless that comes `tax_on_top`.

    `stock` is all a customer learns of it.

    `name` and `description` are in the shop's Spanish, `names` and `descriptions` in both languages.
    """

    sku: str = Field(examples=["LECHE-ENTERA-1L"])
    name: str = Field(examples=["Leche entera larga vida Prado Alto 1 L"])
    names: Words
    product: str = Field(examples=["Leche entera"])
    brand: str | None = Field(None, examples=["Prado Alto"])
    category: str = Field(examples=["dairy"])
    description: str | None = None
    descriptions: Words | None = None
    price: Money
    price_unit: str = Field(examples=["1 L"])
    tax_on_top: bool = False
    units: list[Unit]
    base_unit: str = Field(examples=["unidad"])
    available: bool
    stock: Stock


class Barcode(Answer):
    """What a code on a package means: `quantity` base units of `sku`."""

    code: str = Field(examples=["7701234567897"])
    sku: str
    quantity: int


class NewBarcode(Request):
    sku: SkuText
    quantity: Annotated[int, Field(gt=0, le=1_000_000)] = 1


class SearchAnswer(Answer):
    query: str
    matches: list[Variant]


class Category(Answer):
    code: str = Field(examples=["dairy"])
    name: Words
    variants_count: int = Field(examples=[49])


class LineToResolve(Request):
    quantity: Annotated[Text, Field(max_length=40, examples=["3"])] = "1"
    unit: Annotated[Text, Field(max_length=40, examples=["caja"])] | None = None
    text: Annotated[Line, Field(examples=["leche entera"])]


class ResolveRequest(Request):
    lines: Annotated[list[LineToResolve], Field(min_length=1, max_length=50)]
    language: Literal["es", "en"] = "es"


class Candidate(Variant):
    """A variant that the words may mean; `score` from 0 to 100 only orders candidates.

    `quantity` and `unit` (a code; None for the usual one) are what to put into the cart if this one is chosen.
    """

    score: float
    quantity: str
    unit: str | None


class ResolvedLine(Answer):
    """`one`: the candidate is meant. `several`: up to ten to choose from. `none`: the nearest three.

    `quantity` and `unit` are as understood for the first candidate, or as they were said if nothing fits.
    """

    quantity: str
    unit: str | None
    text: str
    status: Literal["one", "several", "none"]
    candidates: list[Candidate]
    unit_known: bool


class ResolveAnswer(Answer):
    lines: list[ResolvedLine]
