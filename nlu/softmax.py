"""Softmax regression over dense and sparse features, fitted by L-BFGS and kept as plain arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_matrix


@dataclass(frozen=True)
class SoftmaxRegression:
    """One linear score per label: `dense @ dense_weights + sparse @ sparse_weights + bias`.

    Both feature blocks are fitted together but stored apart, because one sparse matrix holding the dense block
    trains twenty times slower.
    """

    labels: list[str]
    dense_weights: np.ndarray  # [dense features, labels]
    sparse_weights: np.ndarray  # [sparse features, labels]
    bias: np.ndarray  # [labels]

    @classmethod
    def fit(
        cls, dense: np.ndarray, sparse: csr_matrix, targets: list[str], strength: float, iterations_max: int = 200
    ) -> SoftmaxRegression:
        """Minimise the mean cross-entropy plus an L2 penalty, weak when `strength` (`C` elsewhere) is large.

        Labels weigh by the square root of their rarity: enough for a rare wish to be heard, too little for it
        to swallow the common ones.
        """
        labels = sorted(set(targets))
        index = {label: position for position, label in enumerate(labels)}
        truth = np.array([index[target] for target in targets])
        counts = np.bincount(truth, minlength=len(labels))
        weights = np.sqrt(counts.mean() / counts)[truth]
        rows = np.arange(len(truth))
        dense = dense.astype(np.float32)
        sparse = sparse.astype(np.float32)
        transposed = sparse.T.tocsr()
        shapes = [(dense.shape[1], len(labels)), (sparse.shape[1], len(labels)), (1, len(labels))]
        cuts = np.cumsum([height * width for height, width in shapes])

        def unpack(flat: np.ndarray) -> list[np.ndarray]:
            return [part.reshape(shape) for part, shape in zip(np.split(flat, cuts[:-1]), shapes, strict=True)]

        def loss_and_gradient(flat: np.ndarray) -> tuple[float, np.ndarray]:
            dense_weights, sparse_weights, bias = unpack(flat.astype(np.float32))
            probabilities = _softmax(dense @ dense_weights + sparse @ sparse_weights + bias)
            loss = -float(weights @ np.log(probabilities[rows, truth] + 1e-12)) * strength
            loss += 0.5 * float(flat[: cuts[1]] @ flat[: cuts[1]])
            error = probabilities
            error[rows, truth] -= 1
            error *= (weights * strength)[:, None]
            gradient = np.concatenate([(dense.T @ error).ravel(), (transposed @ error).ravel(), error.sum(axis=0)])
            gradient = gradient.astype(np.float64)
            gradient[: cuts[1]] += flat[: cuts[1]]
            return loss, gradient

        best = minimize(
            loss_and_gradient,
            np.zeros(cuts[-1]),
            jac=True,
            method="L-BFGS-B",
            options={"maxiter": iterations_max, "ftol": 1e-7, "gtol": 1e-4},
        )
        dense_weights, sparse_weights, bias = unpack(best.x.astype(np.float32))
        return cls(labels, dense_weights, sparse_weights, bias[0])

    def scores(self, dense: np.ndarray, sparse: csr_matrix) -> np.ndarray:
        """Unnormalised scores, one row a message and one column a label."""
        return np.asarray(dense @ self.dense_weights + sparse @ self.sparse_weights + self.bias)

    def probabilities(self, dense: np.ndarray, sparse: csr_matrix, temperature: float = 1.0) -> np.ndarray:
        """Scores divided by `temperature` and made to sum to one in each row."""
        return _softmax(self.scores(dense, sparse) / temperature)

    def arrays(self) -> dict[str, np.ndarray]:
        """What `from_arrays` needs to make this regression again; plain arrays, nothing pickled."""
        return {
            "labels": np.array(self.labels),
            "dense_weights": self.dense_weights.astype(np.float16),
            "sparse_weights": self.sparse_weights.astype(np.float16),
            "bias": self.bias,
        }

    @classmethod
    def from_arrays(cls, arrays: dict[str, np.ndarray]) -> SoftmaxRegression:
        """The regression that `arrays` came from."""
        return cls(
            [str(label) for label in arrays["labels"]],
            arrays["dense_weights"].astype(np.float32),
            arrays["sparse_weights"].astype(np.float32),
            arrays["bias"],
        )


def fit_temperature(scores: np.ndarray, truth: np.ndarray) -> float:
    """The temperature under which unseen `scores` are best calibrated against `truth` (label positions)."""
    candidates = np.geomspace(0.3, 4.0, 40)
    rows = np.arange(len(truth))
    losses = [-np.log(_softmax(scores / candidate)[rows, truth] + 1e-12).mean() for candidate in candidates]
    return float(candidates[int(np.argmin(losses))])


def _softmax(scores: np.ndarray) -> np.ndarray:
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))
