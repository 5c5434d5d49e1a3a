"""Corrections: which of two quantities or products is meant and which is taken back."""

from __future__ import annotations

from itertools import pairwise

from nlu.grammar.courtesies import ARTICLES, LINKS, is_leading
from nlu.grammar.drafts import Draft
from nlu.grammar.elisions import fill_in
from nlu.grammar.lines import read_line, without_leading
from nlu.grammar.tokens import MARK, QUANTITY, Token
from nlu.grammar.words import words

_BETWEEN_MAX = 10
_NOT = frozenset({"no", "not"})
_DENIALS = _NOT | {"don't", "dont"}
_BUT = frozenset({"sino", "but"})
_FILLERS = ARTICLES | words(
    """
    eran era son es sean quiero queria pedi dije de it was it's just like solo said i wanted want como those
    were
    """
)
_INSTEAD = (
    ("en", "vez", "de"),
    ("en", "lugar", "de"),
    ("en", "vez", "del"),
    ("en", "lugar", "del"),
    ("instead", "of"),
    ("rather", "than"),
)
#: "skim, not whole", "el pan, no la leche".
_NOT_THOSE = ((",", "not"), *((",", "no", article) for article in ("la", "el", "las", "los")))
_TURNS = words(
    """
    quiero quisiera queria que sean mejor ponme ponle ponga pon dame deme deja dejame dejalo pasa pasalo manda
    mandame a to make want give need prefiero cambia cambialo cambie sube subelo baja bajalo son eran like get
    have
    """
)
_CHANGES = words(
    """
    cambia cambie cambiame cambieme cambiale cambiar modifica modifique pasa pase pasar sube suba subele baja
    baje bajale change switch swap replace update increase reduce lower bump raise remplaza reemplaza reemplace
    exchange
    """
)
_INTO = frozenset({"por", "a", "to", "for", "with", "into"})
_REGRETS = frozenset({",", "mejor", "perdon", "digo", "wait", "sorry", "make", "espera", "rather"})


def take_correction(tokens: list[Token], language: str) -> tuple[Draft | None, list[Token]]:
    """The line that a correction in `tokens` asks for, and the tokens that are not part of it."""
    for left, right in _neighbours(tokens):
        is_left_new = _is_left_new(tokens, left, right)
        if is_left_new is not None:
            return _corrected(tokens, left, right, is_left_new)
    return _swapped(tokens, language)


def _neighbours(tokens: list[Token]) -> list[tuple[int, int]]:
    places = [place for place, token in enumerate(tokens) if token.kind == QUANTITY and not token.is_times]
    return [(left, right) for left, right in pairwise(places) if right - left <= _BETWEEN_MAX]


def _is_left_new(tokens: list[Token], left: int, right: int) -> bool | None:
    """Whether of two quantities the left one is meant (True), the right one (False), or both are wanted (None)."""
    between = [token.plain for token in tokens[left + 1 : right]]
    before = [token.plain for token in tokens[max(0, left - 6) : left]]
    if "\n" in between:
        return None
    if _ends_with_instead(between):
        return True
    if _BUT & set(between):
        return False if _NOT & set(before) else None
    negations = [place for place, word in enumerate(between) if word in _NOT]
    if negations:
        after = between[negations[-1] + 1 :]
        if after and after[0] in _REGRETS:
            return False
        return True if len(after) <= 3 and set(after) <= _FILLERS else None
    before = _without_articles(before)
    if "," in between and any(tuple(before[-len(phrase) :]) == phrase for phrase in _INSTEAD):
        return False
    if not set(between) & _TURNS:
        return False if _CHANGES & set(before) and between and set(between) & _INTO else None
    is_taken_back = any(tuple(before[-len(phrase) :]) == phrase for phrase in _INSTEAD) or before[-1:] == ["from"]
    if is_taken_back or _NOT & set(before[-2:]):
        return False
    if before[-1:] == ["de"]:
        opens = all(is_leading(word, "") or word in _CHANGES | {",", "\n", "."} for word in before[:-1])
        return False if opens or _CHANGES & set(before) else None
    return False if _CHANGES & set(before) and between[-1] in _INTO else None


def _without_articles(words: list[str]) -> list[str]:
    kept = list(words)
    while kept and kept[-1] in ARTICLES:
        kept.pop()
    return kept


def _ends_with_instead(words: list[str]) -> bool:
    kept = _without_articles(words)
    return any(tuple(kept[-len(phrase) :]) == phrase for phrase in _INSTEAD)


def _corrected(tokens: list[Token], left: int, right: int, is_left_new: bool) -> tuple[Draft, list[Token]]:
    """The corrected line; its product may stand after either quantity or before both."""
    new_at, old_at = (left, right) if is_left_new else (right, left)
    end = right + 1
    while end < len(tokens) and tokens[end].kind != MARK and tokens[end].plain not in {"y", "and"}:
        end += 1
    start = left
    while start > 0 and tokens[start - 1].kind != MARK and tokens[start - 1].plain not in {"y", "and"}:
        start -= 1
    middle_end = left + 1
    while middle_end < right and tokens[middle_end].kind != MARK and tokens[middle_end].plain not in _CUTS:
        middle_end += 1
    spans = {left: tokens[left:middle_end], right: tokens[right:end]}
    new, _ = read_line(spans[new_at], 0)
    old, _ = read_line(spans[old_at], 0)
    draft = new
    draft.old_quantity = old.quantity
    taken_back = without_leading(old.words)
    if draft.words and taken_back and draft.plain != old.plain:
        draft.old_text = " ".join(word.text for word in taken_back)
    if not draft.words:
        draft.words = old.words or _named_before(tokens[start:left])
    end = _with_goods_behind(tokens, end, draft)
    draft.unit = draft.unit or old.unit
    draft.start, draft.end = tokens[start].start, tokens[end - 1].end
    return draft, tokens[:start] + tokens[end:]


def _with_goods_behind(tokens: list[Token], end: int, draft: Draft) -> int:
    """Reads the goods of "son 4 libras, no 2, de papa" into `draft`; the place after them, or `end`."""
    is_unit = not draft.words or (len(draft.words) == 1 and draft.words[0].unit is not None)
    behind = end + 2
    if not is_unit or tuple(token.plain for token in tokens[end:behind]) not in _OF_GOODS:
        return end
    after = next((at for at in range(behind, len(tokens)) if _is_edge(tokens[at])), len(tokens))
    goods = read_line(tokens[behind:after], 0)[0].words if behind < after else []
    if not goods:
        return end
    draft.unit, draft.words, draft.old_text = draft.unit or next((w.unit for w in draft.words), None), goods, None
    return after


_OF_GOODS = {(",", link) for link in LINKS}
_CUTS = (_NOT | _BUT | _INTO) | words(
    """
    en instead rather quiero que mejor y and i make give ponme dame deme son eran ponle quisiera deja dejame
    """
)


def _named_before(tokens: list[Token]) -> list[Token]:
    """The product of "la leche no eran 2 sino 3" and of "cambia la leche de 2 a 3"."""
    words = without_leading(tokens)
    kept: list[Token] = []
    for word in words:
        if word.plain in _CUTS | _FILLERS | {"de", "from"}:
            break
        kept.append(word)
    return kept


def _swapped(tokens: list[Token], language: str) -> tuple[Draft | None, list[Token]]:
    """ "cambia la leche entera por deslactosada", "en vez de pollo ponme carne", "no coca sino pepsi"."""
    verb, into = _swap_at(tokens)
    if verb is None or into is None:
        return _put_behind(tokens, language)
    if into == verb + 1 or into + 1 >= len(tokens):
        return None, tokens
    old_tokens = without_leading(tokens[verb + 1 : into])
    if not old_tokens or tokens[into + 1].kind == MARK:
        return None, tokens
    if tokens[into + 1].kind == QUANTITY and into + 2 >= len(tokens):
        return None, tokens
    old, _ = read_line(old_tokens, 0)
    new_tokens = without_leading(tokens[into + 1 :])
    if not new_tokens or not old.words:
        return None, tokens
    new, end = read_line(new_tokens, 0)
    if not new.words:
        return None, tokens
    new.old_text = old.text
    fill_in(new, old, language)
    if new.quantity is None or (new_tokens[0].is_article and old.quantity is not None):
        new.quantity, new.unit = old.quantity, new.unit or old.unit
    opened = max(0, verb - _length_of_opening(tokens, verb) + 1)
    new.start = tokens[opened].start
    return new, tokens[:opened] + new_tokens[end:]


def _length_of_opening(tokens: list[Token], verb: int) -> int:
    """How many tokens before and at `verb` open the swap: "en vez de", "rather than", "cambia"."""
    plain = tuple(token.plain for token in tokens[max(0, verb - 2) : verb + 1])
    return next((len(phrase) for phrase in _INSTEAD if plain[-len(phrase) :] == phrase), 1)


def _put_behind(tokens: list[Token], language: str) -> tuple[Draft | None, list[Token]]:
    """ "pepsi en vez de coca", "brown rice instead of white": the new thing stands before the old one."""
    plain = [token.plain for token in tokens[:_SWAP_MAX]]
    at, after = next(
        (
            (place, place + len(phrase))
            for place in range(1, len(plain))
            for phrase in _INSTEAD + _NOT_THOSE
            if tuple(plain[place : place + len(phrase)]) == phrase
        ),
        (0, 0),
    )
    start, end = at, after
    while start > 0 and not _is_edge(tokens[start - 1]):
        start -= 1
    while end < len(tokens) and not _is_edge(tokens[end]):
        end += 1
    new_tokens, old_tokens = without_leading(tokens[start:at]), without_leading(tokens[after:end])
    if not at or not new_tokens or not old_tokens:
        return None, tokens
    (new, new_end), (old, old_end) = read_line(new_tokens, 0), read_line(old_tokens, 0)
    if not new.words or not old.words or new_end < len(new_tokens) or old_end < len(old_tokens):
        return None, tokens
    # "brown rice instead of white": what is taken back leaves the noun out, or what is wanted does.
    quantity, unit = new.quantity, new.unit
    fill_in(old, new, language)
    fill_in(new, old, language)
    new.quantity, new.unit = quantity, unit or new.unit
    if new.quantity is None:
        new.quantity, new.unit = old.quantity, old.unit
    new.old_text, new.end = old.text, tokens[end - 1].end
    return new, tokens[:start] + tokens[end:]


def _is_edge(token: Token) -> bool:
    return token.kind == MARK or token.plain in {"y", "and"}


_SWAP_MAX = 24


def _swap_at(tokens: list[Token]) -> tuple[int | None, int | None]:
    """The place before the old thing and the place before the new one."""
    plain = [token.plain for token in tokens[:_SWAP_MAX]]
    verb = next((place for place, word in enumerate(plain[:8]) if word in _CHANGES), None)
    if verb is not None:
        return verb, next((place for place in range(verb + 1, len(plain)) if plain[place] in _INTO), None)
    for phrase in _INSTEAD:
        for place in range(min(6, len(plain))):
            if tuple(plain[place : place + len(phrase)]) == phrase:
                opened = place + len(phrase) - 1
                return opened, _turn_after(plain, opened)
    return _contrast_at(plain)


def _turn_after(plain: list[str], opened: int) -> int | None:
    """Where "en vez de X" turns to what is wanted: at a verb, or at the comma of "en lugar de X, Y"."""
    behind = range(opened + 2, len(plain))
    turn = next((at for at in behind if plain[at] in _TURNS - _INTO), None)
    return next((at for at in behind if plain[at] == ","), None) if turn is None else turn


def _contrast_at(plain: list[str]) -> tuple[int | None, int | None]:
    """ "no quiero coca sino pepsi", "ya no coca, mejor pepsi", "not whole milk but skim"."""
    no = next((place for place, word in enumerate(plain[:6]) if word in _DENIALS), None)
    if no is None:
        return None, None
    behind = range(no + 2, len(plain))
    is_contrary = (plain[at] in _BUT or tuple(plain[at - 1 : at + 1]) == (",", "mejor") for at in behind)
    return no, next((at for at, turns in zip(behind, is_contrary, strict=True) if turns), None)
