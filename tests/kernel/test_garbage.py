"""The collector of garbage in a process that serves; in a process of its own, for it is one for all."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import gc
from kernel import garbage

class Lives: pass
loaded = [Lives() for _ in range(50_000)]
before = len(gc.get_objects())
garbage.spare_what_stays()
ring = Lives(); ring.itself = ring; gone = []
import weakref; weakref.finalize(ring, gone.append, True)
del ring
print(before > 50_000, len(gc.get_objects()) < 1_000, gc.collect() > 0, gone, len(loaded))
"""


def test_what_was_loaded_is_looked_at_no_more_and_what_comes_later_is_still_collected() -> None:
    said = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)

    assert said.stdout.split("\n")[0] == "True True True [True] 50000"
