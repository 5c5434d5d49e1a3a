"""When customers come of their own accord: the schedule of an open-loop load.

Whoever waits for an answer before sending the next message stops sending when the answers are slow, and measures
a slow system kindly. An open loop sends when the schedule says so, and a latency counts from that moment.
"""

from __future__ import annotations

import random
from collections.abc import Iterator


def arrivals(per_second: float, duration_s: float, seed: int) -> Iterator[float]:
    """Moments, in seconds from the start, at which independent customers come: a Poisson process, the same per seed."""
    chance = random.Random(seed)
    moment = chance.expovariate(per_second)
    while moment < duration_s:
        yield moment
        moment += chance.expovariate(per_second)
