"""The words the catalog knows, and which of them a customer's word may be."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable

from rapidfuzz import process
from rapidfuzz.distance import OSA

from backend.catalog.words import singulars, sound, undiminished

# How sure we are that the customer's word is the catalog's, by how we came from the one to the other.
SAME, NUMBER_OR_GENDER, DIMINUTIVE, SOUND, BEGINNING = 1.0, 0.98, 0.96, 0.93, 0.8
# "Quesito" and "papitas" are sold under these very names, and may still be just a small "queso" or "papa".
DIMINUTIVE_OR_NAME = 0.9
LEAST_LIKENESS = 0.72
# Few slips are made on the first letter: "jeans" are no "beans".
OTHER_BEGINNING = 0.85
SHORTEST_MISSPELT, SHORTEST_BEGINNING = 4, 4
MAX_GUESSES = 8
# "con gas" and "sin gas" differ by these words, but they say little by themselves.
_LINKING = frozenset({"con", "sin", "with", "without", "no"})
_LINKING_WEIGHT = 0.3
_CACHED_WORDS = 20_000


class Lexicon:
    """Numbers the words it is taught, weighs them by how rare they are, and recognises them however they are written.

    Teach everything first (`learn`), then `settle`, then ask (`recognise`).
    """

    def __init__(self) -> None:
        self.words: list[str] = []
        self.weights: list[float] = []
        self.unknown_weight = 0.0
        self._ids: dict[str, int] = {}
        self._users: list[set[int]] = []
        self._by_form: dict[str, list[int]] = defaultdict(list)
        self._by_sound: dict[str, list[int]] = defaultdict(list)
        self._by_length: dict[int, list[str]] = defaultdict(list)
        self._known: dict[str, dict[int, float]] = {}

    def learn(self, words: Iterable[str], user: int) -> list[int]:
        """The numbers of `words`, which `user` (a product) uses."""
        return [self._learn(word, user) for word in words]

    def _learn(self, word: str, user: int) -> int:
        if word not in self._ids:
            self._ids[word] = len(self.words)
            self.words.append(word)
            self._users.append(set())
        self._users[self._ids[word]].add(user)
        return self._ids[word]

    def settle(self, users_count: int) -> None:
        """No more words will come: weigh them, and sort them for recognising."""
        self.weights = [
            (1 + math.log(users_count / len(users))) * (_LINKING_WEIGHT if word in _LINKING else 1)
            for word, users in zip(self.words, self._users, strict=True)
        ]
        self.unknown_weight = 1 + math.log(max(users_count, 3) / 3)
        for word, number in self._ids.items():
            for form in singulars(word):
                self._by_form[form].append(number)
                self._by_sound[sound(form)].append(number)
            if len(word) >= SHORTEST_MISSPELT and word.isalpha():
                self._by_length[len(word)].append(word)

    def recognise(self, word: str) -> dict[int, float]:
        """The catalog's words that `word` may be, each with a likeness from 0 to 1; empty for a word unknown to it."""
        known = self._known.get(word)
        if known is None:
            if len(self._known) >= _CACHED_WORDS:
                self._known.clear()
            known = self._known[word] = self._recognise(word)
        return known

    def forget(self) -> None:
        """Empty the cache of words recognised before."""
        self._known.clear()

    def _recognise(self, word: str) -> dict[int, float]:
        found = dict.fromkeys(self._numbers(self._by_form, singulars(word)), NUMBER_OR_GENDER)
        if word in self._ids:
            found[self._ids[word]] = SAME
        if not word.isalpha():
            return found
        bases = undiminished(word)
        if found:
            return dict.fromkeys(self._numbers(self._by_form, bases), DIMINUTIVE_OR_NAME) | found
        found = dict.fromkeys(self._numbers(self._by_form, bases), DIMINUTIVE)
        if not found:
            sounds = [sound(form) for form in (*singulars(word), *bases)]
            found = dict.fromkeys(self._numbers(self._by_sound, sounds), SOUND)
        return found or self._guess(word)

    def _guess(self, word: str) -> dict[int, float]:
        """Words a slip of the finger away, and words that begin like this one."""
        found: dict[int, float] = {}
        for form in singulars(word):
            slips = int(len(form) * (1 - LEAST_LIKENESS))
            if len(form) < SHORTEST_MISSPELT or not slips:
                continue
            near = [
                known for length in range(len(form) - slips, len(form) + slips + 1) for known in self._by_length[length]
            ]
            for known, distance, _ in process.extract(
                form, near, scorer=OSA.distance, score_cutoff=slips, limit=MAX_GUESSES
            ):
                likeness = 1 - distance / max(len(form), len(known))
                if known[0] != form[0]:
                    likeness *= OTHER_BEGINNING
                if likeness >= LEAST_LIKENESS * OTHER_BEGINNING:
                    number = self._ids[known]
                    found[number] = max(found.get(number, 0.0), likeness)
        if not found and len(word) >= SHORTEST_BEGINNING:
            found = {number: BEGINNING for known, number in self._ids.items() if known.startswith(word)}
        return found

    @staticmethod
    def _numbers(table: dict[str, list[int]], keys: Iterable[str]) -> list[int]:
        return [number for key in keys for number in table.get(key, ())]

    def is_known(self, word: str) -> bool:
        """Known as it stands, or but for number or gender."""
        return any(form in self._by_form for form in singulars(word))
