"""Where a line ends: how many of its last words are courtesies, times and places."""

from __future__ import annotations

from nlu.grammar.courtesies import trailing_length
from nlu.grammar.tokens import Token

#: Courtesies are short; looking no further keeps the grammar linear.
COURTESY_MAX = 12


def ends_here(tokens: list[Token], at: int) -> bool:
    """Whether nothing but courtesies follows."""
    return len(tokens) - at <= COURTESY_MAX and trailing_count(tokens[at:]) == len(tokens) - at


def trailing_count(words: list[Token]) -> int:
    """How many of the last `words` are courtesies."""
    plain = [word.plain for word in words]
    kept = len(plain)
    while kept:
        length = trailing_length(plain, kept)
        if not length:
            break
        kept -= length
    return len(plain) - kept
