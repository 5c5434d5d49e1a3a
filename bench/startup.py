"""How long one waits for a Comanda: for its training, for its first start, and for every later one."""

from __future__ import annotations

import subprocess
import tempfile
import time
from pathlib import Path

from bench.figures import Figure
from bench.running import COMANDA, running
from comanda.project import ROOT

LATER_START_S_MOST = 60


def measure() -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="comanda-bench-") as name:
        folder = Path(name)
        training_s = _train()
        # The first start finds the model and no database, the later one finds both.
        starts_s = []
        for _ in range(2):
            with running(folder / "home") as comanda:
                starts_s.append(comanda.ready_s)
    first_s, later_s = starts_s
    return [
        Figure("training, nothing cached", training_s, "s"),
        Figure("ready, first start (makes the database and the demo shop)", first_s, "s"),
        Figure("ready, first start and the training", training_s + first_s, "s"),
        Figure("ready, later start", later_s, "s", at_most=LATER_START_S_MOST),
    ]


def _train() -> float:
    """Seconds to train the present model anew; nothing is remembered of earlier trainings."""
    began_at = time.monotonic()
    subprocess.run(
        [COMANDA, "train", "--anew"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    return time.monotonic() - began_at
