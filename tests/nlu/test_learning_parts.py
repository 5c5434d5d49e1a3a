"""What a message's vectors and the regression over them rest on, where numpy is: in Rasa's environment."""

from __future__ import annotations

import json

import pytest

from tests.nlu.test_understanding import in_rasa

pytestmark = pytest.mark.rasa

REMEMBERING = """
import json
import numpy as np
from nlu import encoders

asked = []
def encode(texts):
    asked.append(texts)
    return np.array([[len(text)] for text in texts], np.float32)
encoders._encode, encoders.REMEMBERED = encode, 3
found = [encoders.sentence_vectors(texts).ravel().tolist() for texts in
         (["hola", "gracias", "hola"], ["gracias", "ok"], ["dos panes"], ["gracias", "hola", ""])]
print(json.dumps({"found": found, "asked": asked}))
"""


def test_a_text_said_again_is_not_encoded_again_until_others_were_said_since() -> None:
    told = json.loads(in_rasa("-c", REMEMBERING))

    assert told["found"] == [[4, 7, 4], [7, 2], [9], [7, 4, 1]]
    assert told["asked"] == [["hola", "gracias"], ["ok"], ["dos panes"], ["hola", "?"]]


# Columns that nearly say the same and differ a hundredfold in size: what makes a search along the columns slow.
LOWEST = """
import json
import numpy as np
from nlu.softmax import SoftmaxRegression, softmax

random = np.random.default_rng(3)
hidden = random.normal(size=(600, 6))
features = np.hstack([hidden @ random.normal(size=(6, 40)) * np.geomspace(0.05, 5, 40), random.normal(size=(600, 5))])
truth = (hidden @ random.normal(size=(6, 4))).argmax(axis=1)
model = SoftmaxRegression.fit(features, ["abcd"[label] for label in truth], 20.0)
weight = 20 * np.sqrt(150 / np.bincount(truth))[truth][:, None]
def slope(table, bias):
    return features.T @ (weight * (softmax(features @ table + bias) - np.eye(4)[truth])) + table
left = slope(model.weights, model.bias)
print(json.dumps(float(np.linalg.norm(left) / np.linalg.norm(slope(0 * model.weights, 0 * model.bias)))))
"""


def test_the_regression_ends_where_no_step_leads_lower() -> None:
    assert json.loads(in_rasa("-c", LOWEST)) < 2e-3


# Two wishes along two axes; a message far from both is still likelier one of them, and says little of either.
FLOOR = """
import json, tempfile
from pathlib import Path
import numpy as np
from nlu.intents import IntentModel
from nlu.neighbours import Neighbours
from nlu.softmax import SoftmaxRegression

regression = SoftmaxRegression(["a", "b"], np.eye(2, dtype=np.float32) * 8, np.zeros(2, np.float32))
near = Neighbours.of(np.eye(2, dtype=np.float32), np.array([0, 1]), 2, 2)
messages = np.array([[1.0, 0.0], [0.3, -0.3], [0.05, 0.02]], np.float32)
told = {}
for name, floor in (("none", None), ("four", 4.0)):
    model = IntentModel(regression, near, 0.0, 1.0, 0.6, floor)
    with tempfile.TemporaryDirectory() as folder:
        model.save(Path(folder))
        kept = IntentModel.load(Path(folder))
    told[name] = [[v.intent for v in m.judge(messages)] for m in (model, kept)]
print(json.dumps(told))
"""


def test_a_floor_refuses_what_is_likely_one_wish_and_like_none_and_survives_on_disk() -> None:
    told = json.loads(in_rasa("-c", FLOOR))

    assert told["none"] == 2 * [["a", "a", "nlu_fallback"]]
    assert told["four"] == 2 * [["a", "nlu_fallback", "nlu_fallback"]]
