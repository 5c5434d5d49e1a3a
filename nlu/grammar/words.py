"""Word lists as one reads them: blanks between, no quotes."""

from __future__ import annotations


def word_list(text: str) -> list[str]:
    """The words of `text` in order; they are lower case and without accents."""
    return text.split()


def words(text: str) -> frozenset[str]:
    """The words of `text` as a set."""
    return frozenset(word_list(text))
