"""How much of something, in words: a number with the name of its unit, one or several, in both languages."""

from __future__ import annotations

import re
from decimal import Decimal

from babel.numbers import format_decimal

_LOCALES = {"es": "es_CO", "en": "en_US"}
# Units that go without saying: "3 × Pan tajado", not "3 unidades de Pan tajado".
PIECES = frozenset({"unidad", "unit", "each", "und"})
# What is written short is written so of any number. Source: SI brochure, 9th edition, 5.2 (symbols have no plural).
_SYMBOLS = frozenset(
    {"g", "gr", "kg", "mg", "lb", "oz", "l", "lt", "dl", "cl", "ml", "m", "cm", "mm", "km", "m²", "m³"}
)
_ENGLISH_ALONE = {"dozen": "dozen", "loaf": "loaves", "half": "halves"}
# The word that changes: of a Spanish name the first ("bolsa con tapa"), of an English one the last ("half bottle"),
# before what stands in brackets.
_HEAD = {"es": re.compile(r"()(\S+)(.*)"), "en": re.compile(r"(.*?)(\S+)((?: \(.*\))?)")}
_ACUTE = str.maketrans("áéíóú", "aeiou")


def plural(name: str, language: str) -> str:
    """The name of a unit as it is said of several: cajas, galones, bolsas con tapa; boxes, half bottles; kg."""
    found = _HEAD[language].fullmatch(name)
    if found is None or name.lower() in _SYMBOLS:
        return name
    before, word, after = found.groups()
    return f"{before}{_spanish(word) if language == 'es' else _english(word)}{after}"


def unit_for(quantity: Decimal | str | int, name: str, language: str) -> str:
    """The name of a unit as it is said of so many."""
    return name if Decimal(quantity) == 1 else plural(name, language)


def number(quantity: Decimal | str | int, language: str) -> str:
    """A number as people write it: "1.5" is "1,5" in Spanish."""
    return str(format_decimal(Decimal(quantity), locale=_LOCALES[language]))


def counted(quantity: Decimal | str | int, name: str, language: str) -> str:
    """ "1 unidad", "1,5 kilos", "2 boxes"."""
    return f"{number(quantity, language)} {unit_for(quantity, name, language)}"


def amount(quantity: Decimal | str | int, unit: str | None, name: str | None, language: str) -> str:
    """Before what it is of: "3 cajas de", "2 boxes of", "2 dozen", or just "3 ×" for what comes by the piece.

    `unit` is the code of the unit, `name` what the language calls it; where none is told it is by the piece.
    """
    if name is None or unit in PIECES:
        return f"{number(quantity, language)} ×"
    shown = counted(quantity, name, language)
    if language == "en":
        return shown if name == "dozen" else f"{shown} of"
    return f"{shown} de"


def _spanish(word: str) -> str:
    if word.endswith("s"):
        return word
    if re.search("[áéíóú]n$", word):
        return word.translate(_ACUTE) + "es"
    if word.endswith("z"):
        return word[:-1] + "ces"
    # Words that came from elsewhere: packs, sets, six-packs.
    return word + ("es" if word[-1] in "lnrdjyíú" else "s")


def _english(word: str) -> str:
    if word in _ENGLISH_ALONE:
        return _ENGLISH_ALONE[word]
    if re.search("[^s]s$", word):
        return word
    if re.search("[^aeiou]y$", word):
        return word[:-1] + "ies"
    return word + ("es" if word.endswith(("s", "x", "z", "ch", "sh")) else "s")
