"""Softmax regression fitted by L-BFGS and kept as plain arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.linalg import cholesky, solve_triangular
from scipy.optimize import minimize, minimize_scalar

# What p(1-p) is on average while it is searched, and of how many lines the bowl's shape is taken. Other guesses lead to
# the same place in more steps.
_CURVATURE = 0.02
_SHAPING_LINES = 4_000


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
        iterations_max: int = 40,
    ) -> SoftmaxRegression:
        """Minimise the cross-entropy plus an L2 penalty, weak when `strength` (`C` elsewhere) is large.

        `start`, a regression with the same labels, saves steps and changes nothing else.

        Labels weigh by the square root of their rarity: enough for a rare wish to be heard, too little for it
        to swallow the common ones.

        The search goes in coordinates in which the bowl is about round (columns that say the same are stretched
        apart): in 40 steps it comes as low as in 150 along the columns as they are.
        """
        labels = sorted(set(targets))
        truth = _positions(targets, labels)
        counts = np.bincount(truth, minlength=len(labels))
        importance = np.sqrt(counts.mean() / counts)[truth].astype(np.float32)
        weight = (importance * strength)[:, None]
        rows = np.arange(len(truth))
        lines = np.hstack([features, np.ones((len(truth), 1))]).astype(np.float32)
        shape = (lines.shape[1], len(labels))
        # All but the bias is drawn towards naught.
        drawn = np.append(np.ones(features.shape[1], np.float32), np.float32(1e-3))
        every = -(-len(lines) // _SHAPING_LINES)
        bowl = _CURVATURE * every * (lines[::every] * weight[::every]).T @ lines[::every] + np.diag(drawn)
        root = cholesky(bowl, lower=True, overwrite_a=True)
        drawn[-1] = 0

        def loss_and_gradient(flat: np.ndarray) -> tuple[float, np.ndarray]:
            table = solve_triangular(root, flat.reshape(shape).astype(np.float32), trans="T", lower=True)
            error = softmax(lines @ table)
            pull = drawn[:, None] * table
            loss = -float(importance @ np.log(error[rows, truth] + 1e-12)) * strength
            loss += 0.5 * float(np.vdot(pull, table))
            error[rows, truth] -= 1
            error *= weight
            gradient = solve_triangular(root, lines.T @ error + pull, lower=True)
            return loss, gradient.ravel().astype(np.float64)

        first = np.zeros(shape)
        if start is not None and start.labels == labels:
            first = root.T @ np.vstack([start.weights, start.bias])
        best = minimize(
            loss_and_gradient,
            first.ravel().astype(np.float64),
            jac=True,
            method="L-BFGS-B",
            options={"maxiter": iterations_max, "ftol": 1e-5, "gtol": 1e-3},
        )
        table = solve_triangular(root, best.x.reshape(shape).astype(np.float32), trans="T", lower=True)
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
        return softmax(self.scores(features) / temperature)

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
    rows = np.arange(len(truth))

    def loss(power: float) -> float:
        return float(-np.log(softmax(scores * np.float32(np.exp(-power)))[rows, truth] + 1e-12).mean())

    best = minimize_scalar(loss, bounds=(np.log(0.3), np.log(4.0)), method="bounded", options={"xatol": 0.02})
    return float(np.exp(best.x)), float(best.fun)


def _positions(targets: list[str], labels: list[str]) -> np.ndarray:
    index = {label: position for position, label in enumerate(labels)}
    return np.array([index[target] for target in targets])


def softmax(scores: np.ndarray) -> np.ndarray:
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))
