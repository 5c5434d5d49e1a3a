"""A total shared out: "2 yogures, uno de fresa y otro de mora", halves, the rest, exceptions."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import takewhile

from nlu.grammar.courtesies import LINKS
from nlu.grammar.drafts import Draft
from nlu.grammar.flavours import comes_in_flavours
from nlu.grammar.kinds import FOR, WITH, is_flavour_only, is_kind_only
from nlu.grammar.tokens import Token
from nlu.grammar.words import words

#: A total without its kinds, the lines that share it, and the place after the last of them.
Shared = tuple[Draft, list[Draft], int]

HALVES = frozenset({"mitad"})
_SHARES_MAX = 12
_REST = words("resto demas otros otras restantes rest remaining other others")
_BEFORE_SHARES = frozenset({",", ":", ".", "\n", ";"})


def shares_of(drafts: list[Draft], at: int) -> Shared | None:
    """How the lines after the one at `at` share it out; None where it is no total."""
    return _halves(drafts, at) or _parts(drafts, at)


def _parts(drafts: list[Draft], at: int) -> Shared | None:
    """A total, the lines after it that add up to it, and where they end."""
    total = drafts[at]
    if total.quantity is None or total.quantity < 1 or is_kind_only(total):
        return None
    shares: list[Draft] = []
    sum_of_shares = Decimal(0)
    for draft in drafts[at + 1 : at + 1 + _SHARES_MAX]:
        if draft.quantity is None and sum_of_shares and _is_rest(draft):
            shares.append(_rest(draft, total.quantity - sum_of_shares))
            return total, shares, at + 1 + len(shares)
        if draft.quantity is None or not draft.words or draft.unit:
            return _exceptions(total, shares, at)
        shares.append(draft)
        sum_of_shares += draft.quantity
        if sum_of_shares >= total.quantity:
            break
    if sum_of_shares == 1 and len(shares) == 2 and all(share.quantity == Decimal("0.5") for share in shares):
        if _is_one_thing(total):
            return _of_two_kinds(total, [word for share in shares for word in _half_said(share)], at + 3)
        for share in shares:
            share.quantity = total.quantity / 2
        return total, shares, at + 3
    is_exact = sum_of_shares == total.quantity and len(shares) >= 2
    is_said = (shares and shares[0].separator == ":") or all(_leaves_noun_out(share) for share in shares)
    is_counted_on = (
        bool(shares)
        and shares[-1].is_other
        and (shares[0].separator in _BEFORE_SHARES or (shares[0].is_pronoun and not shares[0].is_article))
    )
    if is_exact and (is_said or (is_counted_on and total.words) or _is_in_flavours(total, shares)):
        return total, shares, at + 1 + len(shares)
    return _exceptions(total, shares, at)


def _halves(drafts: list[Draft], at: int) -> Shared | None:
    """ "6 empanadas, mitad de pollo y mitad de carne"."""
    total = drafts[at]
    if total.quantity is None:
        return None
    words = list(total.words)
    end = at + 1
    while end < len(drafts) and end <= at + 2 and drafts[end].words:
        is_other_half = drafts[end].is_other and drafts[end].quantity == 1
        if drafts[end].words[0].plain not in HALVES or not (drafts[end].quantity is None or is_other_half):
            break
        words += drafts[end].words
        end += 1
    cuts = [place for place, word in enumerate(words) if word.plain in HALVES]
    if len(cuts) != 2:
        return None
    pieces = [words[cuts[0] + 1 : cuts[1]], words[cuts[1] + 1 :]]
    if not all(pieces):
        return None
    if _is_one_thing(total):
        return replace(total, words=[]), [replace(total, words=words)], end
    shares = []
    for piece in pieces:
        is_linked = piece[0].plain in LINKS
        kept = piece[1:] if is_linked else piece
        shares.append(
            replace(total, quantity=total.quantity / 2, words=kept, is_linked=is_linked, end=drafts[end - 1].end)
        )
    total.words = words[: cuts[0]]
    return total, shares, end


def _is_rest(draft: Draft) -> bool:
    """ "… y el resto de queso"."""
    return len(draft.words) > 1 and draft.words[0].plain in _REST


def _rest(draft: Draft, quantity: Decimal) -> Draft:
    is_linked = draft.words[1].plain in LINKS
    return replace(draft, quantity=quantity, words=draft.words[2 if is_linked else 1 :], is_linked=is_linked)


def _exceptions(total: Draft, shares: list[Draft], at: int) -> Shared | None:
    """ "3 hamburguesas, una sin cebolla": two as they are, and one."""
    shares = list(takewhile(_is_exception, shares))
    if not shares or not total.words or total.unit or shares[0].separator not in _BEFORE_SHARES:
        return None
    told = sum((share.quantity or Decimal(0) for share in shares), Decimal(0))
    if total.quantity is None or told >= total.quantity:
        return None
    others = replace(total, quantity=total.quantity - told, words=[])
    return total, [others, *shares], at + 1 + len(shares)


def _is_exception(draft: Draft) -> bool:
    return bool(draft.words) and draft.words[0].plain in WITH and draft.quantity is not None and draft.unit is None


def _is_in_flavours(total: Draft, shares: list[Draft]) -> bool:
    """ "2 jams, one strawberry and one pineapple"."""
    are_kinds = all(is_flavour_only(share) or is_kind_only(share) for share in shares)
    return are_kinds and any(comes_in_flavours(word) for word in total.plain)


def _is_one_thing(total: Draft) -> bool:
    """Of one pizza half is of one kind; of a pound of ham half is half a pound."""
    return total.quantity == 1 and total.unit is None


def _of_two_kinds(total: Draft, words: list[Token], end: int) -> Shared:
    return replace(total, words=[]), [replace(total, words=total.words + words)], end


def _half_said(share: Draft) -> list[Token]:
    return [replace(share.words[0], text="half", plain="half"), *share.words]


def _leaves_noun_out(draft: Draft) -> bool:
    return draft.is_linked or draft.is_other or is_kind_only(draft) or draft.words[0].plain in WITH | FOR
