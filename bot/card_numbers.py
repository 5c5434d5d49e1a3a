"""Card numbers in what people write: found and cut out before anything is stored."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

REPLACEMENT = "[••••]"

# Digits with at most three separators between them, as people group them: "4111 1111-1111.1111", "4111 - 1111…".
_SEPARATOR = r"[\s.\-_/·–—\u200b-\u200d\u2060\ufeff\ufe0f\u20e3]{0,3}"
_RUN = re.compile(rf"\d(?:{_SEPARATOR}\d)*")
# Whatever stands between them, four groups of four (or an American Express's 4-6-5) are worth a look.
_BETWEEN = r"[^\d,;$]{1,3}"
_GROUPED = re.compile(rf"(?<!\d)(?:(?:\d{{4}}{_BETWEEN}){{3}}\d{{4}}|3\d{{3}}{_BETWEEN}\d{{6}}{_BETWEEN}\d{{5}})(?!\d)")
# How a brand's numbers begin, and how many digits they have. Precise, because telephone numbers with a country's code
# have thirteen: 549… (Argentina), 521… (Mexico), 55… (Brazil).
# Source: ISO/IEC 7812-1 (major industry identifiers), and the brands' published ranges.
_BRANDS = (
    (re.compile(r"4"), (16, 13, 19)),
    (re.compile(r"5[1-5]|2[2-7]"), (16,)),
    (re.compile(r"3[47]"), (15,)),
    (re.compile(r"3[689]"), (14, 16, 19)),
    (re.compile(r"30"), (14, 16)),
    (re.compile(r"35"), (16, 17, 18, 19)),
    (re.compile(r"5[06-9]|6"), (16, 17, 18, 19, 13, 14, 15)),
)
# What is written of a number with its last digits still to come. Thirteen might be a telephone's.
_UNFINISHED = re.compile(
    rf"(?<!\d)(?:(?:4|5[1-5]|2[2-7]|6)(?:{_SEPARATOR}\d){{13,14}}|3{_SEPARATOR}[47](?:{_SEPARATOR}\d){{11,12}})\W*$"
)
# Of a number that comes in pieces only the lengths that nearly all cards have: what is cut wrongly is lost.
_IN_PIECES = {"4": 16, "5": 16, "2": 16, "6": 16, "34": 15, "37": 15, "36": 14, "38": 14, "35": 16}
# What may be a piece of one: no price, no order's number, and none with a country's code.
_PIECE = re.compile(rf"(?<![\d$+,.#-]){_RUN.pattern}(?!\d)")
# The digits of a telephone number, and of the code that was sent to it.
_PHONE_AND_CODE = {10, 6}


class Redacted(NamedTuple):
    text: str
    has_card: bool


def redact(text: str, before: Iterable[str] = ()) -> Redacted:
    """The text with every card number replaced.

    A card number has a brand's beginning and length, satisfies the Luhn check, and begins and ends where a group of
    digits does. `before` is what the same person wrote just before, the latest first: a number that was begun there
    loses here the digits that would complete it. A number that lacks one or two digits at the end is cut as well.
    Source: ISO/IEC 7812-1 (numbering, and the check digit in annex B).
    """
    found = [
        *(cut for run in _RUN.finditer(text) for cut in _cards_in(run)),
        *(each.span() for each in _GROUPED.finditer(text) if _is_card(_digits(each.group()))),
        *(_ended_by(text, _begun(before))),
        *(each.span() for each in _UNFINISHED.finditer(text)),
    ]
    pieces: list[str] = []
    end = 0
    for start, stop in sorted(found, key=lambda span: (span[0], -span[1])):
        if start >= end:
            pieces += [text[end:start], REPLACEMENT]
            end = stop
    return Redacted("".join([*pieces, text[end:]]), bool(pieces))


def _cards_in(run: re.Match[str]) -> list[tuple[int, int]]:
    """Where card numbers begin and end in a run of digits and separators, left to right and not overlapping."""
    groups = [(run.start() + each.start(), run.start() + each.end()) for each in re.finditer(r"\d+", run.group())]
    cards: list[tuple[int, int]] = []
    first = 0
    while first < len(groups):
        last = next((n for n in range(len(groups), first, -1) if _is_card(_joined(run, groups[first:n]))), first)
        if last > first:
            cards.append((groups[first][0], groups[last - 1][1]))
        first = max(last, first + 1)
    return cards


def _joined(run: re.Match[str], groups: list[tuple[int, int]]) -> str:
    return "".join(_digits(run.string[start:stop]) for start, stop in groups)


def _begun(before: Iterable[str]) -> list[list[str]]:
    """The runs of digits last written before, each in its groups, as far as one message goes on where another ended."""
    runs: list[list[str]] = []
    for text in before:
        found = list(_PIECE.finditer(text))
        if not found:
            break
        runs.insert(0, _groups(found[-1].group()))
        # Only a message that is nothing but digits is a piece from the middle.
        if found[-1].group() != text.strip():
            break
    return runs


def _ended_by(text: str, begun: list[list[str]]) -> list[tuple[int, int]]:
    """The digits at the beginning of a text that make a card number of what was begun before."""
    run = _PIECE.search(text) if begun else None
    if run is None:
        return []
    groups = _groups(run.group())
    # What follows the number may be its date: then the number is in fours.
    fours = next((n for n, group in enumerate(groups) if len(group) != 4), len(groups))
    heads = ["".join(group for run in begun[first:] for group in run) for first in range(len(begun))]
    for count in dict.fromkeys((len(groups), *range(fours, 0, -1))):
        tail = "".join(groups[:count])
        for head in heads:
            number = head + tail
            is_phone_and_code = {len(head), len(tail)} == _PHONE_AND_CODE
            is_near = run.start() == 0 or len(tail) > 3
            if is_near and not is_phone_and_code and _is_whole(number) and _satisfies_luhn(number):
                stop = list(re.finditer(r"\d+", run.group()))[count - 1].end()
                return [(run.start(), run.start() + stop)]
    return []


def _groups(run: str) -> list[str]:
    return [_digits(group) for group in re.findall(r"\d+", run)]


def _is_card(digits: str) -> bool:
    is_a_brands = any(begins.match(digits) and len(digits) in lengths for begins, lengths in _BRANDS)
    return is_a_brands and _satisfies_luhn(digits)


def _is_whole(digits: str) -> bool:
    return len(digits) == _IN_PIECES.get(digits[:2], _IN_PIECES.get(digits[:1], 0))


def _digits(text: str) -> str:
    """Its digits, in whatever script, as ASCII."""
    return "".join(str(int(each)) for each in text if each.isdecimal())


def _satisfies_luhn(digits: str) -> bool:
    doubled = (int(digit) * 2 if i % 2 else int(digit) for i, digit in enumerate(reversed(digits)))
    return sum(each - 9 if each > 9 else each for each in doubled) % 10 == 0
