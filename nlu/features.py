"""The numbers a message is judged by: sentence vectors, hashed n-grams and the grammars' cues."""

from __future__ import annotations

import functools
import re
import zlib
from collections.abc import Callable

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


def message_features(
    texts: list[str], languages: list[str], encode: Callable[[list[str]], np.ndarray] = sentence_vectors
) -> np.ndarray:
    """All features of each text, float32 [texts, features]; `languages` says how shorthand and numbers are read.

    `encode` gives the sentence vectors of normalised texts; a bench may remember them from one run to the next.
    """
    plain = [normalize(text, language) for text, language in zip(texts, languages, strict=True)]
    found = np.array([cues(text, language) for text, language in zip(texts, languages, strict=True)], np.float32)
    ngrams = ngram_vectors([without_accents(text) for text in plain])
    return np.hstack([encode(plain), _NGRAMS_WEIGHT * ngrams, _CUES_WEIGHT * found])


def ngram_vectors(texts: list[str]) -> np.ndarray:
    """Hashed words, word pairs and character n-grams of each text, float32 [texts, BUCKETS], of unit length."""
    vectors = np.zeros((len(texts), BUCKETS), np.float32)
    for vector, text in zip(vectors, texts, strict=True):
        codes, counts = np.unique(_codes(text), return_counts=True)
        signs = np.where(codes >> 31, 1, -1)
        vector += np.bincount(codes % BUCKETS, signs * (1 + np.log(counts)), BUCKETS)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-9))


def _codes(text: str) -> np.ndarray:
    """A hash for each n-gram of `text`, in no order."""
    tokens = _TOKEN.findall(text)
    pairs = [_code(f"{left} {right}") for left, right in zip(["^", *tokens], [*tokens, "$"], strict=True)]
    of_words = (_codes_of_word(token) if len(token) <= _COMMON_WORD else _hashed(token) for token in tokens)
    return np.concatenate([np.array(pairs, np.int64), *of_words])


def _hashed(word: str) -> np.ndarray:
    padded = f"_{word}_"
    parts = [padded[start : start + size] for size in _NGRAM_SIZES for start in range(len(padded) - size + 1)]
    return np.array([_code(word), *map(_code, parts)], np.int64)


#: Words so short are remembered, a megabyte of them; a customer may write longer ones than ought to be kept.
_COMMON_WORD = 24
_codes_of_word = functools.lru_cache(4_096)(_hashed)


def _code(gram: str) -> int:
    return zlib.crc32(gram.encode("utf-8", "replace"))
