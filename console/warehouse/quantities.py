"""How much of something, as people count it: in the unit it was ordered in."""

from __future__ import annotations

from decimal import Decimal

from babel.numbers import NumberFormatError, format_decimal, parse_decimal

from backend.schemas.fulfillment import FulfillmentLine
from kernel.quantities import counted, unit_for

_LOCALES = {"es": "es_CO", "en": "en_US"}


def in_units(quantity: int, factor: int, language: str) -> str:
    """750 base units of 500 each are "1,5" in Spanish."""
    return format_decimal(Decimal(quantity) / factor, "0.###", locale=_LOCALES[language])


def in_words(quantity: int, line: FulfillmentLine, language: str) -> str:
    """Base units of a line in the unit it was ordered in: "1,5 kilos", "2 cajas"."""
    return counted(Decimal(quantity) / line.unit_factor, getattr(line.unit_name, language), language)


def unit_of(quantity: int, line: FulfillmentLine, language: str) -> str:
    """What that unit is called of so many base units: "cajas"."""
    return unit_for(Decimal(quantity) / line.unit_factor, getattr(line.unit_name, language), language)


def typed_base(text: str, factor: int, language: str) -> int | None:
    """Base units of what was typed in units of `factor`; None for what is no such quantity."""
    try:
        base = parse_decimal(text, locale=_LOCALES[language], strict=True) * factor
    except NumberFormatError:
        return None
    return int(base) if base > 0 and base == base.to_integral_value() else None


def typed_grams(text: str, language: str) -> int | None:
    """Grams of the kilograms that a scale said."""
    return typed_base(text, 1000, language)
