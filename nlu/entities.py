"""What is looked for in a message, given the wish it carries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from nlu.addresses import find_address
from nlu.language_names import find_language_name
from nlu.options import find_option
from nlu.order_lines import OrderLine, parse_left_out, parse_order_lines
from nlu.order_numbers import find_order_numbers
from nlu.payment_methods import find_payment_method

#: Intents whose messages name products; in any other the grammar would read products into small talk.
INTENTS_WITH_ORDER_LINES = frozenset(
    {
        "cart_add",
        "cart_change",
        "cart_remove",
        "product_price",
        "product_stock",
        "product_info",
    }
)


@dataclass(frozen=True)
class Entity:
    """A typed `value` and the half-open span of characters [start, end) it was read from."""

    entity: str
    value: Any
    start: int
    end: int

    def as_dict(self) -> dict[str, Any]:
        """The entity as Rasa keeps it."""
        return {"entity": self.entity, "value": self.value, "start": self.start, "end": self.end}


def find_entities(text: str, language: str, intent: str | None) -> list[Entity]:
    """The entities of docs/understanding.md that `text` holds, under the reading that `intent` gives it."""
    found = [Entity("order_number", *number) for number in find_order_numbers(text)]
    singles = (
        ("option", find_option(text) if intent in {"option_choose", "nlu_fallback"} else None),
        ("payment_method", find_payment_method(text)),
        ("language", find_language_name(text) if intent == "language_switch" else None),
        ("address", find_address(text)),
    )
    found += [Entity(name, *match) for name, match in singles if match]
    found += [Entity("order_line", line.as_value(), line.start, line.end) for line in _lines(text, language, intent)]
    return found


def _lines(text: str, language: str, intent: str | None) -> list[OrderLine]:
    if intent == "order_repeat":
        return parse_left_out(text, language)
    return parse_order_lines(text, language) if intent in INTENTS_WITH_ORDER_LINES else []


def find_entities_of_wishes(wishes: Sequence[tuple[str, int, str]], language: str) -> list[list[Entity]]:
    """The entities of each wish, given as (text, its place in the message, intent); spans are of the message."""
    return [
        [
            replace(entity, start=entity.start + place, end=entity.end + place)
            for entity in find_entities(text, language, intent)
        ]
        for text, place, intent in wishes
    ]
