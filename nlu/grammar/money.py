"""Sums of money in place of a quantity: "20 lucas de pan", "mil pesitos de queso", "ham for 5 dollars"."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from nlu.grammar.courtesies import LINKS, OTHER_TOPICS
from nlu.grammar.numerals import group_of
from nlu.grammar.tokens import QUANTITY, WORD, Token
from nlu.grammar.units import MONEY_OF_THOUSANDS
from nlu.grammar.words import words

_CURRENCY = MONEY_OF_THOUSANDS | words(
    """
    pesos peso pesitos pesito varos baros soles solcitos dolares dolar dolarcitos dollars dollar bucks buck quetzales
    lempiras colones guaranies cordobas balboas bolivianos bolivares
    """
)
#: "un sol de perejil"; "una sol" is a beer.
_OF_ONE = frozenset({"sol"})
_INTO = frozenset({"en", "in"})
_AFTER_SUM = LINKS | _INTO | {"worth", "'", "’", "para", "for"}
_FOR = frozenset({"por", "for", "como", "about"})
# Below it a bare figure counts goods; above it one that ends in no round sum does.
_SUM_MIN, _ROUND = 500, 50
#: "5 mil de pan y 3 de queso" leaves "mil" out; "3.000 de pan y 2 de queso" does not.
_ALIKE = 20


@dataclass(frozen=True)
class Sum:
    """`value` in the shop's money; `each` is what one of the figure said was worth; the sum ends before token `end`."""

    value: Decimal
    each: int
    end: int


def read_sum(tokens: list[Token], at: int) -> Sum | None:
    """The sum that stands at `at` in place of a quantity."""
    token = tokens[at]
    is_linked = at + 1 < len(tokens) and tokens[at + 1].plain in LINKS
    if token.plain.partition(" ")[0] in {"luca", "luquita"} and (token.half_added or is_linked):
        return Sum((1 + token.half_added) * 1_000, 1_000, at + 1)
    if token.kind != QUANTITY or token.value is None:
        return None
    following = tokens[at + 1] if at + 1 < len(tokens) else None
    each = 1_000 if token.plain.endswith((" mil", " thousand")) else 1
    said = following.plain.partition(" ")[0] if following is not None else ""
    is_named = said in _CURRENCY or (said in _OF_ONE and at + 2 < len(tokens) and tokens[at + 2].plain in LINKS)
    if following is not None and is_named:
        worth = 1_000 if said in MONEY_OF_THOUSANDS else 1
        return Sum((token.value + following.half_added) * worth, each * worth, at + 2)
    if following is None or following.plain not in LINKS | _INTO or not _is_round(token.value):
        return None
    if group_of(token.plain):
        # "75 docenas de huevos"
        return None
    after = tokens[at + 2] if at + 2 < len(tokens) else None
    if after is None or (following.plain in _INTO and (after.kind != WORD or after.plain in OTHER_TOPICS)):
        return None
    return Sum(token.value, each, at + 1)


def read_sum_behind(tokens: list[Token], at: int, pack_sizes: set[int]) -> Sum | None:
    """The sum at `at` that says for how much of what was named before it: "cilantro por 2 mil pesos"."""
    token = tokens[at]
    found = read_sum(tokens, at)
    if found is not None and found.end > at + 1:
        return found
    is_sum = token.value is not None and _is_round(token.value) and token.value not in pack_sizes
    return Sum(token.value, 1, at + 1) if token.value and is_sum and tokens[at - 1].plain in _FOR else None


def opens_sum(word: str) -> bool:
    """Whether `word` before a sum says "for": no part of the product's name."""
    return word in _FOR


def skip_after_sum(tokens: list[Token], at: int) -> int:
    """The place after "de", "worth of", "en" that stand behind a sum."""
    while at < len(tokens) and (tokens[at].plain in _AFTER_SUM or tokens[at].plain in _CURRENCY):
        at += 1
    return at


def left_out(figure: Decimal, each: int, before: Decimal) -> Decimal | None:
    """The sum that a bare `figure` stands for after one of `before` told in pieces worth `each`; None if it counts."""
    value = figure * each
    return value if value * _ALIKE >= before else None


def _is_round(value: Decimal) -> bool:
    return value >= _SUM_MIN and not value % _ROUND
