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
_HALF = re.compile(rf"\b(?:medi[oa]|half(?: a)?) (?P<measure>{_ALL_MEASURES})\b")
_AND_A_HALF = re.compile(rf"\b(?P<measure>{_ALL_MEASURES}) y medi[oa]\b")
_PIECES = re.compile(r"\b(?:x ?(?P<after>\d+)|(?P<before>\d+) ?x)\b")


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
    folded = _HALF.sub(r"0.5 \g<measure>", _AND_A_HALF.sub(r"1.5 \g<measure>", fold(text)))
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


def size_of(label: str | None) -> Size | None:
    """The size a label of the catalog tells: `size_of("1.5 L") == Size("ml", 1500)`."""
    found, _ = find_sizes(label or "")
    return found[0] if found else None
