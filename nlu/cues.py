"""What the grammars see in a message, as numbers beside its words: does it count goods, name an order, ask?"""

from __future__ import annotations

from nlu.addresses import find_address
from nlu.options import find_option
from nlu.order_lines import parse_order_lines
from nlu.order_numbers import find_order_numbers
from nlu.payment_methods import find_payment_method

COUNT = 13


def cues(text: str, language: str) -> list[float]:
    """`COUNT` numbers from 0 to 1."""
    lines = parse_order_lines(text, language)
    words = len(text.split())
    return [
        float(cue)
        for cue in (
            bool(find_order_numbers(text)),
            find_address(text) is not None,
            find_payment_method(text) is not None,
            words <= 4 and find_option(text) is not None,
            any(line.quantity_given and line.text for line in lines),
            any(line.unit for line in lines),
            min(len(lines), 4) / 4,
            any(line.old_quantity or line.old_text for line in lines),
            "?" in text,
            words == 1,
            words <= 3,
            min(words, 12) / 12,
            not lines,
        )
    ]
