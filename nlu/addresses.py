"""A street address inside a message."""

from __future__ import annotations

import re

_STREET = (
    r"calle|cll?e?|carrera|cra|kra|kr|cr|krr|avenida|av|ave|avda|diagonal|diag|dg|transversal|transv|trans|tv|tr|"
    r"circular|autopista|autop|manzana|mz|mza|jir[oó]n|jr|pasaje|psje|street|avenue"
)
# "cra 15 # 80-20", "calle 45 sur 12 34 apto 301": the kind of street, then its number or name with a second number.
_ADDRESS = re.compile(
    rf"\b(?:{_STREET})\b\.?\s*(?:[^\W\d_]+\s+){{0,3}}?\d[^\n;]{{0,120}}"
    r"|\b\d{1,5}\s+(?:[^\W\d_]+\s+){1,3}(?:street|st|avenue|ave|road|rd|drive|dr|lane|ln|boulevard|blvd)\b[^\n;]{0,80}",
    re.IGNORECASE,
)
_TRAILING = re.compile(
    r"[\s,.]*(?:\b(?:por favor|porfa|please|gracias|thanks?|y pago|pago|i'?ll pay|and i)\b.*)?[\s,.!?]*$",
    re.IGNORECASE | re.DOTALL,
)


def find_address(text: str) -> tuple[str, int, int] | None:
    """(address, start, end) of the first thing in `text` that reads like a street address."""
    match = _ADDRESS.search(text)
    if match is None:
        return None
    address = _TRAILING.sub("", match[0], count=1)
    return address, match.start(), match.start() + len(address)
