"""How the catalog is filled: what is not there yet is added, what is there is left as the shop keeps it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal

from sqlalchemy import update
from sqlalchemy.orm import Session

from backend.base import insert_if_absent
from backend.catalog.models import CatalogVersion, Category, Product, TaxClass, Variant, VariantUnit

_THE_ONE = 1


@dataclass(frozen=True, slots=True)
class NewCategory:
    code: str
    name_es: str
    name_en: str
    position: int


@dataclass(frozen=True, slots=True)
class NewTaxClass:
    """`rate` as a fraction: 0.19 is 19 %."""

    code: str
    name_es: str
    name_en: str
    rate: Decimal


@dataclass(frozen=True, slots=True)
class NewProduct:
    code: str
    category_code: str
    name_es: str
    name_en: str
    brand: str | None
    description_es: str
    description_en: str
    also_called_es: list[str]
    also_called_en: list[str]


@dataclass(frozen=True, slots=True)
class NewVariant:
    """The price is for `price_quantity` base units, tax included; popularity runs from 0 to 100."""

    sku: str
    product_code: str
    name_es: str
    name_en: str
    kind_es: str | None
    kind_en: str | None
    size: str | None
    price_minor: int
    currency: str
    price_quantity: int
    tax_class: str
    base_unit: str
    popularity: int
    is_usual: bool


def add_category(session: Session, category: NewCategory) -> bool:
    return insert_if_absent(session, Category, asdict(category))


def add_tax_class(session: Session, tax_class: NewTaxClass) -> bool:
    return insert_if_absent(session, TaxClass, asdict(tax_class))


def add_product(session: Session, product: NewProduct) -> bool:
    return insert_if_absent(session, Product, asdict(product))


def add_variant(session: Session, variant: NewVariant, units: Sequence[tuple[str, int]]) -> bool:
    """Put a variant on sale in `units` of (code, base units); the first is meant when none is said.

    Whether it was added. Records: one Variant, its VariantUnits and the next catalog version.
    """
    assert units, "a variant is sold in some unit"
    if not insert_if_absent(session, Variant, {**asdict(variant), "is_sold": True}):
        return False
    for position, (code, factor) in enumerate(units):
        session.add(VariantUnit(sku=variant.sku, code=code, factor=factor, position=position))
    session.flush()
    touch(session)
    return True


def touch(session: Session) -> None:
    """Something changed that customers search for. Records: the next catalog version."""
    insert_if_absent(session, CatalogVersion, {"id": _THE_ONE, "version": 0})
    session.execute(update(CatalogVersion).values(version=CatalogVersion.version + 1))
