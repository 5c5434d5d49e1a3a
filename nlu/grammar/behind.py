"""A figure behind the name of a product: does it count it, belong to the name, or open the next line?"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from nlu.grammar.courtesies import LINKS
from nlu.grammar.drafts import Draft
from nlu.grammar.endings import COURTESY_MAX, ends_here
from nlu.grammar.money import read_sum_behind
from nlu.grammar.tokens import WORD, Token, unit_at, word_at
from nlu.grammar.units import is_size


@dataclass(frozen=True)
class Trailing:
    quantity: Decimal
    unit: str | None
    end: int


#: A number after one of these belongs to the name: "promo 27", "talla 3", "huevos por 30".
_NAME_BEFORE_NUMBER = {
    "promo", "promocion", "combo", "talla", "tallas", "numero", "no", "nro", "n", "tipo", "etapa", "size", "stage",
    "por", "de", "del", "calibre", "ref", "referencia", "marca", "opcion", "option", "pack", "of", "number", "con",
    "with", "en", "in", "para", "for", "la", "el", "the", "fase", "nivel", "level", "formula", "grado", "modelo", "#",
}  # fmt: skip
#: "café 500" tells grams, "café 5" a count.
_TRAILING_MAX = 99
_PIECES = {"unidad", "unit", "piece"}
_PACK_SIZES = {6, 8, 10, 12, 15, 16, 18, 20, 24, 25, 28, 30, 36, 40, 48, 50, 60, 100, 120, 200, 250, 300, 500, 1000}


def trailing_quantity(tokens: list[Token], text_from: int, at: int, draft: Draft) -> Trailing | None:
    """The quantity at `at` if it counts the product named before it: "leche x2", "pan 3", "huevos 2 cubetas"."""
    token = tokens[at]
    if draft.quantity is not None or draft.money is not None or at == text_from:
        return None
    if token.is_article and not (unit_at(tokens, at + 1) and ends_here(tokens, at + 2)):
        return None
    if _counts_each(tokens, at):
        return None
    assert token.value is not None
    before = tokens[at - 1].plain
    unit = unit_at(tokens, at + 1)
    if before == "x" or token.is_times:
        is_pack = token.value in _PACK_SIZES or (unit is not None and not token.is_times)
        if not is_pack and unit is not None and unit.unit in _PIECES and ends_here(tokens, at + 2):
            # "leche x3 und"
            return Trailing(token.value, unit.unit, at + 2)
        if not is_pack and token.plain[0] == "x" and _times_follows(tokens, at + 1):
            return Trailing(token.value, None, at + 1)
        return None if is_pack or not ends_here(tokens, at + 1) else Trailing(token.value, None, at + 1)
    if before in _NAME_BEFORE_NUMBER:
        return None
    if unit is not None:
        assert unit.unit is not None
        is_new_line = word_at(tokens, at + 2) in LINKS
        if is_size(unit.plain, unit.unit) or is_new_line:
            return None
        return Trailing(token.value + unit.half_added, unit.unit, at + 2)
    if token.value != token.value.to_integral_value() and token.plain[0].isdigit():
        return None
    is_count = token.value <= _TRAILING_MAX and ends_here(tokens, at + 1)
    return Trailing(token.value, None, at + 1) if is_count else None


def trailing_sum(tokens: list[Token], text_from: int, at: int, draft: Draft) -> int | None:
    """The place after a sum at `at` that says for how much of the product named before it; reads it into `draft`."""
    if draft.quantity is not None or draft.money is not None or at == text_from:
        return None
    money = read_sum_behind(tokens, at, _PACK_SIZES)
    if money is None or not ends_here(tokens, money.end):
        return None
    draft.money, draft.money_each = money.value, money.each
    return len(tokens)


def _counts_each(tokens: list[Token], at: int) -> bool:
    """ "arroz y azúcar 3 de cada uno"."""
    return word_at(tokens, at + 1) == "each" or word_at(tokens, at + 2) in {"cada", "each"}


def _times_follows(tokens: list[Token], at: int) -> bool:
    """ "leche x2 pan x3": another of the kind soon behind."""
    near = tokens[at : at + COURTESY_MAX]
    return bool(near) and near[0].kind == WORD and any(token.is_times and token.plain[0] == "x" for token in near)


def starts_line(tokens: list[Token], text_from: int, at: int, draft: Draft) -> bool:
    """Whether the quantity at `at`, after some words, opens the next line ("3 leches 2 panes") or names a size."""
    token = tokens[at]
    before = tokens[at - 1].plain
    if at == text_from:
        return False
    if _counts_each(tokens, at):
        return True
    if before in _NAME_BEFORE_NUMBER or before == "x" or (token.is_times and ends_here(tokens, at + 1)):
        return False
    unit = unit_at(tokens, at + 1)
    if unit is not None and unit.unit is not None:
        is_linked = word_at(tokens, at + 2) in LINKS
        # "200 g jamón 100 g queso": what was counted so before is counted so again.
        counts = unit.unit == draft.unit or not is_size(unit.plain, unit.unit)
        return is_linked or (counts and at + 2 < len(tokens))
    if at + 1 >= len(tokens) or tokens[at + 1].kind != WORD or tokens[at + 1].text == "%":
        return False
    assert token.value is not None
    is_decimal = token.value != token.value.to_integral_value()
    return not (is_decimal and token.plain[0].isdigit())
