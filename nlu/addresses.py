"""A street address inside a message."""

from __future__ import annotations

import re

_STREET = (
    r"calle|cll|carrera|cra|kra|krr|avenida|ave?|avda|diagonal|diag|transversal|transv|circular|autopista|autop|"
    r"jir[oó]n|jr|pasaje|psje"
)
_SHORT_STREET = r"cl|cr|kr|dg|tv|tr|street|avenue"
_ADDRESS = re.compile(
    # "cra 15 # 80-20", "avenida siempre viva 742": the kind of street, perhaps its name, a number.
    rf"\b(?:{_STREET})\b\.?\s*(?:[^\W\d_]+\s+){{0,3}}?\d[^\n;]{{0,120}}"
    # "kr 24 n 63 45": so short a word needs two numbers beside it.
    rf"|\b(?:{_SHORT_STREET})\b\.?\s*\d{{1,3}}\s?[a-z]{{0,3}}\s*(?:#|n[°º]?|no\.?|-|\s)\s*\d[^\n;]{{0,120}}"
    # "manzana d casa 15"; "manzana verde 3" is fruit.
    r"|\b(?:manzana|mza?)\s+[a-z0-9]{1,3}\s+(?:casa|lote|villa|lt)\b[^\n;]{0,120}"
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
