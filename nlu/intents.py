"""Which wish of the customer a message carries, with a confidence that means what it says."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np

from nlu.discriminant import fit_discriminant
from nlu.encoders import SENTENCE_COLUMNS
from nlu.features import message_features
from nlu.neighbours import Neighbours
from nlu.softmax import SoftmaxRegression, fit_temperature, softmax
from nlu.verdict import FALLBACK, Verdict

# How much the discriminant may count beside the regression. With ten lines a label it is worth as much, with hundreds
# a third.
_SHARES = (0.0, 0.3, 0.6, 1.0, 1.5)
# How much the nearest training lines may count beside both.
_NEAR_SHARES = (0.0, 0.3, 0.6, 1.0)
# Steps of a regression that only calibrates: more of them move neither temperature nor threshold. The one that judges
# begins where these ended, which saves it two steps of three and moves what is understood no further.
_CALIBRATING_STEPS_MAX, _STEPS_MAX = 25, 15


class IntentModel:
    """Softmax regression, linear discriminant and nearest lines added up, with a temperature and a refusal threshold.

    A message is refused where its likeliest wish is unlikelier than `threshold`, and where no wish scores `floor`, if
    there is one: what is like nothing that was learnt may still be likelier one thing than all others. How much each
    part counts, temperature, threshold and floor come from lines that the judging parts had not seen.
    """

    FILES = ("intents.npz", "intents.json", "neighbours.npz")

    def __init__(
        self,
        regression: SoftmaxRegression,
        neighbours: Neighbours,
        near: float,
        temperature: float,
        threshold: float,
        floor: float | None = None,
    ) -> None:
        self._regression = regression
        self._neighbours = neighbours
        self.near = near
        self.temperature = temperature
        self.threshold = threshold
        self.floor = floor

    @classmethod
    def fit(
        cls,
        features: np.ndarray,
        intents: list[str],
        strength: float,
        folds: int,
        wrong_cost: float,
        seed: int = 7,
        below_floor: float = 0.0,
    ) -> IntentModel:
        """Train on everything; calibrate on the held-out part of each of `folds` rounds.

        An intent's own name counts as one more line of it ("order_track" says a good part of what is meant).
        `wrong_cost` says how many honest "I did not understand" one misunderstanding is worth, `below_floor` which
        share of the rightly judged lines a floor may refuse: worth it where no line from outside is taught, else 0.
        """
        labels = sorted(set(intents))
        names = message_features([spoken(label) for label in labels], ["en"] * len(labels))
        (scores, others, nearest), truth, parts = _held_out_scores(features, intents, names, strength, folds, seed)
        lines, targets = np.vstack([features, names]), intents + labels
        regression = SoftmaxRegression.fit(lines, targets, strength, SoftmaxRegression.mean(parts), _STEPS_MAX)
        ratio = _range(scores) / _range(others)
        _, temperature, weight, near = min(
            (loss, temperature, share * ratio, near)
            for share in _SHARES
            for near in _NEAR_SHARES
            for temperature, loss in [fit_temperature(scores + share * ratio * others + near * nearest, truth)]
        )
        linear = scores + weight * others
        summed = linear + near * nearest
        threshold = _fit_threshold(summed / temperature, truth, wrong_cost)
        reached = linear.max(axis=1)[summed.argmax(axis=1) == truth]
        floor = float(np.quantile(reached, below_floor)) if below_floor and len(reached) else None
        discriminant = fit_discriminant(lines, targets, SENTENCE_COLUMNS)
        neighbours = Neighbours.of(features, truth, len(labels), SENTENCE_COLUMNS)
        return cls(regression.plus(discriminant, weight), neighbours, near, temperature, threshold, floor)

    def judge(self, features: np.ndarray) -> list[Verdict]:
        """A verdict for each row."""
        scores = self._regression.scores(features)
        best = scores.max(axis=1)
        if self.near:
            scores = scores + self.near * self._neighbours.log_shares(features)
        likely = softmax(scores / self.temperature)
        return [self._verdict(row, score) for row, score in zip(likely, best, strict=True)]

    def _verdict(self, row: np.ndarray, best: float) -> Verdict:
        order = np.argsort(-row)
        ranking = [(self._regression.labels[position], float(row[position])) for position in order]
        intent, confidence = ranking[0]
        if confidence < self.threshold or (self.floor is not None and best < self.floor):
            return Verdict(FALLBACK, confidence, ranking)
        return Verdict(intent, confidence, ranking)

    def save(self, folder: Path) -> None:
        """Write the model into `folder`."""
        np.savez_compressed(folder / self.FILES[0], **self._regression.arrays())
        np.savez_compressed(folder / self.FILES[2], **self._neighbours.arrays())
        calibration = {
            "near": self.near, "temperature": self.temperature, "threshold": self.threshold, "floor": self.floor,
        }  # fmt: skip
        (folder / self.FILES[1]).write_text(json.dumps(calibration), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> IntentModel:
        """Read the model that `save` wrote into `folder`."""
        calibration = json.loads((folder / cls.FILES[1]).read_text(encoding="utf-8"))
        with np.load(folder / cls.FILES[0], allow_pickle=False) as arrays:
            regression = SoftmaxRegression.from_arrays(arrays)
        with np.load(folder / cls.FILES[2], allow_pickle=False) as arrays:
            return cls(regression, Neighbours.from_arrays(arrays), **calibration)


def _held_out_scores(
    features: np.ndarray, intents: list[str], names: np.ndarray, strength: float, folds: int, seed: int
) -> tuple[np.ndarray, np.ndarray, list[SoftmaxRegression]]:
    """Scores [3, lines, labels] of every line by a regression, a discriminant and neighbours that never saw it, the
    true label positions, those regressions."""
    labels = sorted(set(intents))
    index = {label: position for position, label in enumerate(labels)}
    truth = np.array([index[intent] for intent in intents])
    fold_of = _stratified_folds(truth, folds, seed)
    scores, others, nearest = found = np.zeros((3, len(truth), len(labels)), np.float32)
    parts: list[SoftmaxRegression] = []
    for fold in range(folds):
        kept = np.flatnonzero(fold_of != fold)
        held = np.flatnonzero(fold_of == fold)
        lines, targets = np.vstack([features[kept], names]), [intents[row] for row in kept] + labels
        start = parts[-1] if parts else None
        parts.append(SoftmaxRegression.fit(lines, targets, strength, start, _CALIBRATING_STEPS_MAX))
        scores[held] = parts[-1].scores(features[held])
        others[held] = fit_discriminant(lines, targets, SENTENCE_COLUMNS).scores(features[held])
        known = Neighbours.of(features[kept], truth[kept], len(labels), SENTENCE_COLUMNS)
        nearest[held] = known.log_shares(features[held])
    return found, truth, parts


def _range(scores: np.ndarray) -> float:
    """How far the scores of a row lie from each other."""
    return float(np.std(scores - scores.mean(axis=1, keepdims=True)))


def spoken(label: str) -> str:
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
