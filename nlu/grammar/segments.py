"""Where one wanted thing ends and the next begins."""

from __future__ import annotations

from nlu.grammar.courtesies import LETTERED, LINKS
from nlu.grammar.numerals import SHORT_GROUPS, group_of
from nlu.grammar.tokens import MARK, QUANTITY, WORD, Token
from nlu.grammar.units import is_abbreviated

_BREAKS = {",", ";", "|", "/", "\n", "+", ".", "!", "?", "¡", "¿", ":", "•", "*", "—", "–", "&", "→", "·", "=", ">"}
_JOINTS = {"y", "e", "and", "tambien", "tmb", "tb", "ademas", "plus", "also", "luego", "n"}
_ADDITION = {"mas", "plus"}
#: "y" inside these joins a name, not two lines.
_PAIRS = {
    ("jamon", "queso"), ("sal", "pimienta"), ("limon", "sal"), ("crema", "cebolla"), ("queso", "cebolla"),
    ("bocadillo", "queso"), ("blanco", "negro"), ("arroz", "frijoles"), ("mac", "cheese"), ("ham", "cheese"),
    ("salt", "vinegar"), ("salt", "pepper"), ("fish", "chips"), ("cookies", "cream"), ("sour", "onion"),
    ("cream", "onion"), ("head", "shoulders"), ("peanut", "jelly"), ("johnson", "johnson"), ("vinagre", "sal"),
    ("leche", "miel"), ("avena", "miel"), ("miel", "limon"), ("pork", "beans"), ("oil", "vinegar"),
}  # fmt: skip


def cut(tokens: list[Token]) -> list[tuple[list[Token], str]]:
    """The tokens between separators, each with the separator before it."""
    segments: list[tuple[list[Token], str]] = []
    current: list[Token] = []
    separator = ""
    for at, token in enumerate(tokens):
        following = tokens[at + 1] if at + 1 < len(tokens) else None
        if _separates(token, current, following):
            segments.append((current, separator))
            current, separator = [], token.plain
        elif token.kind != MARK or token.text in {"$", "%", "-", "#"}:
            current.append(token)
    segments.append((current, separator))
    return [(segment, mark) for segment, mark in segments if segment]


def _separates(token: Token, before: list[Token], following: Token | None) -> bool:
    if token.kind == MARK:
        if token.text == "*" and _is_bold(token, before, following):
            return False
        return token.text in _BREAKS and not _ends_abbreviation(token, before, following)
    if token.kind != WORD:
        return False
    if token.plain in _ADDITION:
        return following is not None and (following.kind == QUANTITY or (bool(before) and following.kind == WORD
                                          and before[-1].kind == WORD and following.plain not in LINKS))  # fmt: skip
    if token.plain == "i":
        return bool(before) and following is not None and following.kind == QUANTITY
    if token.plain in _JOINTS:
        if before and before[-1].plain in LETTERED and _is_break(following):
            # "vitamina e"
            return False
        pair = (before[-1].plain if before else "", following.plain if following else "")
        return pair not in _PAIRS
    return False


def _ends_abbreviation(dot: Token, before: list[Token], following: Token | None) -> bool:
    """ "2 kg. de arroz", "4 doz. eggs", "1 pk. gum"."""
    if dot.text != "." or not before or following is None or before[-1].end != dot.start:
        return False
    if before[-1].unit and following.plain in LINKS:
        return True
    is_counted = len(before) > 1 and before[-2].kind == QUANTITY
    is_short = bool(before[-1].unit) and is_counted and is_abbreviated(before[-1].plain)
    is_dozen = before[-1].kind == QUANTITY and group_of(before[-1].plain) in SHORT_GROUPS
    return (is_short or is_dozen) and following.kind == WORD


def _is_break(token: Token | None) -> bool:
    return token is None or token.kind == MARK or token.plain in _JOINTS


def _is_bold(star: Token, before: list[Token], following: Token | None) -> bool:
    """Whether `star` is one of the two of "*2* leches"; a list's stands alone."""
    is_behind = bool(before) and before[-1].end == star.start
    is_ahead = following is not None and following.start == star.end
    return is_behind != is_ahead


def without_other_figures(tokens: list[Token]) -> list[Token]:
    """Drops "para las 5", "for 4 people", "cambio de 50.000": figures that count no goods."""
    kept: list[Token] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        following = tokens[at + 1].plain if at + 1 < len(tokens) else ""
        before = [part.plain for part in kept[-2:]]
        if token.kind == QUANTITY and before[-1:] in (["para"], ["for"]) and following in _GUESTS:
            kept = kept[:-1]
            at += 2
            continue
        if token.kind == QUANTITY and before[-1:] in (["for"], ["at"], ["by"]) and following in {"pm", "am"}:
            kept = kept[:-1]
            at += 2
            continue
        if following == "vez" and token.plain in {"una", "otra"}:
            # "de una vez", "otra vez"
            kept = kept[:-1] if before[-1:] == ["de"] else kept
            at += 2
            continue
        if token.kind == QUANTITY and kept and kept[-1].is_article:
            before = [part.plain for part in kept[-3:-1]]
        if token.kind == QUANTITY and _is_cash(token, before, following):
            while kept and kept[-1].plain not in _CASH:
                kept.pop()
            kept = kept[:-1]
            at += 1
            while at < len(tokens) and tokens[at].plain in {"pesos", "mil", "dollars", "bucks"}:
                at += 1
            continue
        is_hour = before in (["para", "las"], ["para", "la"], ["a", "las"], ["antes", "las"], ["a", "la"])
        if token.kind == QUANTITY and is_hour and (token.value or 0) <= 24 and following in _AFTER_HOUR:
            kept = kept[:-2]
            at += 1
            while at < len(tokens) and tokens[at].plain in _HOUR_WORDS:
                at += 1
            continue
        kept.append(token)
        at += 1
    return kept


def _is_cash(token: Token, before: list[str], following: str) -> bool:
    """Whether the figure is the note one pays with: "traigo 200", "cambio de 50.000", "change for a 50"."""
    is_last = following in {"", ",", ".", "\n", "pesos", "dollars", "bucks", "por", "porfa", "please"}
    if not is_last or (token.value or 0) < _NOTE_MIN:
        return False
    return before[-1:] == ["traigo"] or (before[:1] != before[-1:] and before[0] in _CASH and before[1] in _FOR_CASH)


_NOTE_MIN = 10
_CASH = {"traigo", "cambio", "vuelto", "vueltas", "vuelta", "sencillo", "change", "billete"}
_FOR_CASH = {"de", "para", "for", "of"}
_GUESTS = {"personas", "persona", "people", "persons", "guests", "ninos", "kids", "invitados"}
_HOUR_WORDS = {
    "pm",
    "am",
    "p",
    "m",
    "en",
    "punto",
    "horas",
    "de",
    "por",
    "la",
    "manana",
    "tarde",
    "noche",
    "y",
    "media",
}
_AFTER_HOUR = {"", "pm", "am", "de", "en", "por", ",", ".", "\n", "y", "porfa", "horas"}
