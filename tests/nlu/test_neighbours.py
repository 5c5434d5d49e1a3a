"""What the nearest training lines say of a message, where numpy is: in Rasa's environment."""

from __future__ import annotations

import json

import pytest

from tests.nlu.test_understanding import in_rasa

pytestmark = pytest.mark.rasa

# Label 1 lies on two islands amid label 0: no plane parts them.
ISLAND = """
import json
import numpy as np
from nlu.neighbours import Neighbours
from nlu.softmax import SoftmaxRegression

random = np.random.default_rng(5)
angle = random.uniform(-1.5, 1.5, 900)
features = np.column_stack([np.cos(angle), np.sin(angle), random.normal(scale=0.02, size=900)]).astype(np.float32)
labels = ((np.abs(angle) > 0.3) & (np.abs(angle) < 0.8)).astype(np.intp)
known, asked = features[:600], features[600:]
regression = SoftmaxRegression.fit(known, ["ab"[label] for label in labels[:600]], 20.0)
neighbours = Neighbours.of(known, labels[:600], 2, 3)
again = Neighbours.from_arrays(neighbours.arrays())
shares = neighbours.log_shares(asked)
print(json.dumps({
    "regression": float((regression.scores(asked).argmax(axis=1) == labels[600:]).mean()),
    "neighbours": float((shares.argmax(axis=1) == labels[600:]).mean()),
    "own": float((neighbours.log_shares(known).argmax(axis=1) == labels[:600]).mean()),
    "stored": float(np.abs(np.exp(again.log_shares(asked)) - np.exp(shares)).max()),
}))
"""


@pytest.fixture(scope="module")
def told() -> dict[str, float]:
    found: dict[str, float] = json.loads(in_rasa("-c", ISLAND))
    return found


def test_neighbours_see_islands_that_no_plane_parts(told: dict[str, float]) -> None:
    assert told["regression"] < 0.75
    assert told["neighbours"] > 0.96
    assert told["own"] > 0.96


def test_neighbours_that_were_stored_say_nearly_the_same(told: dict[str, float]) -> None:
    assert told["stored"] < 0.1
