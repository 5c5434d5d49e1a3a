"""How words and choices become what a channel can show: cut where a reader would pause, counted as people count."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable

import regex

from bot.channels.base import Offered
from bot.conversations import listing as listings

# Best first: a paragraph, a line, a sentence, a word.
_PAUSES = ("\n\n", "\n", ". ", "! ", "? ", " ")
# A pause too near the beginning would make many short messages of a long one.
_EARLIEST = 0.5


def utf16_units(text: str) -> int:
    """How long a text is to who counts in UTF-16: an emoji is two, or more."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def split(text: str, limit: int, size: Callable[[str], int] = len) -> list[str]:
    """The text in pieces of at most `limit`, which joined are the text; no letter or emoji is cut in two."""
    pieces: list[str] = []
    while size(text) > limit:
        # Every character counts at least one.
        fits = bisect_right(range(1, limit + 1), limit, key=lambda length: size(text[:length]))
        at = _where_to_cut(text, fits)
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
    """The question with its choices as lines to answer by number or in words, each once: the text lists some itself.

    Choices that are numbers need none.
    """
    titles = [choice.title for choice in choices]
    if titles == [str(number) for number in range(1, len(choices) + 1)]:
        return text
    listing = listings.read(text, titles)
    told = zip(listing.numbers, titles, listing.notes, strict=True)
    lines = [f"{number}. {title}" for number, title, note in told if note is None]
    has_list = len(lines) < len(titles)
    return "\n".join([text, *([] if has_list else [""]), *lines]) if lines else text


def beside_buttons(text: str, choices: tuple[Offered, ...], most: int) -> str:
    """The question without its list, where buttons that show `most` characters say all that the list does."""
    titles = [choice.title for choice in choices]
    listing = listings.read(text, titles)
    says_all = not any(listing.notes) and all(len(title) <= most for title in titles)
    return listing.question if says_all else text


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
