"""Rules by which a person is asked for, whatever the assistant made of the message."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

# Shouting: capitals alone, more than a word or two, and more than one exclamation mark.
SHOUTED_LETTERS_LEAST = 15


def is_angry(text: str, words: Iterable[str]) -> bool:
    """Does it say one of the words, as a word of its own, or is it shouted?"""
    said = f" {_folded(text)} "
    if any(f" {_folded(word)} " in said for word in words):
        return True
    letters = [each for each in text if each.isalpha()]
    is_loud = len(letters) >= SHOUTED_LETTERS_LEAST and all(each.isupper() for each in letters)
    return is_loud and text.count("!") >= 2


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().casefold()
    return " ".join(re.findall(r"[a-z0-9]+", plain))
