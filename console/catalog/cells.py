"""A cell of a catalogue as people read it, not as its file has it."""

from __future__ import annotations

from decimal import Decimal

from console.words import WORDS
from kernel.money import Money, format_money, iso_exponent
from kernel.quantities import number

_LOCALES = {"es": "es_CO", "en": "en_US"}
_MONEY = frozenset({"price", "cost"})
_YES_OR_NO = frozenset({"usual", "sold"})
_NUMBERS = frozenset({"per", "weight_g", "popularity"})
_LISTS = frozenset({"also_es", "also_en"})
# `caja:12|unidad:1`: what, and how many base units it holds.
_PACKS = frozenset({"units", "barcodes"})
NOTHING = "—"


def shown(column: str, cell: str, currency: str, language: str) -> str:
    """A cell that the OMS wrote, in words and marks of the language: `4500` is "$4.500", `sí` is "yes", nothing a dash.

    `currency` is the shop's.
    """
    if not cell:
        return NOTHING
    if column in _MONEY:
        return format_money(Money(int(Decimal(cell).scaleb(iso_exponent(currency))), currency), _LOCALES[language])
    if column in _YES_OR_NO:
        return str(WORDS[language].table_choice["yes" if cell == "sí" else "no"])
    if column in _NUMBERS:
        return number(cell, language)
    if column in _LISTS:
        return ", ".join(cell.split("|"))
    if column in _PACKS:
        return ", ".join(_pack(each, language) for each in cell.split("|"))
    return cell


def _pack(cell: str, language: str) -> str:
    """What holds one goes without saying."""
    what, _, holds = cell.partition(":")
    return what if holds in ("", "1") else f"{what} × {number(holds, language)}"
