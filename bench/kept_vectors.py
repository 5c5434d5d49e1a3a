"""Sentence vectors that one run of a bench leaves for the next: a file a batch, named after all it was made from."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np


class KeptVectors:
    """Encodes what no earlier run has encoded. `found` and `made` count texts.

    `made_by` names the encoders and their versions: under another name nothing is found.
    """

    def __init__(self, folder: Path, encode: Callable[[list[str]], np.ndarray], made_by: str) -> None:
        self._folder, self._encode, self._made_by = folder, encode, made_by
        self.found = self.made = 0
        folder.mkdir(parents=True, exist_ok=True)

    def __call__(self, texts: list[str]) -> np.ndarray:
        """Vectors of normalised texts, float32 [texts, columns]."""
        path = self._folder / f"{self._name(texts)}.npy"
        if path.exists():
            self.found += len(texts)
            return np.asarray(np.load(path, allow_pickle=False))
        vectors = self._encode(texts)
        self.made += len(texts)
        # Written beside and moved: a run that is stopped leaves no half of a file.
        half = path.with_suffix(".new")
        with half.open("wb") as file:
            np.save(file, vectors)
        half.replace(path)
        return vectors

    def _name(self, texts: list[str]) -> str:
        told = "\0".join([self._made_by, *texts])
        return hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()[:24]
