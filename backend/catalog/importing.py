"""Bringing entries into the catalog: what would be added, changed or left, and doing it, as a whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.catalog.catalogue_csv import Line, Problem, Sheet
from backend.catalog.columns import BY_NAME, COLUMNS, CellWrong, written
from backend.catalog.errors import CatalogueRefused, UnknownSku
from backend.catalog.models import Barcode, Category, Product, TaxClass, Variant, VariantUnit
from backend.catalog.upkeep import hold, touch

MAX_SHOWN = 60
MOST_PROBLEMS = 100
_AT_ONCE = 500
Values = dict[str, Any]
# What is being done, of how many how many are done.
Tell = Callable[[str, int, int], None]
# column → attribute of the row that keeps it
_PRODUCT = {
    "product_es": "name_es", "product_en": "name_en", "brand": "brand", "category": "category_code",
    "description_es": "description_es", "description_en": "description_en",
    "also_es": "also_called_es", "also_en": "also_called_en",
}  # fmt: skip
_VARIANT = {
    "product": "product_code", "name_es": "name_es", "name_en": "name_en", "kind_es": "kind_es", "kind_en": "kind_en",
    "size": "size", "price": "price_minor", "per": "price_quantity", "tax": "tax_class", "base_unit": "base_unit",
    "weight_g": "weight_g", "cost": "cost_minor", "usual": "is_usual", "sold": "is_sold", "popularity": "popularity",
}  # fmt: skip
# An English name that nobody said is the Spanish one.
_NAMED_AFTER = {"product_en": "product_es", "name_en": "name_es", "category_en": "category_es"}


@dataclass(frozen=True, slots=True)
class Change:
    """A variant that is not as it was; `fields` are (column, before, after) as cells. What is new has no before."""

    row: int
    kind: Literal["added", "changed"]
    sku: str
    name: str
    fields: tuple[tuple[str, str, str], ...]


@dataclass(slots=True)
class Plan:
    """What bringing these entries in would do. With problems nothing is done."""

    changes: list[Change] = field(default_factory=list)
    same: int = 0
    problems: list[Problem] = field(default_factory=list)
    wanted: list[Values] = field(default_factory=list)

    def count(self, kind: str) -> int:
        return sum(change.kind == kind for change in self.changes)


class _Shelf:
    """The catalog as it stands, by code."""

    def __init__(self, session: Session, only: Sequence[str] | None = None) -> None:
        """All of it, or what it says of some variants."""

        def rows(model: type[Any], *order: Any) -> Any:
            query = select(model).order_by(*order)
            return session.scalars(query if only is None else query.where(model.sku.in_(only)))

        self.categories = {row.code: row for row in session.scalars(select(Category))}
        self.taxes = set(session.scalars(select(TaxClass.code)))
        self.variants: dict[str, Variant] = {row.sku: row for row in rows(Variant)}
        products = select(Product)
        if only is not None:
            products = products.where(Product.code.in_([row.product_code for row in self.variants.values()]))
        self.products = {row.code: row for row in session.scalars(products)}
        self.units: dict[str, list[VariantUnit]] = {}
        for unit in rows(VariantUnit, VariantUnit.sku, VariantUnit.position):
            self.units.setdefault(unit.sku, []).append(unit)
        self.barcodes: dict[str, Barcode] = {row.code: row for row in rows(Barcode)}
        self.codes: dict[str, list[tuple[str, int]]] = {}
        for code in self.barcodes.values():
            self.codes.setdefault(code.sku, []).append((code.code, code.quantity))

    def entry(self, sku: str) -> Values | None:
        """What the catalog says of a variant, by column."""
        variant = self.variants.get(sku)
        if variant is None:
            return None
        return {
            "sku": sku,
            **{column: getattr(variant, name) for column, name in _VARIANT.items()},
            **self.product(variant.product_code),
            "units": tuple((unit.code, unit.factor) for unit in self.units.get(sku, ())),
            "barcodes": tuple(sorted(self.codes.get(sku, ()))),
        }

    def product(self, code: str) -> Values:
        """What it says of a product and its category; nothing of one that is not there."""
        product = self.products.get(code)
        if product is None:
            return {}
        said = {column: _frozen(getattr(product, name)) for column, name in _PRODUCT.items()}
        return said | self.category(product.category_code)

    def category(self, code: str) -> Values:
        category = self.categories.get(code)
        return {} if category is None else {"category_es": category.name_es, "category_en": category.name_en}


def untold(_what: str, _done: int, _total: int) -> None:
    """For whom nobody waits."""


def plan(session: Session, sheet: Sheet, currency: str, tell: Tell = untold) -> Plan:
    """Compare a sheet with the catalog. A column that is not there stays as it is; records nothing.

    `tell` hears how many of how many lines are `checked`.
    """
    return _Planning(_Shelf(session), sheet, currency, tell).plan


def bring_in(session: Session, sheet: Sheet, currency: str, tell: Tell = untold) -> Plan:
    """Do it, all of it. The same sheet again finds nothing to do.

    `tell` hears how many of how many lines are `checked`, then how many of those that change something are `kept`.

    Records: Categories, Products, Variants, VariantUnits and Barcodes; the next catalog version, if there were any.
    Raises: CatalogueRefused, of the first problems.
    """
    hold(session)
    shelf = _Shelf(session)
    planned = _Planning(shelf, sheet, currency, tell).plan
    if planned.problems:
        raise CatalogueRefused(
            count=len(planned.problems),
            problems=[
                {"row": each.row, "column": each.column, "code": each.code, "value": each.value}
                for each in planned.problems[:MOST_PROBLEMS]
            ],
        )
    total = len(planned.wanted)
    for first in range(0, total, _AT_ONCE):
        tell("kept", first, total)
        some = planned.wanted[first : first + _AT_ONCE]
        # One kind after the other: no row comes before what it names.
        for keep in (_keep_category, _keep_product, _keep_variant, _keep_units, _keep_barcodes):
            for wanted in some:
                keep(session, shelf, wanted | {"currency": currency})
            session.flush()
    if planned.changes:
        touch(session)
    return planned


def entry_sheet(sku: str, cells: Mapping[str, str]) -> Sheet:
    """One entry, as a form has it: its cells by the names of their columns."""
    line = Line(1, {"sku": sku} | {name: cell.strip() for name, cell in cells.items()})
    return Sheet(lines=[line], headers={name: name for name in line.cells})


def entries(session: Session, currency: str, language: str) -> Iterable[dict[str, str]]:
    """The whole catalog as cells, by category, product and sku; never all of it in memory."""
    placed = select(Category.position, Product.code, Variant.sku).select_from(Variant)
    placed = placed.join(Product, Product.code == Variant.product_code)
    placed = placed.join(Category, Category.code == Product.category_code)
    # Sorted here: databases differ in how they order letters.
    skus = [sku for _position, _code, sku in sorted(session.execute(placed).tuples())]
    for first in range(0, len(skus), _AT_ONCE):
        some = skus[first : first + _AT_ONCE]
        shelf = _Shelf(session, only=some)
        for sku in some:
            entry = shelf.entry(sku)
            assert entry is not None, "it is of the shelf"
            yield {column.name: written(column.name, entry[column.name], currency, language) for column in COLUMNS}


def entry_cells(session: Session, sku: str, currency: str, language: str) -> dict[str, str]:
    """One variant as cells, but for its sku. Raises: UnknownSku."""
    entry = _Shelf(session, only=[sku]).entry(sku)
    if entry is None:
        raise UnknownSku(sku=sku)
    return {name: written(name, value, currency, language) for name, value in entry.items() if name != "sku"}


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


class _Planning:
    """One comparison: what the rows before a row have said already is known to it."""

    def __init__(self, shelf: _Shelf, sheet: Sheet, currency: str, tell: Tell) -> None:
        self.shelf, self.headers, self.currency = shelf, sheet.headers, currency
        self.plan = Plan(problems=list(sheet.problems))
        self.skus: set[str] = set()
        # (what of, its code) → what a row said of it, and of which rows the barcodes are
        self.said: dict[tuple[str, str], Values] = {}
        self.codes: set[str] = set()
        if not sheet.problems:
            for done, line in enumerate(sheet.lines):
                tell("checked", done, len(sheet.lines))
                self._look(line)

    def _look(self, line: Line) -> None:
        before = len(self.plan.problems)
        cells = self._read(line)
        if len(self.plan.problems) > before:
            return
        sku = cells["sku"]
        if sku in self.skus:
            self._refuse(line, "sku", "twice")
            return
        self.skus.add(sku)
        known = self.shelf.entry(sku)
        wanted = self._filled(line, cells, known)
        if len(self.plan.problems) == before:
            self._check(line, cells, wanted, known)
        if len(self.plan.problems) > before:
            return
        old = known or {}
        fields = tuple(
            (name, self._cell(name, old.get(name)), self._cell(name, value))
            for name, value in wanted.items()
            if name not in old or value != old[name]
        )
        if known is not None and not fields:
            self.plan.same += 1
            return
        kind: Literal["added", "changed"] = "changed" if known else "added"
        self.plan.changes.append(Change(line.row, kind, sku, wanted["name_es"], fields))
        self.plan.wanted.append(wanted)

    def _read(self, line: Line) -> Values:
        """The cells that say something, or that are empty and mean it."""
        values: Values = {}
        for name, cell in line.cells.items():
            column = BY_NAME[name]
            if not cell:
                if column.empty == "needed":
                    self._refuse(line, name, "needed")
                elif column.empty == "nothing":
                    values[name] = column.nothing
                continue
            try:
                values[name] = column.read(cell, self.currency)
            except CellWrong as wrong:
                self._refuse(line, name, wrong.code)
        return values

    def _filled(self, line: Line, cells: Values, known: Values | None) -> Values:
        """The whole entry: what is said over what is known, and for what is new the usual."""
        if known is None:
            known = self._usual(line, cells)
        code = cells.get("product", known.get("product"))
        if code != known.get("product"):
            # It goes over to another product, of which what is known holds.
            known = known | self.shelf.product(str(code)) | self.said.get(("product", str(code)), {})
        wanted = known | cells
        named = self.shelf.category(wanted["category"]) | self.said.get(("category", wanted["category"]), {})
        for name in ("category_es", "category_en"):
            wanted[name] = cells.get(name) or named.get(name)
        for name, after in _NAMED_AFTER.items():
            if not wanted.get(name):
                wanted[name] = wanted.get(after)
        return wanted

    def _usual(self, line: Line, cells: Values) -> Values:
        code = str(cells.get("product"))
        of_product = self.shelf.product(code) | self.said.get(("product", code), {})
        usual = {column.name: column.usual if column.empty == "stays" else column.nothing for column in COLUMNS}
        base = cells.get("base_unit") or usual["base_unit"]
        for column in COLUMNS:
            if column.empty == "needed" and column.name not in cells and column.name not in of_product:
                self._refuse(line, column.name, "column_missing")
        return usual | {"units": ((base, 1),)} | of_product

    def _check(self, line: Line, cells: Values, wanted: Values, known: Values | None) -> None:
        if wanted["tax"] not in self.shelf.taxes:
            self._refuse(line, "tax", "tax_unknown")
        if not wanted["category_es"]:
            self._refuse(line, "category", "category_unknown")
        if known is not None:
            if wanted["base_unit"] != known["base_unit"]:
                self._refuse(line, "base_unit", "base_unit_fixed")
            units = dict(wanted["units"])
            if any(units.get(code) != factor for code, factor in known["units"]):
                # Carts and orders speak of it.
                self._refuse(line, "units", "unit_fixed")
        for code, _ in wanted["barcodes"]:
            owner = self.shelf.barcodes.get(code)
            if code in self.codes or (owner is not None and owner.sku != wanted["sku"]):
                self._refuse(line, "barcodes", "barcode_taken", code)
            self.codes.add(code)
        self._agree(line, "category", wanted["category"], ("category_es", "category_en"), cells, wanted)
        self._agree(line, "product", wanted["product"], tuple(_PRODUCT), cells, wanted)

    def _agree(self, line: Line, of: str, code: str, names: Sequence[str], cells: Values, wanted: Values) -> None:
        """Rows that speak of the same say the same of it."""
        said = self.said.setdefault((of, code), {})
        for name in names:
            if name in cells and name in said and said[name] != wanted[name]:
                self._refuse(line, name, "differs")
            elif name in cells or name not in said:
                said[name] = wanted[name]
            else:
                wanted[name] = said[name]

    def _cell(self, name: str, value: Any) -> str:
        return written(name, value, self.currency)

    def _refuse(self, line: Line, name: str, code: str, value: str | None = None) -> None:
        shown = line.cells.get(name, "") if value is None else value
        self.plan.problems.append(Problem(line.row, self.headers.get(name, name), code, shown[:MAX_SHOWN]))


def _keep_category(session: Session, shelf: _Shelf, wanted: Values) -> None:
    category = shelf.categories.get(wanted["category"])
    if category is None:
        position = 1 + max((each.position for each in shelf.categories.values()), default=-1)
        category = Category(code=wanted["category"], position=position)
        shelf.categories[category.code] = category
        session.add(category)
    _set(category, {"name_es": wanted["category_es"], "name_en": wanted["category_en"]})


def _keep_product(session: Session, shelf: _Shelf, wanted: Values) -> None:
    product = shelf.products.get(wanted["product"])
    if product is None:
        product = shelf.products[wanted["product"]] = Product(code=wanted["product"])
        session.add(product)
    _set(product, {name: _thawed(wanted[column]) for column, name in _PRODUCT.items()})


def _keep_variant(session: Session, shelf: _Shelf, wanted: Values) -> None:
    variant = shelf.variants.get(wanted["sku"])
    if variant is None:
        variant = Variant(sku=wanted["sku"], currency=wanted["currency"])
        session.add(variant)
    _set(variant, {name: wanted[column] for column, name in _VARIANT.items()})


def _keep_units(session: Session, shelf: _Shelf, wanted: Values) -> None:
    known = {unit.code: unit for unit in shelf.units.get(wanted["sku"], ())}
    for position, (code, factor) in enumerate(wanted["units"]):
        if code in known:
            _set(known[code], {"position": position})
        else:
            session.add(VariantUnit(sku=wanted["sku"], code=code, factor=factor, position=position))


def _keep_barcodes(session: Session, shelf: _Shelf, wanted: Values) -> None:
    codes = dict(wanted["barcodes"])
    for code, _ in shelf.codes.get(wanted["sku"], ()):
        if code not in codes:
            session.delete(shelf.barcodes[code])
    for code, quantity in codes.items():
        row = shelf.barcodes.get(code)
        if row is None:
            session.add(Barcode(code=code, sku=wanted["sku"], quantity=quantity))
        else:
            _set(row, {"quantity": quantity})


def _set(row: Any, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if getattr(row, name, None) != value:
            setattr(row, name, value)


def _thawed(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
