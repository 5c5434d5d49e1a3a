"""Linear discriminant over sentence vectors: each label a point, and one shape of spread for all of them."""

from __future__ import annotations

import numpy as np

from nlu.softmax import SoftmaxRegression

# How far the spread is drawn towards a ball; chosen by cross-validation over training lines of public benchmarks.
_SHRINKAGE = 0.3


def fit_discriminant(features: np.ndarray, targets: list[str], columns: int) -> SoftmaxRegression:
    """Linear scores over the first `columns` of `features`, naught over the others; solved, not searched for.

    With ten lines a label it sees what the regression beside it misses: which ways two messages differ though they
    mean the same, learnt over all labels at once.
    """
    labels = sorted(set(targets))
    index = {label: position for position, label in enumerate(labels)}
    truth = np.array([index[target] for target in targets])
    vectors = features[:, :columns]
    belongs = (truth[:, None] == np.arange(len(labels))).astype(np.float32)
    means = (belongs.T @ vectors).astype(np.float64) / belongs.sum(axis=0)[:, None]
    spread = (vectors - means[truth]).astype(np.float32)
    shape = (spread.T @ spread).astype(np.float64) / len(vectors)
    ball = np.trace(shape) / columns
    shape = (1 - _SHRINKAGE) * shape + (_SHRINKAGE * ball + 1e-9) * np.eye(columns)
    weights = np.zeros((features.shape[1], len(labels)), np.float32)
    solved = np.linalg.solve(shape, means.T)
    weights[:columns] = solved
    bias = -0.5 * np.einsum("ld,dl->l", means, solved)
    return SoftmaxRegression(labels, weights, bias.astype(np.float32))
