"""How the files of the demo market are read: compact lines for people, whole entries for the catalog."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from backend.catalog.sizes import size_of
from backend.catalog.units import UNITS
from backend.catalog.upkeep import NewCategory, NewProduct, NewVariant
from kernel.money import iso_exponent
from kernel.yaml_files import read_yaml

MARKET = Path(__file__).parent / "market"
_INHERITED = ("tax", "stock", "base", "per", "bin")
# A pack of exactly this size also goes by the name of the measure: a litre of milk, a libra of rice.
_NAMED_SIZES = {size_of("500 g"): "libra", size_of("1 kg"): "kilo", size_of("1 L"): "litro"}

# A thing of no stated size; one piece of a pack of a few (a roll, an arepa) and of many (a napkin, a tea bag).
_UNSAID_G, _PIECE_G, _SMALL_PIECE_G, _MANY = 300, 60, 8, 12


@dataclass(frozen=True, slots=True)
class Goods:
    """A variant with its units (code, base units), its opening stock per location, and the bin it lies in.

    `weight_g` is what one base unit weighs, packed.
    """

    variant: NewVariant
    units: list[tuple[str, int]]
    stock: list[int]
    bin: str
    weight_g: int


@dataclass(frozen=True, slots=True)
class Shelf:
    """One category: its products, each with its goods."""

    category: NewCategory
    products: list[tuple[NewProduct, list[Goods]]]


def shelves(currency: str) -> Iterator[Shelf]:
    """The demo market, category by category. Prices in the files are whole units of `currency`."""
    for position, path in enumerate(sorted(MARKET.glob("*.yml"))):
        shelf = read_yaml(path)
        name_es, name_en = _pair(shelf["name"])
        category = NewCategory(shelf["code"], name_es, name_en, position)
        yield Shelf(category, [_product(shelf, entry, currency) for entry in shelf["products"]])


def _product(shelf: dict[str, Any], entry: dict[str, Any], currency: str) -> tuple[NewProduct, list[Goods]]:
    name_es, name_en = _pair(entry["name"])
    about_es, about_en = _pair(entry["about"])
    aka_es, aka_en = _pair(entry["aka"])
    product = NewProduct(
        code=entry["code"],
        category_code=shelf["code"],
        name_es=name_es,
        name_en=name_en,
        brand=entry.get("brand"),
        description_es=about_es,
        description_en=about_en,
        also_called_es=_list(aka_es),
        also_called_en=_list(aka_en),
    )
    # What a variant does not say its product says, and what that does not say the category does.
    inherited = {
        key: value for key, value in {**shelf, **entry}.items() if key in ("tax", "stock", "base", "per", "bin")
    }
    goods = [_goods(product, sku, {**inherited, **line}, currency) for sku, line in entry["variants"].items()]
    return product, goods


def _goods(product: NewProduct, sku: str, line: dict[str, Any], currency: str) -> Goods:
    kind_es, kind_en = _pair(line["kind"]) if "kind" in line else (None, None)
    pack_es, pack_en = (UNITS[line["pack"]].es, UNITS[line["pack"]].en) if "pack" in line else (None, None)
    size: str | None = line.get("size")
    name_es = (product.name_es, kind_es, product.brand, pack_es, size.replace(".", ",") if size else None)
    name_en = (product.name_en, kind_en, product.brand, size, pack_en)
    base = line.get("base", "unidad")
    variant = NewVariant(
        sku=sku,
        product_code=product.code,
        name_es=" ".join(filter(None, name_es)),
        name_en=" ".join(filter(None, name_en)),
        kind_es=kind_es,
        kind_en=kind_en,
        size=size,
        price_minor=line["price"] * 10 ** iso_exponent(currency),
        currency=currency,
        price_quantity=line.get("per", 1),
        tax_class=line["tax"],
        base_unit=base,
        popularity=line["popularity"],
        is_usual=line.get("usual", False),
    )
    units = _units(base, size, line.get("pack"), line.get("packs", {}))
    return Goods(variant, units, line["stock"], line["bin"], line.get("weight", _weight_g(base, size)))


def _weight_g(base: str, size: str | None) -> int:
    """What goes without saying: drinks weigh a little more than water, and a piece is a small thing."""
    if base == "g":
        return 1
    measured = size_of(size)
    if measured is None:
        return _UNSAID_G
    if measured.dimension == "pieces":
        return round(measured.amount * (_PIECE_G if measured.amount <= _MANY else _SMALL_PIECE_G))
    return round(measured.amount * (Decimal("1.03") if measured.dimension == "ml" else 1))


def _units(base: str, size: str | None, pack: str | None, packs: dict[str, int]) -> list[tuple[str, int]]:
    """What is written, and what goes without saying; the usual unit first."""
    if base != "unidad":
        return list({**packs, base: 1}.items())
    units = {"unidad": 1, **packs}
    measured = size_of(size)
    if pack is not None:
        units.setdefault(pack, 1)
    elif measured is not None:
        units.setdefault("carton" if measured.dimension == "ml" else "paquete", 1)
    if measured in _NAMED_SIZES:
        units.setdefault(_NAMED_SIZES[measured], 1)
    return list(units.items())


def _pair(text: str) -> tuple[str, str]:
    spanish, english = text.split("|")
    return spanish.strip(), english.strip()


def _list(text: str) -> list[str]:
    return [word.strip() for word in text.split(",")]
