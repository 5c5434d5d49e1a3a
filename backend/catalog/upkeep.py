"""How the catalog is filled: what is not there yet is added, what is there is left as the shop keeps it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from backend.base import Base, insert_if_absent
from backend.catalog.models import CatalogVersion, Category, Product, TaxClass, Variant, VariantUnit

_THE_ONE = 1
# (code, base units); the first is meant when none is said.
Units = Sequence[tuple[str, int]]


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
    """The price is for `price_quantity` base units; popularity runs from 0 to 100."""

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


def hold(session: Session) -> None:
    """Let nobody else fill the catalog until this transaction ends."""
    insert_if_absent(session, CatalogVersion, {"id": _THE_ONE, "version": 0})
    session.execute(select(CatalogVersion.version).with_for_update())


def add_categories(session: Session, categories: Sequence[NewCategory]) -> None:
    _add_missing(session, Category, Category.code, [asdict(each) for each in categories])


def add_tax_classes(session: Session, tax_classes: Sequence[NewTaxClass]) -> None:
    _add_missing(session, TaxClass, TaxClass.code, [asdict(each) for each in tax_classes])


def add_products(session: Session, products: Sequence[NewProduct]) -> None:
    _add_missing(session, Product, Product.code, [asdict(each) for each in products])


def add_variants(session: Session, variants: Sequence[tuple[NewVariant, Units]]) -> set[str]:
    """Put variants on sale, each in its units; the SKUs of those that were not there yet.

    Records: the missing Variants with their VariantUnits, and the next catalog version if there were any.
    """
    assert all(units for _, units in variants), "a variant is sold in some unit"
    rows = [{**asdict(variant), "is_sold": True} for variant, _ in variants]
    added = _add_missing(session, Variant, Variant.sku, rows)
    units = [
        {"sku": variant.sku, "code": code, "factor": factor, "position": position}
        for variant, its_units in variants
        if variant.sku in added
        for position, (code, factor) in enumerate(its_units)
    ]
    if units:
        session.execute(insert(VariantUnit), units)
        touch(session)
    return added


def put_category(session: Session, code: str, name_es: str, name_en: str, position: int) -> Category:
    """Make it, or call it anew. Records: the Category and the next catalog version."""
    row = session.get(Category, code, with_for_update=True)
    if row is None:
        row = Category(code=code)
        session.add(row)
    row.name_es, row.name_en, row.position = name_es, name_en, position
    session.flush()
    touch(session)
    return row


def weigh(session: Session, weights_g: Mapping[str, int]) -> None:
    """Say what a base unit weighs where nobody has. Records: the weight of those variants."""
    unweighed = session.scalars(select(Variant.sku).where(Variant.weight_g.is_(None)))
    rows = [{"sku": sku, "weight_g": weights_g[sku]} for sku in unweighed if sku in weights_g]
    if rows:
        session.execute(update(Variant), rows)


def _add_missing(
    session: Session, model: type[Base], key: InstrumentedAttribute[str], rows: Sequence[dict[str, Any]]
) -> set[str]:
    """Insert those of `rows` whose key is not there yet; their keys. The catalog must be held."""
    known = set(session.scalars(select(key)))
    missing = [row for row in rows if row[key.key] not in known]
    if missing:
        session.execute(insert(model), missing)
    return {row[key.key] for row in missing}


def touch(session: Session) -> None:
    """Something changed that customers search for. Records: the next catalog version."""
    insert_if_absent(session, CatalogVersion, {"id": _THE_ONE, "version": 0})
    session.execute(update(CatalogVersion).values(version=CatalogVersion.version + 1))
