"""Amounts as people type them."""

from __future__ import annotations

from decimal import Decimal

from babel.numbers import NumberFormatError, parse_decimal

from kernel.money import iso_exponent, plain_amount

_LOCALES = {"es": "es_CO", "en": "en_US"}


def typed_minor(text: str, currency: str, language: str) -> int | None:
    """Minor units of what was typed (`$ 24.900` in Spanish is 24,900 pesos); None for what is no such amount."""
    bare = text.replace("$", "").replace(currency, "").replace(" ", "").replace("\N{NO-BREAK SPACE}", "")
    try:
        value = parse_decimal(bare, locale=_LOCALES[language], strict=True)
    except NumberFormatError:
        return None
    minor = value * 10 ** iso_exponent(currency)
    return int(minor) if minor > 0 and minor == minor.to_integral_value() else None


def to_type(amount_minor: int, currency: str, language: str) -> str:
    """The same amount as it stands in a field, to be typed over."""
    plain = Decimal(plain_amount(amount_minor, currency))
    shown = f"{plain.normalize():f}"
    return shown.replace(".", ",") if language == "es" else shown
