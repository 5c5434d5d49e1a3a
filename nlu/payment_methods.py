"""The way of paying that a message names, as the shop's code for it."""

from __future__ import annotations

import re

_NAMES = [
    ("nequi", r"nequi|neki|nekki"),
    ("customer_credit", r"fiad[oa]|a cr[eé]dito|cr[eé]dito de la tienda|on credit|(?:shop|store|customer) credit"),
    ("cheque", r"cheques?|giro(?: postal| bancario)?|money order|(?:by|with a|paper) check"),
    ("online", r"en l[ií]nea|online|pse"),
    ("card_on_delivery", r"tarjeta|dat[aá]fono|d[eé]bito|cr[eé]dito|visa|master ?card|pos|debit|credit|cards?"),
    (
        "bank_transfer",
        r"transferencia|transferir|transfiero|trasferencia|consignaci[oó]n|consigno|dep[oó]sito|bancolombia|"
        r"daviplata|spei|(?:bank |wire )?transfer|deposit",
    ),
    ("cash_on_delivery", r"efectivo|contra ?-?entrega|cash|billetes?|cod|al recibir|cuando (?:me )?llegue|on delivery"),
]
_METHOD = re.compile("|".join(rf"(?P<{code}>\b(?:{words})\b)" for code, words in _NAMES), re.IGNORECASE)


def find_payment_method(text: str) -> tuple[str, int, int] | None:
    """(code, start, end) of the first way of paying that `text` names; the codes are those of `_NAMES`."""
    match = _METHOD.search(text)
    if match is None:
        return None
    assert match.lastgroup
    return match.lastgroup, match.start(), match.end()
