"""What a bench keeps of one run for the next, where numpy is: in Rasa's environment."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.nlu.test_understanding import in_rasa

pytestmark = pytest.mark.rasa

# Encodes each text as its length; three runs, of which the second is stopped in the middle of a batch.
RUNS = """
import json, sys
from pathlib import Path
import numpy as np
from bench.kept_vectors import KeptVectors

folder, asked = Path(sys.argv[1]), []
def encode(texts):
    asked.append(texts)
    if "stop" in texts and len(asked) == 2:
        raise KeyboardInterrupt
    return np.array([[len(text)] for text in texts], np.float32)

first = KeptVectors(folder, encode, "v1")
first(["a", "bb"])
try:
    KeptVectors(folder, encode, "v1")(["stop"])
except KeyboardInterrupt:
    pass
third = KeptVectors(folder, encode, "v1")
found = [third(texts).ravel().tolist() for texts in (["a", "bb"], ["stop"])]
other = KeptVectors(folder, encode, "v2")
other(["a", "bb"])
print(json.dumps({
    "asked": asked, "found": found, "third": [third.found, third.made], "other": [other.found, other.made],
}))
"""


def test_a_second_run_encodes_only_what_the_first_did_not_finish_and_nothing_of_other_encoders(tmp_path: Path) -> None:
    told = json.loads(in_rasa("-c", RUNS, str(tmp_path)))

    assert told["asked"] == [["a", "bb"], ["stop"], ["stop"], ["a", "bb"]]
    assert told["found"] == [[1, 2], [4]]
    assert told["third"] == [2, 1]
    assert told["other"] == [0, 2]
