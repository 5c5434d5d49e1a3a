"""Quantities as people type them, for the OMS."""

from __future__ import annotations

from babel.numbers import NumberFormatError, parse_decimal

_LOCALES = {"es": "es_CO", "en": "en_US"}


def typed_quantity(text: str, language: str) -> str | None:
    """The decimal string of "1,5" in Spanish; None for what is no quantity."""
    try:
        value = parse_decimal(text.strip(), locale=_LOCALES[language], strict=True)
    except NumberFormatError:
        return None
    return f"{value.normalize():f}" if value > 0 else None
