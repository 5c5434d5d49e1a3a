"""Which of our languages a message is written in, and how sure that is."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from nlu.features import ngram_vectors
from nlu.normalization import printable
from nlu.softmax import SoftmaxRegression

LANGUAGES = ("es", "en")
_STRENGTH = 3.0
# Whole messages that are written alike in both languages.
_ALIKE = {"ok", "okay", "k", "no", "no no", "stop", "info", "bot"}
_LETTER = re.compile(r"[^\W\d_]")


class LanguageModel:
    """Spanish or English by characters and words.

    "ok", "2" or a brand name say little: their confidence stays near one half, so that the language of the
    conversation wins over them.
    """

    FILE = "language.npz"

    def __init__(self, regression: SoftmaxRegression) -> None:
        self._regression = regression

    @classmethod
    def fit(cls, texts: list[str], languages: list[str]) -> LanguageModel:
        """Learn from `texts`, each written in the language at the same place of `languages`."""
        return cls(SoftmaxRegression.fit(_features(texts), languages, _STRENGTH))

    def detect(self, texts: list[str]) -> list[tuple[str, float]]:
        """For each text its language and the confidence in it, 0.5 (a coin) to 1."""
        rows = self._regression.probabilities(_features(texts))
        return [self._verdict(text, row) for text, row in zip(texts, rows, strict=True)]

    def _verdict(self, text: str, row: np.ndarray) -> tuple[str, float]:
        if not _LETTER.search(text) or printable(text).strip(" .,!?").lower() in _ALIKE:
            return LANGUAGES[0], 0.5
        best = int(np.argmax(row))
        return self._regression.labels[best], float(row[best])

    def save(self, folder: Path) -> None:
        """Write the model into `folder`."""
        np.savez_compressed(folder / self.FILE, **self._regression.arrays())

    @classmethod
    def load(cls, folder: Path) -> LanguageModel:
        """Read the model that `save` wrote into `folder`."""
        with np.load(folder / cls.FILE, allow_pickle=False) as arrays:
            return cls(SoftmaxRegression.from_arrays(arrays))


def _features(texts: list[str]) -> np.ndarray:
    return ngram_vectors([printable(text).lower() for text in texts])
