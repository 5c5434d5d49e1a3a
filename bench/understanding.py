"""How long the assistant takes to understand one message, without talk, actions or anything around it."""

from __future__ import annotations

import json
import os
import random
import statistics
import subprocess

from bench.figures import Figure, percentile
from comanda.model import ensure_model
from comanda.project import RASA_ENVIRONMENT, READING_SETTINGS, ROOT
from comanda.training_lines import read_held_out

MESSAGES = 520
MEDIAN_MS_MOST = 25


def measure() -> list[Figure]:
    """Messages nobody trains on, Spanish and English as they come; no two alike, so that nothing is remembered."""
    texts = sorted({line.text for line in read_held_out(ROOT / "tests" / "nlu" / "heldout")})
    chosen = random.Random(7).sample(texts, MESSAGES)
    done = subprocess.run(
        [str(RASA_ENVIRONMENT / "bin" / "python"), "-m", "bench.reading", str(ensure_model())],
        cwd=ROOT,
        env=os.environ | READING_SETTINGS,
        input=json.dumps(chosen),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    taken: dict[str, list[float]] = json.loads(done.stdout.splitlines()[-1])
    return [
        Figure("a message never seen: median", statistics.median(taken["new_ms"]), "ms", at_most=MEDIAN_MS_MOST),
        Figure("a message never seen: p95", percentile(taken["new_ms"], 95), "ms"),
        Figure("a message never seen: CPU, mean", statistics.mean(taken["cpu_ms"]), "ms"),
        Figure("… one of several wishes: median", statistics.median(taken["several_ms"]), "ms"),
        Figure("a message said before: median", statistics.median(taken["again_ms"]), "ms"),
    ]
