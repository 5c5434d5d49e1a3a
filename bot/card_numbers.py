"""Card numbers in what people write: found and cut out before anything is stored."""

from __future__ import annotations

import re
from typing import NamedTuple

REPLACEMENT = "[••••]"

# Digits with at most two separators between them, as people group them: "4111 1111-1111.1111", "4111 - 1111…".
_SEPARATOR = r"[\s.\-_/·–—\u200b-\u200d\u2060\ufeff]{0,3}"
_RUN = re.compile(rf"\d(?:{_SEPARATOR}\d){{12,}}")
_LENGTHS = range(19, 12, -1)


class Redacted(NamedTuple):
    text: str
    has_card: bool


def redact(text: str) -> Redacted:
    """The text with every card number replaced.

    A card number is 13 to 19 digits that begin like a card's (2 to 6), satisfy the Luhn check, and begin and end
    where a group of digits does.
    Source: ISO/IEC 7812-1 (numbering, and the check digit in annex B).
    """
    pieces: list[str] = []
    end = 0
    for run in _RUN.finditer(text):
        for start, stop in _cards_in(run.group()):
            pieces += [text[end : run.start() + start], REPLACEMENT]
            end = run.start() + stop
    if not pieces:
        return Redacted(text, False)
    return Redacted("".join([*pieces, text[end:]]), True)


def _cards_in(run: str) -> list[tuple[int, int]]:
    """Where card numbers begin and end in a run of digits and separators, left to right and not overlapping."""
    positions = [index for index, character in enumerate(run) if character.isdecimal()]
    digits = [int(run[index]) for index in positions]
    cards: list[tuple[int, int]] = []
    first = 0
    while first < len(digits):
        length = next((n for n in _LENGTHS if _is_card(run, positions, digits, first, n)), 0)
        if length:
            cards.append((positions[first], positions[first + length - 1] + 1))
        first += length or 1
    return cards


def _is_card(run: str, positions: list[int], digits: list[int], first: int, length: int) -> bool:
    last = first + length - 1
    if last >= len(digits) or not 2 <= digits[first] <= 6:
        return False
    begins = first == 0 or positions[first] - positions[first - 1] > 1
    ends = last == len(digits) - 1 or positions[last + 1] - positions[last] > 1
    return begins and ends and _satisfies_luhn(digits[first : last + 1])


def _satisfies_luhn(digits: list[int]) -> bool:
    doubled = (d * 2 if i % 2 else d for i, d in enumerate(reversed(digits)))
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0
