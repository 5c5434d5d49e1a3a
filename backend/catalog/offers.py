"""A variant as it can be bought: its price, its tax, its units."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import bindparam, func, select, true
from sqlalchemy.orm import Session

from backend.base import table_of
from backend.catalog.errors import UnknownSku
from backend.catalog.models import Product, ShopProfile, TaxClass, Variant, VariantUnit
from backend.catalog.units import UNITS, codes_of
from kernel.prepared import Prepared

_variant, _product, _tax, _unit = table_of(Variant), table_of(Product), table_of(TaxClass), table_of(VariantUnit)
# Without a shop there is nobody who would say otherwise.
_includes_tax = func.coalesce(select(table_of(ShopProfile).c.prices_include_tax).scalar_subquery(), true())
_offers = Prepared(
    select(
        _variant.c.sku,
        _variant.c.name_es,
        _variant.c.name_en,
        _variant.c.price_minor,
        _variant.c.currency,
        _variant.c.price_quantity,
        _variant.c.tax_class,
        _variant.c.base_unit,
        _variant.c.size,
        _variant.c.weight_g,
        _tax.c.rate,
        _includes_tax.label("price_includes_tax"),
        _product.c.name_es.label("product_es"),
        _product.c.brand,
        _product.c.category_code,
        _product.c.description_es,
        _product.c.description_en,
        _unit.c.code.label("unit_code"),
        _unit.c.factor.label("unit_factor"),
    )
    .join(_unit, _unit.c.sku == _variant.c.sku)
    .join(_tax, _tax.c.code == _variant.c.tax_class)
    .join(_product, _product.c.code == _variant.c.product_code)
    .where(_variant.c.sku.in_(bindparam("skus", expanding=True)), _variant.c.is_sold)
    .order_by(_variant.c.sku, _unit.c.position)
)


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit a variant is sold in: `factor` base units, under a `name` by language."""

    code: str
    name: dict[str, str]
    factor: int


@dataclass(frozen=True, slots=True)
class Offer:
    """One variant for sale. The price is for `price_quantity` base units; tax at `tax_rate` (0.19) is in it or on top.

    Names and descriptions are in the shop's Spanish unless they say `_en`. `units[0]` is meant when none is said.
    """

    sku: str
    name: str
    name_en: str
    product: str
    brand: str | None
    category: str
    description: str
    description_en: str
    size: str | None
    price_minor: int
    currency: str
    price_quantity: int
    tax_class: str
    tax_rate: Decimal
    price_includes_tax: bool
    base_unit: str
    weight_g: int | None
    units: tuple[Unit, ...]


def offers(session: Session, skus: Iterable[str]) -> dict[str, Offer]:
    """The offers of these skus, in their order; what is unknown or not sold any more is left out."""
    wanted = list(dict.fromkeys(skus))
    if not wanted:
        return {}
    # One row per unit, in order: a variant's first row is its usual unit.
    rows = _offers.rows(session, {"skus": wanted})
    found = {sku: _offer(list(units)) for sku, units in groupby(rows, key=attrgetter("sku"))}
    return {sku: found[sku] for sku in wanted if sku in found}


def categories(session: Session, skus: Iterable[str]) -> dict[str, str]:
    """The code of the category of each of these skus, sold or not."""
    query = select(_variant.c.sku, _product.c.category_code).join(_product, _product.c.code == _variant.c.product_code)
    rows = session.execute(query.where(_variant.c.sku.in_(sorted(set(skus)))))
    return {row.sku: row.category_code for row in rows}


def require_known(session: Session, skus: Iterable[str]) -> None:
    """Raises: UnknownSku for a sku that was never sold here."""
    wanted = sorted(set(skus))
    known = set(session.scalars(select(_variant.c.sku).where(_variant.c.sku.in_(wanted))))
    for sku in wanted:
        if sku not in known:
            raise UnknownSku(sku=sku)


def _offer(rows: Sequence[Any]) -> Offer:
    row = rows[0]
    return Offer(
        sku=row.sku,
        name=row.name_es,
        name_en=row.name_en,
        product=row.product_es,
        brand=row.brand,
        category=row.category_code,
        description=row.description_es,
        description_en=row.description_en,
        size=row.size,
        price_minor=row.price_minor,
        currency=row.currency,
        price_quantity=row.price_quantity,
        tax_class=row.tax_class,
        tax_rate=row.rate,
        price_includes_tax=bool(row.price_includes_tax),
        base_unit=row.base_unit,
        weight_g=row.weight_g,
        units=tuple(_named(unit.unit_code, unit.unit_factor) for unit in rows),
    )


def _named(code: str, factor: int) -> Unit:
    name = UNITS[code]
    return Unit(code, {"es": name.es, "en": name.en}, factor)


def unit_named(offer: Offer, word: str) -> Unit | None:
    """The unit of `offer` that a code or a customer's word stands for ("caja", "boxes"), if it is sold in that."""
    codes = (word, *codes_of(word))
    return next((unit for unit in offer.units if unit.code in codes), None)
