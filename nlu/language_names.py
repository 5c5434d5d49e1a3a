"""The language a customer asks to be answered in."""

from __future__ import annotations

import re

_NAME = re.compile(
    r"(?P<es>\b(?:espa[nñ]ol|castellano|spanish)\b)|(?P<en>\b(?:ingl[eé]s|english|inglish)\b)", re.IGNORECASE
)


def find_language_name(text: str) -> tuple[str, int, int] | None:
    """("es" or "en", start, end) of the last language named: "no English, español please" asks for Spanish."""
    named = [(match.lastgroup or "", match.start(), match.end()) for match in _NAME.finditer(text)]
    return named[-1] if named else None
