"""The training lines nearest to a message, and what they mean: sees islands that no one line between labels parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

# Chosen by four-fold cross-validation over our own training lines, as the number and reach of those that are asked.
_DIMENSIONS = 256
_ASKED = 30
_REACH = 0.05
# What a label that none of them bears is still worth; keeps one odd line from ruling anything out.
_FLOOR = 0.01
_BATCH = 1_000


@dataclass(frozen=True)
class Neighbours:
    """Training lines as points on a sphere, near where they mean alike.

    `labels` holds the position of each line's label among `count` of them.
    """

    center: np.ndarray  # [columns]
    turn: np.ndarray  # [columns, dimensions]
    lines: np.ndarray  # float32 [lines, dimensions], of unit length
    labels: np.ndarray  # [lines]
    count: int

    @classmethod
    def of(cls, features: np.ndarray, labels: np.ndarray, count: int, columns: int) -> Neighbours:
        """From sentence vectors, the first `columns` of `features`, and the position of each line's label.

        The directions in which lines differ most are kept, the widest drawn in, so that common words count less.
        """
        vectors = _unit(features[:, :columns].astype(np.float32))
        center = vectors.mean(axis=0)
        spread = vectors - center
        width, directions = np.linalg.eigh((spread.T @ spread).astype(np.float64) / max(len(spread) - 1, 1))
        width, directions = width[-_DIMENSIONS:], directions[:, -_DIMENSIONS:]
        turn = (directions / (width.clip(0) + np.median(width) + 1e-9) ** 0.25).astype(np.float32)
        return cls(center, turn, _unit(spread @ turn), labels, count)

    def log_shares(self, features: np.ndarray) -> np.ndarray:
        """For each row how much each label weighs among its nearest lines, as logarithms [rows, count]."""
        points = _unit((_unit(features[:, : len(self.center)].astype(np.float32)) - self.center) @ self.turn)
        shares = np.zeros((len(points), self.count), np.float32)
        asked = min(_ASKED, len(self.lines))
        for start in range(0, len(points), _BATCH):
            likeness = points[start : start + _BATCH] @ self.lines.T
            nearest = np.argpartition(-likeness, asked - 1, axis=1)[:, :asked]
            weight = np.exp((np.take_along_axis(likeness, nearest, axis=1) - 1) / _REACH)
            rows = np.arange(start, start + len(likeness))
            np.add.at(shares, (rows[:, None], self.labels[nearest]), weight)
        total = shares.sum(axis=1, keepdims=True)
        return np.asarray(np.log(shares / np.maximum(total, 1e-9) + _FLOOR))

    def arrays(self) -> dict[str, np.ndarray]:
        """What `from_arrays` needs to make them again; plain arrays, nothing pickled."""
        return {
            "center": self.center.astype(np.float16),
            "turn": self.turn.astype(np.float16),
            # Of unit length again when read, whatever they are multiplied by.
            "lines": np.rint(self.lines * (127 / np.abs(self.lines).max())).astype(np.int8),
            "labels": self.labels.astype(np.uint16),
            "count": np.array(self.count),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray]) -> Neighbours:
        """The neighbours that `arrays` came from."""
        return cls(
            arrays["center"].astype(np.float32),
            arrays["turn"].astype(np.float32),
            _unit(arrays["lines"].astype(np.float32)),
            arrays["labels"].astype(np.intp),
            int(arrays["count"]),
        )


def _unit(vectors: np.ndarray) -> np.ndarray:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9))
