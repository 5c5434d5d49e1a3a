"""The columns of a catalogue that people fill in: what each is called, how its cells are read, how they are written.

A file has some of them, a form has them all; both mean the same by the same words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from backend.catalog.units import UNITS
from kernel.money import iso_exponent, plain_amount

MAX_MINOR = 10**13
MAX_NUMBER = 1_000_000
# What an empty cell means: it must be filled in; it holds nothing; or what is there stays, of what is new the usual.
Empty = Literal["needed", "nothing", "stays"]
Units = tuple[tuple[str, int], ...]

_WHOLE = re.compile(r"\d{1,16}|\d{1,3}(?:\.\d{3})+|\d{1,3}(?:,\d{3})+")
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_YES = frozenset({"si", "sí", "s", "yes", "y", "true", "verdadero", "1", "x"})
_NO = frozenset({"no", "n", "false", "falso", "0"})
_THOUSAND = 3


class CellWrong(Exception):
    """A cell that cannot be read; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


Read = Callable[[str, str], Any]


@dataclass(frozen=True, slots=True)
class Column:
    """`name` and `es` are its headers; `of` what it is a fact of; `usual` what is new gets for an empty cell."""

    name: str
    es: str
    of: Literal["category", "product", "variant"]
    read: Read
    empty: Empty = "nothing"
    nothing: Any = None
    usual: Any = None


def _text(most: int) -> Read:
    def read(cell: str, _currency: str) -> str:
        if len(cell) > most:
            raise CellWrong("too_long")
        return cell

    return read


def _code(most: int) -> Read:
    def read(cell: str, _currency: str) -> str:
        if len(cell) > most:
            raise CellWrong("too_long")
        if not _CODE.fullmatch(cell):
            raise CellWrong("code_wrong")
        return cell

    return read


def _words(cell: str, _currency: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word.strip() for word in cell.split("|") if word.strip()))


def _number(least: int, most: int = MAX_NUMBER) -> Read:
    def read(cell: str, _currency: str) -> int:
        return _whole(cell, least, most)

    return read


def _whole(cell: str, least: int, most: int = MAX_NUMBER) -> int:
    if not (cell.isascii() and cell.isdigit() and len(cell) <= len(str(MAX_MINOR)) and least <= int(cell) <= most):
        raise CellWrong("number_wrong")
    return int(cell)


def read_amount(cell: str, currency: str) -> int:
    """Minor units: `4.500`, `4,500.00` and `4500` are the same pesos, `1.250,5` and `1250.50` the same dollars.

    A lone mark before three digits parts thousands, unless the currency has three digits of its own.

    Raises: CellWrong.
    """
    bare, exponent = cell.removeprefix("$").removeprefix(currency).strip(), iso_exponent(currency)
    marks = [character for character in bare if character in ".,"]
    whole, tail = bare, ""
    if marks and (len(set(marks)) > 1 or len(marks) == 1):
        head, _, rest = bare.rpartition(marks[-1])
        if len(set(marks)) > 1 or len(rest) != _THOUSAND or exponent == _THOUSAND:
            whole, tail = head, rest
    if not bare.isascii() or not _WHOLE.fullmatch(whole) or not (tail.isdigit() or not tail) or len(tail) > exponent:
        raise CellWrong("price_wrong")
    minor = int(Decimal(f"{re.sub('[.,]', '', whole)}.{tail or 0}").scaleb(exponent))
    if minor > MAX_MINOR:
        raise CellWrong("price_wrong")
    return minor


def _yes_or_no(cell: str, _currency: str) -> bool:
    folded = cell.lower()
    if folded not in _YES | _NO:
        raise CellWrong("yes_or_no")
    return folded in _YES


def _unit(cell: str, _currency: str) -> str:
    if cell.lower() not in UNITS:
        raise CellWrong("unit_unknown")
    return cell.lower()


def _pairs(cell: str, read_code: Read, currency: str) -> tuple[tuple[str, int], ...]:
    """`caja:12|unidad` as (("caja", 12), ("unidad", 1))."""
    pairs = {}
    for part in filter(None, (each.strip() for each in cell.split("|"))):
        code, _, count = (each.strip() for each in part.partition(":"))
        name = read_code(code, currency)
        if name in pairs:
            raise CellWrong("twice")
        pairs[name] = _whole(count or "1", 1)
    return tuple(pairs.items())


def _units(cell: str, currency: str) -> Units:
    units = _pairs(cell, _unit, currency)
    if not units:
        raise CellWrong("needed")
    return units


def _barcodes(cell: str, currency: str) -> Units:
    return tuple(sorted(_pairs(cell, _code(40), currency)))


COLUMNS: tuple[Column, ...] = (
    Column("sku", "sku", "variant", _code(40), "needed"),
    Column("category", "categoria", "category", _code(40), "needed"),
    Column("category_es", "categoria_es", "category", _text(120), "stays"),
    Column("category_en", "categoria_en", "category", _text(120), "stays"),
    Column("product", "producto", "product", _code(60), "needed"),
    Column("product_es", "producto_es", "product", _text(120), "needed"),
    Column("product_en", "producto_en", "product", _text(120), "stays"),
    Column("brand", "marca", "product", _text(80)),
    Column("description_es", "descripcion_es", "product", _text(300), nothing=""),
    Column("description_en", "descripcion_en", "product", _text(300), nothing=""),
    Column("also_es", "tambien_es", "product", _words, nothing=()),
    Column("also_en", "tambien_en", "product", _words, nothing=()),
    Column("name_es", "nombre_es", "variant", _text(200), "needed"),
    Column("name_en", "nombre_en", "variant", _text(200), "stays"),
    Column("kind_es", "tipo_es", "variant", _text(80)),
    Column("kind_en", "tipo_en", "variant", _text(80)),
    Column("size", "tamano", "variant", _text(20)),
    Column("price", "precio", "variant", read_amount, "needed"),
    Column("per", "por", "variant", _number(1), "stays", usual=1),
    Column("tax", "impuesto", "variant", _code(20), "needed"),
    Column("base_unit", "unidad_base", "variant", _unit, "stays", usual="unidad"),
    Column("units", "unidades", "variant", _units, "stays", usual=()),
    Column("weight_g", "peso_g", "variant", _number(1)),
    Column("cost", "costo", "variant", read_amount),
    Column("usual", "habitual", "variant", _yes_or_no, "stays", usual=False),
    Column("sold", "se_vende", "variant", _yes_or_no, "stays", usual=True),
    Column("popularity", "popularidad", "variant", _number(0, 100), "stays", usual=0),
    Column("barcodes", "codigos", "variant", _barcodes, nothing=()),
)
BY_NAME: Mapping[str, Column] = {column.name: column for column in COLUMNS}
_MONEY = frozenset({"price", "cost"})


def written(column: str, value: Any, currency: str, language: str = "es") -> str:
    """A value as its cell: what `read` of the column takes back."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return {"es": ("no", "sí"), "en": ("no", "yes")}[language][value]
    if column in _MONEY:
        return plain_amount(value, currency)
    if isinstance(value, tuple):
        return "|".join(each if isinstance(each, str) else f"{each[0]}:{each[1]}" for each in value)
    return str(value)
