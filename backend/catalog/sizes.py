"""How big a thing is: "1 L", "500 g" and "x30" as numbers that can be compared."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from backend.catalog.words import fold

Dimension = Literal["g", "ml", "pieces"]

_WORDS: tuple[tuple[Dimension, str, str], ...] = (
    ("g", "1", "g gr grs gm gramo gramos gram grams"),
    ("g", "1000", "kg kgs kilo kilos kilogramo kilogramos kilogram kilograms"),
    ("g", "500", "lb lbs libra libras pound pounds"),
    ("ml", "1", "ml mls cc mililitro mililitros milliliter milliliters millilitre millilitres"),
    ("ml", "1000", "l lt lts litro litros liter liters litre litres"),
)
_MEASURES = {word: (dimension, Decimal(one)) for dimension, one, words in _WORDS for word in words.split()}
_SIZE = re.compile(r"\b(?P<count>\d+(?:\.\d+)?) ?(?P<measure>[a-z]+)\b")
_ALL_MEASURES = "|".join(_MEASURES)
# Spoken sizes come from voice messages: "quinientos gramos", "one and a half liters", "papel por doce".
_SPOKEN = {
    word: number
    for number, words in {
        1: "un una uno one", 2: "dos two", 3: "tres three", 4: "cuatro four", 5: "cinco five", 6: "seis six",
        7: "siete seven", 8: "ocho eight", 9: "nueve nine", 10: "diez ten", 12: "doce twelve", 15: "quince fifteen",
        16: "dieciseis sixteen", 18: "dieciocho eighteen", 20: "veinte twenty", 24: "veinticuatro", 25: "veinticinco",
        30: "treinta thirty", 40: "cuarenta forty", 50: "cincuenta fifty", 60: "sesenta sixty", 70: "setenta seventy",
        80: "ochenta eighty", 90: "noventa ninety", 100: "cien ciento hundred", 200: "doscientos doscientas",
        300: "trescientos trescientas", 400: "cuatrocientos", 500: "quinientos quinientas", 600: "seiscientos",
        700: "setecientos", 800: "ochocientos", 900: "novecientos",
    }.items()
    for word in words.split()
}  # fmt: skip
_WORD_OF_NUMBER = "|".join(sorted(_SPOKEN, key=len, reverse=True))
_IN_WORDS = rf"(?:a )?(?:{_WORD_OF_NUMBER})(?: (?:(?:y|and) )?(?:{_WORD_OF_NUMBER}))*"
_SPOKEN_SIZE = re.compile(rf"\b(?P<number>{_IN_WORDS})(?P<half> and a half)?(?= (?:{_ALL_MEASURES}|pack)\b)")
_SPOKEN_PIECES = re.compile(rf"\b(?P<by>x|por|pack of) (?P<number>{_IN_WORDS})(?! (?:{_ALL_MEASURES})\b)\b")
_HALF = re.compile(rf"\b(?:medi[oa]|half(?: a)?) (?P<measure>{_ALL_MEASURES})\b")
_AND_A_HALF = re.compile(rf"\b(?:(?P<whole>\d+) )?(?P<measure>{_ALL_MEASURES}) y medi[oa]\b")
_PIECES = re.compile(r"\b(?:(?:x|por|pack of) ?(?P<after>\d+)|(?P<before>\d+) ?(?:x|pack))\b")


@dataclass(frozen=True, slots=True)
class Size:
    """`amount` grams, millilitres or pieces. A libra is 500 g, as Colombian markets weigh it."""

    dimension: Dimension
    amount: Decimal


def measure(word: str) -> Size | None:
    """One of a unit of measure: `measure("libra") == Size("g", 500)`; None for what measures nothing ("caja")."""
    known = _MEASURES.get(fold(word))
    return Size(*known) if known else None


def find_sizes(text: str) -> tuple[list[Size], str]:
    """The sizes named in a text, and the (folded) text without them.

    `find_sizes("Leche 1,5L caja x12") == ([Size("ml", 1500), Size("pieces", 12)], "leche caja")`.
    """
    folded = _HALF.sub(r"0.5 \g<measure>", _AND_A_HALF.sub(_whole_and_half, _in_figures(fold(text))))
    found: list[Size] = []

    def take_size(match: re.Match[str]) -> str:
        known = _MEASURES.get(match["measure"])
        if known is None:
            return match[0]
        found.append(Size(known[0], Decimal(match["count"]) * known[1]))
        return " "

    def take_pieces(match: re.Match[str]) -> str:
        found.append(Size("pieces", Decimal(match["after"] or match["before"])))
        return " "

    rest = _PIECES.sub(take_pieces, _SIZE.sub(take_size, folded))
    return found, " ".join(rest.split())


def _in_figures(folded: str) -> str:
    """Numbers in words that tell a size, as figures: "de tres litros" is "de 3 litros"; "tres leches" stays."""
    spoken = _SPOKEN_SIZE.sub(lambda match: f"{_value(match['number'])}{'.5' if match['half'] else ''}", folded)
    return _SPOKEN_PIECES.sub(lambda match: f"{match['by']} {_value(match['number'])}", spoken)


def _value(words: str) -> int:
    """`_value("two hundred and fifty") == 250`, `_value("ciento veinte") == 120`."""
    value = 0
    for word in words.split():
        number = _SPOKEN.get(word, 0)
        value = value * number if word == "hundred" and value else value + number
    return value


def _whole_and_half(match: re.Match[str]) -> str:
    return f"{match['whole'] or '1'}.5 {match['measure']}"


def size_of(label: str | None) -> Size | None:
    """The size a label of the catalog tells: `size_of("1.5 L") == Size("ml", 1500)`."""
    found, _ = find_sizes(label or "")
    return found[0] if found else None
