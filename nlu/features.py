"""The numbers a message is judged by: sentence vectors, hashed n-grams and the grammars' cues."""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Iterator

import numpy as np

from nlu.cues import cues
from nlu.encoders import sentence_vectors
from nlu.normalization import normalize, without_accents

#: Hashed n-grams share this many columns; a second hash gives each its sign, so that collisions cancel out.
BUCKETS = 1024
# How much each block counts beside the unit-length sentence vector; chosen by cross-validation on data/nlu.
_NGRAMS_WEIGHT = 0.7
_CUES_WEIGHT = 0.5
_NGRAM_SIZES = (2, 3, 4, 5)
_TOKEN = re.compile(r"[^\W_]+|[?!¿¡%$#]|[^\w\s]")


def message_features(texts: list[str], languages: list[str], *, training: bool = False) -> np.ndarray:
    """All features of each text, float32 [texts, features]; `languages` says how shorthand and numbers are read.

    `training` lines take the slow encoder's vector from the store: the same to a hundredth, a hundred times sooner.
    """
    plain = [normalize(text, language) for text, language in zip(texts, languages, strict=True)]
    found = np.array([cues(text, language) for text, language in zip(texts, languages, strict=True)], np.float32)
    ngrams = ngram_vectors([without_accents(text) for text in plain])
    return np.hstack([sentence_vectors(plain, stored=training), _NGRAMS_WEIGHT * ngrams, _CUES_WEIGHT * found])


def ngram_vectors(texts: list[str]) -> np.ndarray:
    """Hashed words, word pairs and character n-grams of each text, float32 [texts, BUCKETS], of unit length."""
    vectors = np.zeros((len(texts), BUCKETS), np.float32)
    for vector, text in zip(vectors, texts, strict=True):
        for gram, count in Counter(_grams(text)).items():
            code = zlib.crc32(gram.encode("utf-8", "replace"))
            vector[code % BUCKETS] += (1 if code >> 31 else -1) * (1 + np.log(count))
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-9))


def _grams(text: str) -> Iterator[str]:
    tokens = _TOKEN.findall(text)
    for left, right in zip(["^", *tokens], [*tokens, "$"], strict=True):
        yield f"{left} {right}"
    for token in tokens:
        yield token
        padded = f"_{token}_"
        for size in _NGRAM_SIZES:
            for start in range(len(padded) - size + 1):
                yield padded[start : start + size]
