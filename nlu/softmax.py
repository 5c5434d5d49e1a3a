"""Softmax regression fitted by L-BFGS and kept as plain arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize


@dataclass(frozen=True)
class SoftmaxRegression:
    """One linear score per label: `features @ weights + bias`."""

    labels: list[str]
    weights: np.ndarray  # [features, labels]
    bias: np.ndarray  # [labels]

    @classmethod
    def fit(
        cls,
        features: np.ndarray,
        targets: list[str],
        strength: float,
        start: SoftmaxRegression | None = None,
        iterations_max: int = 150,
    ) -> SoftmaxRegression:
        """Minimise the cross-entropy plus an L2 penalty, weak when `strength` (`C` elsewhere) is large.

        `start`, a regression with the same labels, saves steps and changes nothing else.

        Labels weigh by the square root of their rarity: enough for a rare wish to be heard, too little for it
        to swallow the common ones.
        """
        labels = sorted(set(targets))
        truth = _positions(targets, labels)
        counts = np.bincount(truth, minlength=len(labels))
        importance = np.sqrt(counts.mean() / counts)[truth].astype(np.float32)
        rows = np.arange(len(truth))
        features = features.astype(np.float32)
        width = features.shape[1]
        penalised = width * len(labels)

        def loss_and_gradient(flat: np.ndarray) -> tuple[float, np.ndarray]:
            table = flat.reshape(width + 1, len(labels)).astype(np.float32)
            error = _softmax(features @ table[:-1] + table[-1])
            loss = -float(importance @ np.log(error[rows, truth] + 1e-12)) * strength
            loss += 0.5 * float(flat[:penalised] @ flat[:penalised])
            error[rows, truth] -= 1
            error *= (importance * strength)[:, None]
            gradient = np.vstack([features.T @ error, error.sum(axis=0)]).ravel().astype(np.float64)
            gradient[:penalised] += flat[:penalised]
            return loss, gradient

        first = np.zeros(penalised + len(labels))
        if start is not None and start.labels == labels:
            first = np.vstack([start.weights, start.bias]).ravel().astype(np.float64)
        best = minimize(
            loss_and_gradient,
            first,
            jac=True,
            method="L-BFGS-B",
            options={"maxiter": iterations_max, "ftol": 1e-5, "gtol": 1e-3},
        )
        table = best.x.reshape(width + 1, len(labels)).astype(np.float32)
        return cls(labels, table[:-1], table[-1])

    @classmethod
    def mean(cls, parts: list[SoftmaxRegression]) -> SoftmaxRegression | None:
        """The regression between `parts`, nothing where their labels differ."""
        if any(part.labels != parts[0].labels for part in parts):
            return None
        weights = np.mean([part.weights for part in parts], axis=0)
        return cls(parts[0].labels, weights, np.mean([part.bias for part in parts], axis=0))

    def plus(self, other: SoftmaxRegression, weight: float) -> SoftmaxRegression:
        """The regression whose scores are these and `weight` times those of `other`, which has the same labels."""
        assert other.labels == self.labels
        return SoftmaxRegression(
            self.labels, self.weights + weight * other.weights, self.bias + np.float32(weight) * other.bias
        )

    def scores(self, features: np.ndarray) -> np.ndarray:
        """Unnormalised scores, one row a message and one column a label."""
        return np.asarray(features @ self.weights + self.bias)

    def probabilities(self, features: np.ndarray, temperature: float = 1.0) -> np.ndarray:
        """Scores divided by `temperature` and made to sum to one in each row."""
        return _softmax(self.scores(features) / temperature)

    def arrays(self) -> dict[str, np.ndarray]:
        """What `from_arrays` needs to make this regression again; plain arrays, nothing pickled."""
        return {"labels": np.array(self.labels), "weights": self.weights.astype(np.float16), "bias": self.bias}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray]) -> SoftmaxRegression:
        """The regression that `arrays` came from."""
        labels = [str(label) for label in arrays["labels"]]
        return cls(labels, arrays["weights"].astype(np.float32), arrays["bias"])


def fit_temperature(scores: np.ndarray, truth: np.ndarray) -> tuple[float, float]:
    """The temperature under which unseen `scores` are best calibrated against `truth` (label positions), and how far
    they are from it then."""
    candidates = np.geomspace(0.3, 4.0, 40)
    rows = np.arange(len(truth))
    losses = [-np.log(_softmax(scores / candidate)[rows, truth] + 1e-12).mean() for candidate in candidates]
    best = int(np.argmin(losses))
    return float(candidates[best]), float(losses[best])


def _positions(targets: list[str], labels: list[str]) -> np.ndarray:
    index = {label: position for position, label in enumerate(labels)}
    return np.array([index[target] for target in targets])


def _softmax(scores: np.ndarray) -> np.ndarray:
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))
