"""The order lines of a message: how many, in which unit, of what.

Pure Python and linear in the length of the message. In order: cut into tokens (`grammar.tokens`), set aside what is
not an order (address, hours), take a correction out (`grammar.corrections`), cut into segments at commas, "y", line
ends (`grammar.segments`), read each into lines (`grammar.lines`), fill in what was left unsaid (`grammar.elisions`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from nlu.addresses import find_address
from nlu.grammar.all_but import left_out, takes_all_but
from nlu.grammar.bullets import without_bullets
from nlu.grammar.corrections import take_correction
from nlu.grammar.drafts import Draft
from nlu.grammar.elisions import complete
from nlu.grammar.lines import ONE, read_segment
from nlu.grammar.numerals import decimal_string
from nlu.grammar.prices import without_prices
from nlu.grammar.segments import cut, without_other_figures
from nlu.grammar.tokens import tokenize
from nlu.grammar.words import words


@dataclass(frozen=True)
class OrderLine:
    """One wanted thing, read from [start, end) of the message.

    `quantity` is a decimal string as the customer said it, even when absurd ("0", "-5"). It is "1" with
    `quantity_given` False when nothing or nothing countable was said; then `quantity_vague` tells "muchos" from
    silence, and `money` holds the sum of "2.000 de pan". `unit` is a singular word or None. `old_quantity` and
    `old_text` are what a correction replaces. `text` is the product in the customer's words; empty if only a number
    was said.
    """

    quantity: str
    unit: str | None
    text: str
    start: int
    end: int
    quantity_given: bool = True
    quantity_vague: bool = False
    money: str | None = None
    old_quantity: str | None = None
    old_text: str | None = None

    def as_value(self) -> dict[str, Any]:
        """The value of an `order_line` entity; the rare fields only where they say something."""
        value: dict[str, Any] = {
            "quantity": self.quantity,
            "unit": self.unit,
            "text": self.text,
            "quantity_given": self.quantity_given,
        }
        rare = {
            "quantity_vague": self.quantity_vague or None,
            "money": self.money,
            "old_quantity": self.old_quantity,
            "old_text": self.old_text,
        }
        return value | {name: said for name, said in rare.items() if said is not None}


def parse_order_lines(text: str, language: str | None = None) -> list[OrderLine]:
    """The order lines of `text` in the order written; none if it names no quantity and no product.

    `language` ("es" or "en") decides how numbers and units are read; by default it is told from the words.
    """
    spoken = language or _guess_language(text)
    text = without_bullets(text)
    address = find_address(text)
    said = _without_address(text, address[1]) if address else text
    tokens = without_prices(without_other_figures(tokenize(said, spoken)))
    if takes_all_but(tokens):
        return []
    correction, tokens = take_correction(tokens, spoken)
    drafts = [draft for segment, separator in cut(tokens) for draft in read_segment(segment, separator)]
    drafts = complete(drafts, spoken)
    if correction is not None:
        drafts = [*drafts, *complete([correction], spoken)]
    return [_finished(draft) for draft in drafts]


def parse_left_out(text: str, language: str) -> list[OrderLine]:
    """The lines of what a repeated order is to be without: "pan" of "lo mismo de ayer pero sin el pan"."""
    tokens = left_out(without_prices(without_other_figures(tokenize(without_bullets(text), language))))
    drafts = [draft for segment, separator in cut(tokens) for draft in read_segment(segment, separator)]
    return [_finished(draft) for draft in complete(drafts, language)]


def _without_address(text: str, start: int) -> str:
    """`text` up to its address, and the order behind "calle 45 # 12-30: 2 pollos"."""
    behind = _ORDER_BEHIND.search(text, start)
    if behind is None:
        return text[:start]
    return text[:start] + "\n" + " " * (behind.start() - start) + text[behind.end() :]


#: A colon and an amount of something: "apto: 301" names none.
_ORDER_BEHIND = re.compile(r":(?=\s*(?:\d{1,3}|un|una|dos|tres|a|one|two|three)\s+[^\W\d_]{2})", re.IGNORECASE)

_ENGLISH = words(
    """
    the of and a an please i want me get can with some not it i'd what how my add
    """
)
_SPANISH = words(
    """
    de y un una el la los las me quiero por favor con no en que porfa mi unos al dos tres
    """
)


def _guess_language(text: str) -> str:
    spoken = text[:1_000].lower().split()
    return "en" if sum(word in _ENGLISH for word in spoken) > sum(word in _SPANISH for word in spoken) else "es"


def _finished(draft: Draft) -> OrderLine:
    return OrderLine(
        quantity=decimal_string(ONE if draft.quantity is None else draft.quantity),
        unit=draft.unit,
        text=draft.text,
        start=draft.start,
        end=draft.end,
        quantity_given=draft.quantity is not None,
        quantity_vague=draft.is_vague,
        money=None if draft.money is None else decimal_string(draft.money),
        old_quantity=None if draft.old_quantity is None else decimal_string(draft.old_quantity),
        old_text=draft.old_text,
    )
