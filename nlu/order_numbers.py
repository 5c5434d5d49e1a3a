"""The number of an order as customers write it."""

from __future__ import annotations

import re

_NUMBERED = re.compile(
    r"\b(?:ped(?:ido)?|ord(?:en|er)?)(?:\b|(?=\d))\s*(?:n(?:[uú]m(?:ero)?|r?o|°|º)?\.?|number|no\.?|#)?\s*[-:#.]?\s*(?:ped\s*-?\s*)?(\d{3,9})\b"
    r"|(?<![\w#])#\s?(\d{3,9})\b"
    r"|(?<![\w.,$#-])(\d{5,6})(?![\w.,]*\d)",
    re.IGNORECASE,
)
_ADDRESS_BEFORE = re.compile(r"(?:\d|\b[a-z]|sur|norte|este|oeste|bis)\s*$", re.IGNORECASE)


def find_order_numbers(text: str) -> list[tuple[str, int, int]]:
    """("PED-10023", start, end) for each order number in `text`: "PED-10023", "pedido 10023", "#10023", "10023"."""
    found = []
    for match in _NUMBERED.finditer(text):
        # "calle 5 #120-20" is a street, not an order.
        if match[2] and _ADDRESS_BEFORE.search(text[: match.start()][-8:]):
            continue
        digits = match[1] or match[2] or match[3]
        found.append((f"PED-{digits}", match.start(), match.end()))
    return found
