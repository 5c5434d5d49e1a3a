"""Is what acts at once likelier meant than not, and by a word that was ever said in that sense?"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path

from nlu.normalization import normalize, without_accents
from nlu.verdict import FALLBACK, Verdict

#: Wishes that act at once and name nothing: what is taken for one must say it. A yes may place an order.
TO_BE_SAID = frozenset({"affirm", "cart_clear", "order_cancel"})
LIKELY = 0.5
_WORD = re.compile(r"[^\W_]+|[^\w\s.,;:!?¿¡'\"()-]")


class FamiliarWords:
    """The words of each of these wishes, as training lines have them.

    Likeness of letters and of sentence vectors alone has taken "plm okn ijb" for a yes, and a word that is in every
    sentence "xXxXx yYyYy zZz" ("x" is "por"), at a confidence of 0.38.
    """

    FILE = "familiar.json"

    def __init__(self, words: dict[str, frozenset[str]]) -> None:
        self._words = words

    @classmethod
    def of(cls, lines: Iterable[tuple[str, str, str]]) -> FamiliarWords:
        """From (intent, text, language) of each training line."""
        found: dict[str, set[str]] = {intent: set() for intent in TO_BE_SAID}
        for intent, text, language in lines:
            if intent in TO_BE_SAID:
                found[intent].update(_words(text, language))
        return cls({intent: frozenset(words) for intent, words in found.items()})

    def check(self, verdict: Verdict, text: str, language: str) -> Verdict:
        """The verdict; or that it was not understood: no word of it was ever said in that sense, or it is unlikely."""
        known = self._words.get(verdict.intent)
        if not known or (verdict.confidence >= LIKELY and known & _words(text, language)):
            return verdict
        return Verdict(FALLBACK, verdict.confidence, verdict.ranking)

    def save(self, folder: Path) -> None:
        words = {intent: sorted(words) for intent, words in self._words.items()}
        (folder / self.FILE).write_text(json.dumps(words, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> FamiliarWords:
        words = json.loads((folder / cls.FILE).read_text(encoding="utf-8"))
        return cls({intent: frozenset(known) for intent, known in words.items()})


def _words(text: str, language: str) -> set[str]:
    return set(_WORD.findall(without_accents(normalize(text, language))))
