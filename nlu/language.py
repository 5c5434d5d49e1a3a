"""Which of our languages a message is written in, and how sure that is."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix

from nlu.features import ngram_counts
from nlu.normalization import printable
from nlu.softmax import SoftmaxRegression

LANGUAGES = ("es", "en")
_FILE = "language.npz"
_LETTER = re.compile(r"[^\W\d_]")


class LanguageModel:
    """Spanish or English by characters and words.

    "ok", "2" or a brand name say little: their confidence stays near one half, so that the language of the
    conversation wins over them.
    """

    def __init__(self, regression: SoftmaxRegression) -> None:
        self._regression = regression

    @classmethod
    def fit(cls, texts: list[str], languages: list[str]) -> LanguageModel:
        """Learn from `texts`, each written in the language at the same place of `languages`."""
        ngrams = _language_ngrams(texts)
        return cls(SoftmaxRegression.fit(_no_dense(len(texts)), ngrams, languages, strength=3.0))

    def detect(self, texts: list[str]) -> list[tuple[str, float]]:
        """For each text its language and the confidence in it, 0.5 (a coin) to 1."""
        rows = self._regression.probabilities(_no_dense(len(texts)), _language_ngrams(texts))
        return [self._verdict(text, row) for text, row in zip(texts, rows, strict=True)]

    def _verdict(self, text: str, row: np.ndarray) -> tuple[str, float]:
        if not _LETTER.search(text):
            return LANGUAGES[0], 0.5
        best = int(np.argmax(row))
        return self._regression.labels[best], float(row[best])

    def save(self, folder: Path) -> None:
        """Write the model into `folder`."""
        np.savez_compressed(folder / _FILE, **self._regression.arrays())

    @classmethod
    def load(cls, folder: Path) -> LanguageModel:
        """Read the model that `save` wrote into `folder`."""
        with np.load(folder / _FILE, allow_pickle=False) as arrays:
            return cls(SoftmaxRegression.from_arrays(arrays))


def _language_ngrams(texts: list[str]) -> csr_matrix:
    return ngram_counts(printable(text).lower() for text in texts)


def _no_dense(rows: int) -> np.ndarray:
    return np.zeros((rows, 0), dtype=np.float32)
