"""Where one wanted thing ends and the next begins."""

from __future__ import annotations

from nlu.grammar.courtesies import LINKS
from nlu.grammar.tokens import MARK, QUANTITY, WORD, Token

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
        # "2 kg. de arroz": the dot ends an abbreviation.
        is_abbreviation = token.text == "." and before and before[-1].unit and following and following.plain in LINKS
        return token.text in _BREAKS and not is_abbreviation
    if token.kind != WORD:
        return False
    if token.plain in _ADDITION:
        return following is not None and (following.kind == QUANTITY or (bool(before) and following.kind == WORD
                                          and before[-1].kind == WORD and following.plain not in LINKS))  # fmt: skip
    if token.plain in _JOINTS:
        pair = (before[-1].plain if before else "", following.plain if following else "")
        return pair not in _PAIRS
    return False


def without_hours_and_guests(tokens: list[Token]) -> list[Token]:
    """Drops "para las 5", "a la 1 pm", "for 4 people": figures that count no goods."""
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
