"""The linear discriminant, where numpy is: in Rasa's environment."""

from __future__ import annotations

import json

import pytest

from tests.nlu.test_understanding import in_rasa

pytestmark = pytest.mark.rasa

# Two labels a step apart along the first of twenty columns; all lines are strewn ten times as far along the second,
# which is why the nearest mean is often the wrong one. The last column is not to be looked at.
CODE = """
import json
import numpy as np
from nlu.discriminant import fit_discriminant

def lines(count, seed):
    noise = np.random.default_rng(seed).normal(size=(count, 21)) * 0.3
    noise[:, 1] *= 10
    truth = np.arange(count) % 2
    noise[:, 0] += truth
    noise[:, 20] = truth
    return noise.astype(np.float32), truth

features, truth = lines(40, 7)
unseen, meant = lines(1000, 8)
means = np.array([features[truth == label, :20].mean(axis=0) for label in (0, 1)])
nearest = np.linalg.norm(unseen[:, None, :20] - means, axis=2).argmin(axis=1)
model = fit_discriminant(features, ["ab"[label] for label in truth], 20)
print(json.dumps({
    "labels": model.labels,
    "right": float((model.scores(unseen).argmax(axis=1) == meant).mean()),
    "nearest": float((nearest == meant).mean()),
    "last": np.abs(model.weights[20]).max().item(),
    "sum": np.abs(model.plus(model, 2.0).weights - 3 * model.weights).max().item() < 1e-4,
}))
"""


def test_it_looks_past_the_noise_that_all_labels_share() -> None:
    found = json.loads(in_rasa("-c", CODE))

    assert found["labels"] == ["a", "b"]
    assert found["right"] > 0.85
    assert found["right"] > found["nearest"] + 0.1
    assert found["last"] == 0
    assert found["sum"]
