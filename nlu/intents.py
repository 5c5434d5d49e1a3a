"""Which wish of the customer a message carries, with a confidence that means what it says."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np

from nlu.features import message_features
from nlu.softmax import SoftmaxRegression, fit_temperature
from nlu.verdict import FALLBACK, Verdict


class IntentModel:
    """Softmax regression with a temperature and a refusal threshold, both chosen on lines it was not trained on."""

    FILES = ("intents.npz", "intents.json")

    def __init__(self, regression: SoftmaxRegression, temperature: float, threshold: float) -> None:
        self._regression = regression
        self.temperature = temperature
        self.threshold = threshold

    @classmethod
    def fit(
        cls,
        features: np.ndarray,
        intents: list[str],
        strength: float,
        folds: int,
        wrong_cost: float,
        seed: int = 7,
    ) -> IntentModel:
        """Train on everything; calibrate on the held-out part of each of `folds` rounds.

        An intent's own name counts as one more line of it ("order_track" says a good part of what is meant).
        `wrong_cost` says how many honest "I did not understand" one misunderstanding is worth.
        """
        labels = sorted(set(intents))
        names = message_features([_spoken(label) for label in labels], ["en"] * len(labels))
        scores, truth, parts = _held_out_scores(features, intents, names, strength, folds, seed)
        regression = SoftmaxRegression.fit(
            np.vstack([features, names]), intents + labels, strength, SoftmaxRegression.mean(parts)
        )
        temperature = fit_temperature(scores, truth)
        threshold = _fit_threshold(scores / temperature, truth, wrong_cost)
        return cls(regression, temperature, threshold)

    def judge(self, features: np.ndarray) -> list[Verdict]:
        """A verdict for each row."""
        rows = self._regression.probabilities(features, self.temperature)
        return [self._verdict(row) for row in rows]

    def _verdict(self, row: np.ndarray) -> Verdict:
        order = np.argsort(-row)
        ranking = [(self._regression.labels[position], float(row[position])) for position in order]
        intent, confidence = ranking[0]
        if confidence < self.threshold:
            return Verdict(FALLBACK, confidence, ranking)
        return Verdict(intent, confidence, ranking)

    def save(self, folder: Path) -> None:
        """Write the model into `folder`."""
        np.savez_compressed(folder / self.FILES[0], **self._regression.arrays())
        calibration = {"temperature": self.temperature, "threshold": self.threshold}
        (folder / self.FILES[1]).write_text(json.dumps(calibration), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> IntentModel:
        """Read the model that `save` wrote into `folder`."""
        calibration = json.loads((folder / cls.FILES[1]).read_text(encoding="utf-8"))
        with np.load(folder / cls.FILES[0], allow_pickle=False) as arrays:
            return cls(SoftmaxRegression.from_arrays(arrays), **calibration)


def _held_out_scores(
    features: np.ndarray, intents: list[str], names: np.ndarray, strength: float, folds: int, seed: int
) -> tuple[np.ndarray, np.ndarray, list[SoftmaxRegression]]:
    """Scores of every line by a regression that never saw it, the true label positions, those regressions."""
    labels = sorted(set(intents))
    index = {label: position for position, label in enumerate(labels)}
    truth = np.array([index[intent] for intent in intents])
    fold_of = _stratified_folds(truth, folds, seed)
    scores = np.zeros((len(truth), len(labels)))
    parts: list[SoftmaxRegression] = []
    for fold in range(folds):
        kept = np.flatnonzero(fold_of != fold)
        held = np.flatnonzero(fold_of == fold)
        lines = np.vstack([features[kept], names])
        start = parts[-1] if parts else None
        parts.append(SoftmaxRegression.fit(lines, [intents[row] for row in kept] + labels, strength, start))
        scores[held] = parts[-1].scores(features[held])
    return scores, truth, parts


def _spoken(label: str) -> str:
    """A label as words: "Refund_not_showing_up" is "refund not showing up"."""
    return re.sub(r"[\W_]+", " ", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", label)).strip().lower()


def _stratified_folds(truth: np.ndarray, folds: int, seed: int) -> np.ndarray:
    """A fold for each line, every label spread evenly, the same on every run with one seed."""
    random = np.random.default_rng(seed)
    fold_of = np.empty(len(truth), dtype=int)
    for label in np.unique(truth):
        rows = random.permutation(np.flatnonzero(truth == label))
        fold_of[rows] = np.arange(len(rows)) % folds
    return fold_of


def _fit_threshold(scores: np.ndarray, truth: np.ndarray, wrong_cost: float) -> float:
    """The confidence below which refusing costs less than answering."""
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    confidence = shifted.max(axis=1) / shifted.sum(axis=1)
    right = scores.argmax(axis=1) == truth
    candidates = np.linspace(0.1, 0.7, 61)
    gains = [right[confidence >= c].sum() - wrong_cost * (~right[confidence >= c]).sum() for c in candidates]
    return float(candidates[int(np.argmax(gains))])
