"""What a customer leaves unsaid because the line before said it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

from nlu.grammar.courtesies import ARTICLES, LINKS
from nlu.grammar.lines import Draft
from nlu.grammar.tokens import Token
from nlu.grammar.words import words

_WITH = frozenset({"sin", "con", "without", "with", "no"})
_HALF = frozenset({"mitad"})
_SHARES_MAX = 12
_ONES = frozenset({"one", "ones"})
#: Words that tell kinds of a thing apart and are not bought by themselves, by stem (no gender, no plural).
_KINDS = words(
    """
    enter deslactosad descremad semidescremad light zer diet dietetic normal regular grand pequen median chic
    gigant integral blanc roj verd negr amarill morad rosad azul fri calient madur pinton salad amarg suav
    liquid solid fresc congelad tajad familiar personal jumb original clasic organic criollit campesin costen
    condensad evaporad achocolatad molid ahumad comun corrient barat larg cort delgad grues dobl tripl mini
    chiquit grandecit pequenit whol skim skimmed semi-skimmed lactose-free lactos free low-fat low fat lowfat
    nonfat small medium big red green whit brown black yellow cold warm sugar-free sugarfre salted unsalted
    spicy mild sliced frozen fresh rip sparkling still plain bigger smaller
    """
)


def complete(drafts: list[Draft], language: str) -> list[Draft]:
    """The lines with exclusions put back, totals shared out, left-out nouns and units filled in, empty ones dropped."""
    drafts = _with_exclusions(drafts)
    drafts = _with_each(drafts)
    drafts = _shared_out(drafts, language)
    for before, draft in pairwise(drafts):
        if draft.quantity is not None:
            fill_in(draft, before, language)
    return [draft for draft in drafts if draft.words or draft.quantity is not None or draft.money is not None]


def _with_exclusions(drafts: list[Draft]) -> list[Draft]:
    """ "una hamburguesa, sin cebolla" is one line."""
    joined: list[Draft] = []
    for draft in drafts:
        is_bare = draft.quantity is None and draft.money is None and bool(draft.words)
        opens_with = draft.words[0].plain if draft.words else ""
        if is_bare and opens_with in _WITH:
            if joined and joined[-1].words:
                joined[-1].words = joined[-1].words + draft.words
                joined[-1].end = draft.end
                continue
            draft.words = draft.words[1:]
            while draft.words and draft.words[0].plain in ARTICLES:
                draft.words = draft.words[1:]
        joined.append(draft)
    return joined


def _with_each(drafts: list[Draft]) -> list[Draft]:
    """ "leche y pan, 2 de cada uno" gives the quantity to every line before it that has none."""
    kept: list[Draft] = []
    for draft in drafts:
        if not draft.is_each or not kept:
            kept.append(draft)
            continue
        waiting = [line for line in kept if line.quantity is None] or kept
        for line in waiting:
            line.quantity, line.unit = draft.quantity, draft.unit or line.unit
    return kept


def _shared_out(drafts: list[Draft], language: str) -> list[Draft]:
    """ "2 yogures, uno de fresa y otro de mora" is two lines of one."""
    result: list[Draft] = []
    at = 0
    while at < len(drafts):
        parts = _halves(drafts, at) or _parts(drafts, at)
        if parts is None:
            result.append(drafts[at])
            at += 1
            continue
        total, shares, at = parts
        for share in shares:
            share.words = _joined(_head(total.words, share, language), share, language)
            share.unit = share.unit or total.unit
            share.is_linked = share.is_other = False
        result += shares
    return result


def _parts(drafts: list[Draft], at: int) -> tuple[Draft, list[Draft], int] | None:
    """A total, the lines after it that add up to it, and where they end."""
    total = drafts[at]
    if total.quantity is None or total.quantity < 2 or not total.words or _is_kind_only(total):
        return None
    shares: list[Draft] = []
    sum_of_shares = Decimal(0)
    for draft in drafts[at + 1 : at + 1 + _SHARES_MAX]:
        if draft.quantity is None or not draft.words or draft.unit:
            return None
        shares.append(draft)
        sum_of_shares += draft.quantity
        if sum_of_shares >= total.quantity:
            break
    if sum_of_shares == 1 and len(shares) == 2 and all(share.quantity == Decimal("0.5") for share in shares):
        for share in shares:
            share.quantity = total.quantity / 2
        return total, shares, at + 3
    is_exact = sum_of_shares == total.quantity and len(shares) >= 2
    is_said = (shares and shares[0].separator == ":") or all(_leaves_noun_out(share) for share in shares)
    is_counted_on = bool(shares) and shares[-1].is_other and shares[0].separator in {",", ":", ".", "\n", ";"}
    if not is_exact or not (is_said or is_counted_on):
        return None
    return total, shares, at + 1 + len(shares)


def _leaves_noun_out(draft: Draft) -> bool:
    return draft.is_linked or draft.is_other or _is_kind_only(draft) or draft.words[0].plain in _WITH


def _halves(drafts: list[Draft], at: int) -> tuple[Draft, list[Draft], int] | None:
    """ "6 empanadas, mitad de pollo y mitad de carne"."""
    total = drafts[at]
    if total.quantity is None:
        return None
    words = list(total.words)
    end = at + 1
    while end < len(drafts) and end <= at + 2 and drafts[end].quantity is None and drafts[end].words:
        if drafts[end].words[0].plain not in _HALF:
            break
        words += drafts[end].words
        end += 1
    cuts = [place for place, word in enumerate(words) if word.plain in _HALF]
    if len(cuts) != 2 or cuts[0] == 0:
        return None
    pieces = [words[cuts[0] + 1 : cuts[1]], words[cuts[1] + 1 :]]
    if not all(pieces):
        return None
    shares = []
    for piece in pieces:
        is_linked = piece[0].plain in LINKS
        kept = piece[1:] if is_linked else piece
        shares.append(
            replace(total, quantity=total.quantity / 2, words=kept, is_linked=is_linked, end=drafts[end - 1].end)
        )
    total.words = words[: cuts[0]]
    return total, shares, end


def fill_in(draft: Draft, before: Draft, language: str) -> None:
    """Gives `draft` the noun and the unit it leaves out because `before` has them."""
    if not before.words or not draft.words or draft.unit or _is_kind_only(before) or before.is_linked:
        return
    if before.words[0].plain in _WITH:
        return
    is_kind = _is_kind_only(draft)
    is_exclusion = draft.words[0].plain in _WITH
    if draft.is_linked and not is_kind:
        takes_head = any(word.plain in LINKS for word in before.words) or (draft.is_pronoun and not before.unit)
        draft.unit = before.unit
        if not takes_head:
            draft.is_linked = before.unit is None
            return
    elif not (is_kind or is_exclusion):
        return
    draft.unit = before.unit
    draft.words = _joined(_head(before.words, draft, language), draft, language)
    draft.is_linked = False


def _head(words: list[Token], draft: Draft, language: str) -> list[Token]:
    """The part of `words` that names the thing itself, without what tells this kind from another."""
    if language == "en" and _is_kind_only(draft):
        first = 0
        while first < len(words) - 1 and _is_kind(words[first].plain):
            first += 1
        # "red apples … green": all but the kind; "strawberry yogurts … plain": only the noun is surely shared.
        return words[first:] if first else words[-1:]
    stops = LINKS | _WITH if draft.is_linked or draft.words[0].plain in _WITH else _WITH
    for place, word in enumerate(words):
        if place and (word.plain in stops or _is_kind(word.plain)):
            return words[:place]
    return words


def _joined(head: list[Token], draft: Draft, language: str) -> list[Token]:
    opens_with = draft.words[0].plain
    if (language == "en" and not draft.is_linked and opens_with not in _WITH) or (
        _is_kind_only(draft) and language == "en"
    ):
        return [word for word in draft.words if word.plain not in _ONES] + head
    if draft.is_linked and not _is_kind_only(draft) and draft.words[0].plain not in _WITH:
        link = "of" if language == "en" else "de"
        return [*head, replace(draft.words[0], text=link, plain=link), *draft.words]
    return head + draft.words


def _is_kind_only(draft: Draft) -> bool:
    return bool(draft.words) and all(_is_kind(word) or word in _ONES for word in draft.plain)


def _is_kind(plain: str) -> bool:
    stem = plain
    for ending in ("es", "s"):
        if stem.endswith(ending) and len(stem) > 4:
            stem = stem[: -len(ending)]
            break
    return (
        plain in _KINDS or stem in _KINDS or stem.rstrip("aoe") in _KINDS or plain.rstrip("s").rstrip("aoe") in _KINDS
    )
