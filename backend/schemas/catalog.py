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


MAX_CATALOGUE = 6_000_000


class Catalogue(Request):
    """A catalogue as CSV, whole: a row for each variant, as docs/catalog.md describes the columns.

    `watch` is a name of the caller's own under which its progress can be asked for meanwhile.
    """

    content: Annotated[Text, Field(min_length=1, max_length=MAX_CATALOGUE)]
    watch: Annotated[Text, Field(min_length=1, max_length=80)] | None = None


class CatalogueProgress(Answer):
    """`done` of `total` lines of the file are `checked`, or those that change something `kept`.

    None of the three while that is not known: before the file is read, after all is done, or where another process of
    the shop does it.
    """

    what: Literal["checked", "kept"] | None = None
    done: int | None = None
    total: int | None = None


Cell = Annotated[Text, Field(max_length=2_000)]


class CatalogueEntry(Request):
    """What a row of a catalogue would say of one variant, as its cells; one that is not there stays as it is."""

    category: Cell | None = None
    category_es: Cell | None = None
    category_en: Cell | None = None
    product: Cell | None = None
    product_es: Cell | None = None
    product_en: Cell | None = None
    brand: Cell | None = None
    description_es: Cell | None = None
    description_en: Cell | None = None
    also_es: Cell | None = None
    also_en: Cell | None = None
    name_es: Cell | None = None
    name_en: Cell | None = None
    kind_es: Cell | None = None
    kind_en: Cell | None = None
    size: Cell | None = None
    price: Cell | None = None
    per: Cell | None = None
    tax: Cell | None = None
    base_unit: Cell | None = None
    units: Cell | None = None
    weight_g: Cell | None = None
    cost: Cell | None = None
    usual: Cell | None = None
    sold: Cell | None = None
    popularity: Cell | None = None
    barcodes: Cell | None = None


class CatalogueProblem(Answer):
    """`row` as a spreadsheet counts them, `column` as the file calls it."""

    row: int
    column: str
    code: str = Field(examples=["price_wrong"])
    value: str


class CatalogueField(Answer):
    column: str = Field(examples=["price"])
    before: str
    after: str


class CatalogueChange(Answer):
    row: int
    kind: Literal["added", "changed"]
    sku: str
    name: str
    fields: list[CatalogueField]


class CatalogueOutcome(Answer):
    """How many variants are new, changed, or as they were; the first of the changes, and of what is wrong.

    With problems nothing is done, of any row.
    """

    added: int
    changed: int
    same: int
    problem_count: int
    changes: list[CatalogueChange]
    problems: list[CatalogueProblem]


class CatalogueFile(Answer):
    content: str


class CategoryNames(Request):
    """`position` among the shelves of the shop."""

    name_es: Annotated[Line, Field(max_length=120)]
    name_en: Annotated[Line, Field(max_length=120)]
    position: Annotated[int, Field(ge=0, le=10_000)]


class CategoryFacts(Answer):
    code: str
    name_es: str
    name_en: str
    position: int


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
