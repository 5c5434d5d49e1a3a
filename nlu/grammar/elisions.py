"""What a customer leaves unsaid because the line before said it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from itertools import dropwhile, pairwise, takewhile

from nlu.grammar.courtesies import ARTICLES, LINKS
from nlu.grammar.drafts import Draft
from nlu.grammar.flavours import comes_in_flavours, is_flavour
from nlu.grammar.kinds import FOR, ONES, WITH, is_flavour_only, is_kind, is_kind_only, is_size, opens_apart, tells_apart
from nlu.grammar.money import left_out
from nlu.grammar.shares import HALVES, shares_of
from nlu.grammar.tokens import Token


def complete(drafts: list[Draft], language: str) -> list[Draft]:
    """The lines with exclusions put back, totals shared out, left-out nouns and units filled in, empty ones dropped."""
    drafts = _with_amounts_behind(_with_exclusions(drafts))
    drafts = _with_each(drafts, language)
    drafts = _shared_out(drafts, language)
    for before, draft in pairwise(drafts):
        _fill_in_money(draft, before)
        if draft.quantity is not None:
            fill_in(draft, before, language)
    return [draft for draft in drafts if draft.words or draft.quantity is not None or draft.money is not None]


def _with_exclusions(drafts: list[Draft]) -> list[Draft]:
    """ "una hamburguesa, sin cebolla" is one line, and so is "seis cervezas, frías"."""
    joined: list[Draft] = []
    for draft in drafts:
        is_bare = draft.quantity is None and draft.money is None and bool(draft.words)
        opens_with = draft.words[0].plain if draft.words else ""
        is_listed = bool(joined) and joined[-1].quantity is None and is_kind_only(joined[-1])
        if is_bare and draft.separator == "," and joined and joined[-1].words and is_kind_only(draft) and not is_listed:
            joined[-1].words, joined[-1].end = joined[-1].words + draft.words, draft.end
            continue
        if is_bare and opens_with in WITH:
            if joined and joined[-1].words:
                joined[-1].words = joined[-1].words + draft.words
                joined[-1].end = draft.end
                continue
            draft.words = draft.words[1:]
            while draft.words and draft.words[0].plain in ARTICLES:
                draft.words = draft.words[1:]
        joined.append(draft)
    return joined


def _with_amounts_behind(drafts: list[Draft]) -> list[Draft]:
    """ "leche: 2", "pan = 1", "queso, 2 lucas": an amount alone belongs to the thing before it that has none."""
    joined: list[Draft] = []
    for draft in drafts:
        before = joined[-1] if joined else None
        if before is None or draft.words or not before.words or draft.is_each or before.words[0].plain in HALVES:
            joined.append(draft)
            continue
        if draft.quantity == HALF and before.quantity is not None and draft.separator in {"y", "and"}:
            # "2 pollos y medio"
            before.quantity, before.end = before.quantity + HALF, draft.end
            continue
        is_amount = draft.quantity is not None and draft.separator in _BEFORE_AMOUNTS and not draft.is_linked
        is_told = draft.money is not None or is_amount
        if draft.money is not None and before.quantity is not None and not draft.separator:
            # "un pan de $3000": what it costs.
            continue
        if not is_told or before.quantity is not None or before.money is not None or before.is_vague:
            joined.append(draft)
            continue
        before.quantity, before.unit, before.money = draft.quantity, draft.unit, draft.money
        before.money_each, before.end = draft.money_each, draft.end
    return joined


HALF = Decimal("0.5")
_BEFORE_AMOUNTS = frozenset({":", "=", ",", "\n"})


def _with_each(drafts: list[Draft], language: str) -> list[Draft]:
    """ "leche y pan, 2 de cada uno" gives the quantity to every line before it that has none; "6 yogures, 2 de cada
    sabor: fresa y mora" to every kind named behind it."""
    kept: list[Draft] = []
    at = 0
    while at < len(drafts):
        draft = drafts[at]
        at += 1
        kinds = _kinds_behind(drafts, at)
        counted = _counted_each(drafts, at, kept)
        if counted:
            kept += counted
            at += len(counted) - bool(draft.words)
            continue
        named = kept[-1] if draft.is_each and kept else _without_each(draft)
        if kinds and named is not None:
            kept = kept[:-1] if named in kept[-1:] else kept
            kept += [_of_kind(kind, named, draft, language) for kind in kinds]
            at += len(kinds)
        elif draft.is_each and kept:
            waiting = [line for line in kept if line.quantity is None] or kept
            for line in waiting:
                line.quantity, line.unit = draft.quantity, draft.unit or line.unit
        else:
            kept.append(draft)
    return kept


def _counted_each(drafts: list[Draft], at: int, kept: list[Draft]) -> list[Draft]:
    """The goods of "2 pounds each of apples and pears" and "2 de cada uno: pan y leche", each with the quantity of the
    draft before `at`; none where it counts other things."""
    draft = drafts[at - 1]
    listed: Iterable[Draft]
    if draft.is_each_of:
        goods, listed = [draft] if draft.words else [], takewhile(_is_bare_in_list, drafts[at:])
    elif draft.is_each and not draft.words and not kept:
        goods, listed = [], _kinds_behind(drafts, at)
    else:
        return []
    for one in listed:
        goods.append(one)
        if one.separator in _LAST_OF_LIST:
            break
    return [replace(one, quantity=draft.quantity, unit=draft.unit, is_each=False) for one in goods]


def _is_bare_in_list(draft: Draft) -> bool:
    return draft.separator in _LISTING and bool(draft.words) and draft.quantity is None and draft.money is None


#: Before the last of a list.
_LAST_OF_LIST = frozenset({"y", "e", "and", "&"})
_EACH = frozenset({"cada", "each"})


def _kinds_behind(drafts: list[Draft], at: int) -> list[Draft]:
    """The bare words listed behind a colon at `at`, to the end of their line."""
    if at >= len(drafts) or drafts[at].separator != ":":
        return []
    listed = drafts[at : at + 1] + list(takewhile(lambda draft: draft.separator in _LISTING, drafts[at + 1 :]))
    return list(takewhile(lambda draft: bool(draft.words) and draft.quantity is None and draft.money is None, listed))


_LISTING = frozenset({",", "y", "e", "and", "&", "/"})


def _without_each(draft: Draft) -> Draft | None:
    """The goods of "2 jugos de cada sabor", None where it speaks of no kinds."""
    cut = len(draft.words) - _EACH_LENGTH
    if draft.quantity is None or cut < 1 or draft.words[cut].plain not in LINKS:
        return None
    return replace(draft, words=draft.words[:cut]) if draft.words[cut + 1].plain in _EACH else None


_EACH_LENGTH = 3


def _of_kind(kind: Draft, named: Draft, each: Draft, language: str) -> Draft:
    """As many of `named` as `each` says, of the kind that `kind` names."""
    line = replace(kind, quantity=each.quantity, unit=each.unit or named.unit, is_linked=language != "en")
    line.words = _joined(_head(named.words, line, language), line, language) if named.words else kind.words
    line.is_linked = False
    return line


def _shared_out(drafts: list[Draft], language: str) -> list[Draft]:
    """ "2 yogures, uno de fresa y otro de mora" is two lines of one."""
    result: list[Draft] = []
    at = 0
    while at < len(drafts):
        parts = shares_of(drafts, at)
        if parts is None:
            result.append(drafts[at])
            at += 1
            continue
        total, shares, at = parts
        for share in shares:
            head = _head(total.words, share, language)
            share.words = _joined(head, share, language) if head and share.words else head or share.words
            share.unit = share.unit or total.unit
            share.is_linked = share.is_other = False
        result += shares
    return result


def fill_in(draft: Draft, before: Draft, language: str) -> None:
    """Gives `draft` the noun and the unit it leaves out because `before` has them."""
    if not before.words or not draft.words or draft.unit or is_kind_only(before) or before.is_linked:
        return
    if before.words[0].plain in WITH | FOR:
        return
    is_kind = is_kind_only(draft) or _is_another_flavour(draft, before)
    is_exclusion = opens_apart(draft) or tells_apart(draft, before.plain)
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


def _is_another_flavour(draft: Draft, before: Draft) -> bool:
    """ "2 strawberry yogurts and 3 blackberry"."""
    has_flavour = any(is_flavour(word) for word in before.plain)
    return has_flavour and any(comes_in_flavours(word) for word in before.plain) and is_flavour_only(draft)


def _head(words: list[Token], draft: Draft, language: str) -> list[Token]:
    """The part of `words` that names the thing itself, without what tells this kind from another."""
    if not draft.words:
        return words
    if not draft.is_linked and all(is_size(word) or word in ONES for word in draft.plain):
        unsized = [word for word in words if not is_size(word.plain)]
        if unsized and len(unsized) < len(words):
            # "dos cervezas negras grandes y una pequeña": another size of the same.
            return unsized
    if language == "en" and not draft.is_linked and is_flavour_only(draft):
        return list(dropwhile(lambda word: is_flavour(word.plain), words[:-1])) + words[-1:]
    if language == "en" and is_kind_only(draft):
        first = 0
        while first < len(words) - 1 and is_kind(words[first].plain):
            first += 1
        # "red apples … green": all but the kind; "strawberry yogurts … plain": only the noun is surely shared.
        return words[first:] if first else words[-1:]
    if tells_apart(draft, [word.plain for word in words]):
        return list(takewhile(lambda word: word.plain != draft.words[0].plain, words))
    stops = LINKS | WITH | {"en"} if draft.is_linked or opens_apart(draft) else WITH
    for place, word in enumerate(words):
        if place and (word.plain in stops or is_kind(word.plain)):
            return words[:place]
        if place and is_flavour_only(draft) and (word.plain in LINKS or is_flavour(word.plain)):
            return words[:place]
        if place == 1 and is_kind_only(draft) and _agrees(words[0].plain, word.plain):
            # "tres camisetas estampadas y una blanca"
            return words[:place]
    return words


def _agrees(noun: str, word: str) -> bool:
    """Whether `word` is an adjective of `noun` by its ending."""
    return noun[-2:] == word[-2:] and word.endswith(("as", "os"))


def _joined(head: list[Token], draft: Draft, language: str) -> list[Token]:
    opens_with = draft.words[0].plain
    if head and tells_apart(draft, ["", opens_with]):
        return head + draft.words
    if (language == "en" and not draft.is_linked and opens_with not in WITH | FOR) or (
        is_kind_only(draft) and language == "en"
    ):
        return [word for word in draft.words if word.plain not in ONES] + head
    if draft.is_linked and not is_kind_only(draft) and draft.words[0].plain not in WITH:
        link = "of" if language == "en" else "de"
        return [*head, replace(draft.words[0], text=link, plain=link), *draft.words]
    return head + draft.words


def _fill_in_money(draft: Draft, before: Draft) -> None:
    """ "20 lucas de pan y 5 de queso": what the second figure counts was said of the first."""
    if before.money is None or draft.quantity is None or not draft.is_linked or draft.unit:
        return
    draft.money = left_out(draft.quantity, before.money_each, before.money)
    if draft.money is not None:
        draft.money_each, draft.quantity, draft.is_linked = before.money_each, None, False
