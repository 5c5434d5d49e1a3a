"""The command `python -m nlu.vectors`: bring the stored vectors of the training lines up to date with data/nlu."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import yaml

from nlu.encoders import STORE, fresh_vectors, rows_of, stored_rows
from nlu.intents import spoken
from nlu.normalization import key_of, normalize, printable
from nlu.processor import runs_second_encoder

_DATA = Path(__file__).parents[1] / "data" / "nlu"
_BATCH = 256


def main() -> None:
    """Encode the lines that are new, drop those that are gone, keep the others byte for byte."""
    if not runs_second_encoder():
        sys.exit("this processor has no AVX2, which the second sentence encoder needs")
    wanted = {key_of(text): text for text in training_texts()}
    kept = np.array([row for row in stored_rows() if int(row["key"]) in wanted], stored_rows().dtype)
    known = {int(key) for key in kept["key"]}
    new = [(key, text) for key, text in wanted.items() if key not in known]
    made = [kept]
    for start in range(0, len(new), _BATCH):
        keys, texts = zip(*new[start : start + _BATCH], strict=True)
        made.append(rows_of(list(keys), fresh_vectors(list(texts))))
        sys.stdout.write(f"\r{min(start + _BATCH, len(new))} of {len(new)} new lines")
        sys.stdout.flush()
    # Written beside and moved: the old file is mapped while this runs.
    fresh = STORE.with_suffix(".new")
    np.sort(np.concatenate(made), order="key").tofile(fresh)
    fresh.replace(STORE)
    sys.stdout.write(f"\n{len(wanted)} lines in {STORE.name}\n")


def training_texts() -> list[str]:
    """Every training line as the encoder sees it, and every intent's name."""
    blocks = [
        block
        for path in sorted(_DATA.glob("*.yml"))
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]
    ]
    return [normalize(spoken(intent), "en") for intent in sorted({block["intent"] for block in blocks})] + [
        normalize(printable(line[2:].strip().strip('"')), block["metadata"]["language"])
        for block in blocks
        for line in block["examples"].strip().splitlines()
    ]


if __name__ == "__main__":
    main()
