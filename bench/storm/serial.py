"""Is there a serial order of operations on one counter that explains every answer? A search, not a guess.

Operations add to the counter, and may say what they saw of it. They commute, so that its value follows from the set of
those that have been, and the search remembers sets: Wing and Gong's, walked along the ends of operations as Lowe does
("Testing for linearizability", 2017). An operation takes place at one moment between its beginning and its end; one
without an end takes place some time after it began.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

# Sets that are looked at before the search gives up: then nothing is shown, and that is said.
CONFIGURATIONS_MOST = 200_000


@dataclass(frozen=True, slots=True)
class Step:
    """`adds` to the counter at one moment from `began_s` to `ended_s` (infinity: whenever).

    `before` and `after` are the values it was told, None when it was told none; `at_least` bounds the value before it.
    """

    name: str
    began_s: float
    ended_s: float
    adds: int = 0
    before: int | None = None
    after: int | None = None
    at_least: int | None = None


class Undecided(Exception):
    """There are too many orders to look at."""


def unexplained(steps: Sequence[Step], start: int, lowest: int | None = None) -> Step | None:
    """The first step whose end no serial order explains; None when one explains them all.

    The counter begins at `start`; it is never below `lowest`.
    Raises: Undecided.
    """
    moments: list[tuple[float, int, int]] = []
    for index, step in enumerate(steps):
        moments.append((step.began_s, 0, index))
        if step.ended_s < math.inf:
            moments.append((step.ended_s, 1, index))
    moments.sort()
    pending: set[int] = set()
    # How many steps are behind all orders is forgotten: a configuration is the pending ones that have taken place.
    settled = start
    configurations: set[frozenset[int]] = {frozenset()}
    for _, is_end, index in moments:
        if not is_end:
            pending.add(index)
            continue
        reached = _reach(configurations, pending, steps, index, settled, lowest)
        if not reached:
            return steps[index]
        pending.discard(index)
        settled += steps[index].adds
        configurations = {each - {index} for each in reached}
    return _last(configurations, pending, steps, settled, lowest)


def _reach(
    configurations: set[frozenset[int]],
    pending: set[int],
    steps: Sequence[Step],
    wanted: int,
    settled: int,
    lowest: int | None,
) -> set[frozenset[int]]:
    """All configurations, reached from these, in which `wanted` has taken place."""
    found: set[frozenset[int]] = set()
    seen = set(configurations)
    waiting = list(configurations)
    while waiting:
        here = waiting.pop()
        if wanted in here:
            found.add(here)
            continue
        value = settled + sum(steps[each].adds for each in here)
        for index in pending - here:
            there = here | {index}
            if there not in seen and _fits(steps[index], value, lowest):
                seen.add(there)
                waiting.append(there)
        if len(seen) > CONFIGURATIONS_MOST:
            raise Undecided
    return found


def _last(
    configurations: set[frozenset[int]], pending: set[int], steps: Sequence[Step], settled: int, lowest: int | None
) -> Step | None:
    """Those without an end take place too, some time."""
    for index in sorted(pending):
        reached = _reach(configurations, pending, steps, index, settled, lowest)
        if not reached:
            return steps[index]
        configurations = reached
    return None


def _fits(step: Step, value: int, lowest: int | None) -> bool:
    after = value + step.adds
    return (
        step.before in (None, value)
        and step.after in (None, after)
        and (step.at_least is None or value >= step.at_least)
        and (lowest is None or step.adds >= 0 or after >= lowest)
    )
