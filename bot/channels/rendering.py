"""How words and choices become what a channel can show: cut where a reader would pause, counted as people count."""

from __future__ import annotations

import regex

from bot.channels.base import Offered

# Best first: a paragraph, a line, a sentence, a word.
_PAUSES = ("\n\n", "\n", ". ", "! ", "? ", " ")
# A pause too near the beginning would make many short messages of a long one.
_EARLIEST = 0.5


def split(text: str, limit: int) -> list[str]:
    """The text in pieces of at most `limit` characters, which joined are the text; no letter or emoji is cut in two."""
    pieces: list[str] = []
    while len(text) > limit:
        at = _where_to_cut(text, limit)
        pieces.append(text[:at])
        text = text[at:]
    return [*pieces, text]


def _where_to_cut(text: str, limit: int) -> int:
    for pause in _PAUSES:
        at = text.rfind(pause, 0, limit - len(pause) + 1)
        if at >= limit * _EARLIEST:
            return at + len(pause)
    end = 0
    for grapheme in regex.finditer(r"\X", text[: limit + 1]):
        if grapheme.end() > limit:
            break
        end = grapheme.end()
    # One "letter" longer than a message is an attack and not a letter.
    return end or limit


def numbered(text: str, choices: tuple[Offered, ...]) -> str:
    """The question with its choices as lines to answer by number or in words."""
    lines = [f"{number}. {choice.title}" for number, choice in enumerate(choices, 1)]
    return "\n".join([text, "", *lines]) if lines else text


def shortened(text: str, limit: int) -> str:
    """At most `limit` characters of a text, and a sign that there is more."""
    if len(text) <= limit:
        return text
    end = 0
    for grapheme in regex.finditer(r"\X", text):
        if grapheme.end() > limit - 1:
            break
        end = grapheme.end()
    return text[:end].rstrip() + "…"
