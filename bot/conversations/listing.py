"""A question's list of its choices in its own words: "2. Leche deslactosada · $4.800"."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

_LINE = re.compile(r"([1-9][0-9]{0,2})\. (.+)")
# What stands between a choice and what else is told of it.
_BETWEEN = " · "


@dataclass(frozen=True, slots=True)
class Listing:
    """How a text lists choices, each of these in their order: `numbers` by which they are answered, a line of the text
    or a count on; `notes`, what its line tells beyond its title, or None for one without a line.

    `question` is the text without its list; the text itself where the list has more than the choices.
    """

    question: str
    numbers: tuple[int, ...]
    notes: tuple[str | None, ...]


def read(text: str, titles: Sequence[str]) -> Listing:
    """The list in a text, of choices with these titles."""
    numbers: dict[int, int] = {}
    notes: dict[int, str] = {}
    kept: list[str] = []
    more: list[int] = []
    for line in text.splitlines():
        found = _LINE.fullmatch(line.rstrip())
        which = _choice_of(found[2], titles, numbers) if found else None
        if found and which is not None:
            numbers[which] = int(found[1])
            notes[which] = found[2][len(titles[which]) :].removeprefix(_BETWEEN)
        else:
            kept.append(line)
            more += [int(found[1])] if found else []
    # With no list of these choices, numbered lines are something else that is said, and theirs begin at 1.
    last = max([*numbers.values(), *more]) if numbers else 0
    counting_on = itertools.count(last + 1)
    question = "\n".join(kept).strip() if numbers and not more else ""
    return Listing(
        question or text,
        tuple(numbers[which] if which in numbers else next(counting_on) for which in range(len(titles))),
        tuple(notes.get(which) for which in range(len(titles))),
    )


def _choice_of(told: str, titles: Sequence[str], taken: dict[int, int]) -> int | None:
    """The choice of a line, the longest where one title begins another; each has one line."""
    free = (which for which in range(len(titles)) if which not in taken)
    fitting = [which for which in free if told == titles[which] or told.startswith(titles[which] + _BETWEEN)]
    return max(fitting, key=lambda which: len(titles[which]), default=None)
