"""Which of the offered choices a customer points at."""

from __future__ import annotations

import re

from nlu.normalization import without_accents

_ORDINALS = [
    ("primer", "primero", "primera", "1ro", "1ra", "1er", "first", "1st"),
    ("segundo", "segunda", "2do", "2da", "second", "2nd"),
    ("tercer", "tercero", "tercera", "3ro", "3ra", "third", "3rd"),
    ("cuarto", "cuarta", "4to", "4ta", "fourth", "4th"),
    ("quinto", "quinta", "5to", "5ta", "fifth", "5th"),
    ("sexto", "sexta", "6to", "6ta", "sixth", "6th"),
    ("septimo", "septima", "7mo", "7ma", "seventh", "7th"),
    ("octavo", "octava", "8vo", "8va", "eighth", "8th"),
    ("noveno", "novena", "9no", "9na", "ninth", "9th"),
    ("decimo", "decima", "10mo", "10ma", "tenth", "10th"),
]
_CARDINALS = [
    ("uno", "una", "one"), ("dos", "two"), ("tres", "three"), ("cuatro", "four"), ("cinco", "five"),
    ("seis", "six"), ("siete", "seven"), ("ocho", "eight"), ("nueve", "nine"), ("diez", "ten"),
]  # fmt: skip
_ORDINAL = {word: position for position, words in enumerate(_ORDINALS, start=1) for word in words}
_CARDINAL = {word: position for position, words in enumerate(_CARDINALS, start=1) for word in words}
_LAST = {"ultimo", "ultima", "last"}
_TOKEN = re.compile(r"[^\W_]+")


def find_option(text: str) -> tuple[int, int, int] | None:
    """(1 for the first, -1 for the last, start, end) of the choice that `text` names, by ordinal, figure or word."""
    figure: tuple[int, int, int] | None = None
    for match in _TOKEN.finditer(text):
        word = without_accents(match[0])
        if word in _ORDINAL:
            return _ORDINAL[word], match.start(), match.end()
        if word in _LAST:
            return -1, match.start(), match.end()
        number = int(word) if word.isascii() and word.isdigit() and len(word) <= 2 else _CARDINAL.get(word, 0)
        if number and figure is None:
            figure = number, match.start(), match.end()
    return figure
