"""Which locations serve an order, and why: a decision over plain figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import asin, comb, cos, radians, sin, sqrt
from typing import Any, Literal

from backend.inventory.levels import Locked

EARTH_KM = 6371.0
# Up to so many sets of locations are all looked at; past that a good one is taken.
MAX_SETS = 2_000

Rule = Literal["nearest_complete", "fewest_parcels"]


class Short(Exception):
    """Not enough of `sku` for all the lines that want it: `available` base units over all locations."""

    def __init__(self, sku: str, available: int) -> None:
        super().__init__(sku)
        self.sku, self.available = sku, available


@dataclass(frozen=True, slots=True)
class Wish:
    """`quantity` base units of `sku`, that shall be had now, or `may_wait` for goods to come."""

    sku: str
    quantity: int
    may_wait: bool = False


@dataclass(frozen=True, slots=True)
class Point:
    """A place on earth, in degrees (WGS 84)."""

    latitude: float
    longitude: float

    def km_to(self, other: Point) -> float:
        """The great-circle distance."""
        up, across = radians(other.latitude - self.latitude), radians(other.longitude - self.longitude)
        chord = sin(up / 2) ** 2 + cos(radians(self.latitude)) * cos(radians(other.latitude)) * sin(across / 2) ** 2
        return 2 * EARTH_KM * asin(sqrt(min(1.0, chord)))


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A location that could serve: `km` from the delivery (None when nobody knows), `free` base units per sku."""

    id: str
    code: str
    preference: int
    km: float | None
    free: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Allocated:
    """`parts`: sku -> (location, base units), nearest first. `explanation` is what the rule weighed."""

    rule: Rule
    parts: Mapping[str, Sequence[tuple[str, int]]]
    explanation: dict[str, Any]


def allocate(needs: Mapping[str, int], candidates: Sequence[Candidate], near: Point | None = None) -> Allocated:
    """Serve `needs` (base units per sku; the candidates together have them).

    The nearest location that can ship all of it; else the fewest locations, the nearest among equals.
    """
    ranked = sorted(candidates, key=lambda each: (each.km is None, each.km or 0.0, each.preference, each.code))
    whole = next((each for each in ranked if all(each.free.get(sku, 0) >= need for sku, need in needs.items())), None)
    if whole is not None:
        chosen, rule, is_exact = [whole], "nearest_complete", True
    else:
        chosen, is_exact = _fewest(needs, [each for each in ranked if any(each.free.get(sku) for sku in needs)])
        rule = "fewest_parcels"
    explanation = {
        "near": [near.latitude, near.longitude] if near else None,
        "chosen": [each.code for each in chosen],
        "is_exact": is_exact,
        "weighed": [
            {
                "location": each.code,
                "km": None if each.km is None else round(each.km, 1),
                "complete": sum(each.free.get(sku, 0) >= need for sku, need in needs.items()),
            }
            for each in ranked
        ],
    }
    return Allocated(rule, _share(needs, chosen), explanation)  # type: ignore[arg-type]  # a Literal in a variable


def candidates_of(
    locked: Locked, near: Point | None, held: Mapping[tuple[str, str], int], at: str | None = None
) -> list[Candidate]:
    """The locations of locked levels, or only `at`. What is `held` for the asker counts as free."""
    free: dict[str, dict[str, int]] = {}
    known = {}
    for (sku, location_id), level in locked.items():
        if at not in (None, location_id):
            continue
        free.setdefault(location_id, {})[sku] = level.available + held.get((sku, location_id), 0)
        known[location_id] = level
    return [
        Candidate(location_id, level.location, level.preference, _km(near, level.latitude, level.longitude), has)
        for location_id, has in free.items()
        for level in (known[location_id],)
    ]


def _km(near: Point | None, latitude: float | None, longitude: float | None) -> float | None:
    if near is None or latitude is None or longitude is None:
        return None
    return near.km_to(Point(latitude, longitude))


def _fewest(needs: Mapping[str, int], ranked: Sequence[Candidate]) -> tuple[list[Candidate], bool]:
    """The smallest set that has it all, and whether no smaller or nearer one was overlooked."""
    total = {sku: sum(each.free.get(sku, 0) for each in ranked) for sku in needs}
    assert all(total[sku] >= need for sku, need in needs.items()), "the shortage was refused before"
    # Without these it cannot be done, whatever else is taken.
    indispensable = [
        each for each in ranked if any(total[sku] - each.free.get(sku, 0) < need for sku, need in needs.items())
    ]
    rest = _less(needs, indispensable)
    others = [each for each in ranked if each not in indispensable and any(each.free.get(sku) for sku in rest)]
    scarcest_first = sorted(rest.items(), key=lambda item: total[item[0]] / item[1])
    looked_at = 0
    for size in range(len(others) + 1):
        looked_at += comb(len(others), size)
        if looked_at > MAX_SETS:
            break
        fitting = [some for some in combinations(others, size) if _suffice(some, scarcest_first)]
        if fitting:
            nearest = min(fitting, key=lambda some: _distance(some, ranked))
            return _in_rank([*indispensable, *nearest], ranked), True
    return _in_rank([*indispensable, *_greedy(rest, others)], ranked), False


def _suffice(some: Sequence[Candidate], rest: Sequence[tuple[str, int]]) -> bool:
    """Asked for each of hundreds of sets, so it stops at the first thing that is lacking."""
    for sku, need in rest:
        for each in some:
            need -= each.free.get(sku, 0)
        if need > 0:
            return False
    return True


def _less(needs: Mapping[str, int], chosen: Sequence[Candidate]) -> dict[str, int]:
    """What is still needed beside `chosen`."""
    rest = {}
    for sku, need in needs.items():
        for each in chosen:
            need -= each.free.get(sku, 0)
        if need > 0:
            rest[sku] = need
    return rest


def _distance(some: Sequence[Candidate], ranked: Sequence[Candidate]) -> tuple[float, list[int]]:
    return sum(each.km or 0.0 for each in some), [ranked.index(each) for each in some]


def _in_rank(chosen: Sequence[Candidate], ranked: Sequence[Candidate]) -> list[Candidate]:
    return [each for each in ranked if each in chosen]


def _greedy(needs: Mapping[str, int], ranked: Sequence[Candidate]) -> list[Candidate]:
    """Whoever has the largest share of what is still needed comes next; then drop whoever turned out superfluous."""
    chosen: list[Candidate] = []
    rest = dict(needs)
    while rest:
        best = max(
            (each for each in ranked if each not in chosen),
            key=lambda each: sum(min(each.free.get(sku, 0), need) / need for sku, need in rest.items()),
        )
        chosen.append(best)
        rest = _less(needs, chosen)
    for each in reversed(ranked):
        others = [other for other in chosen if other is not each]
        if len(others) < len(chosen) and not _less(needs, others):
            chosen = others
    return chosen


def _share(needs: Mapping[str, int], chosen: Sequence[Candidate]) -> dict[str, list[tuple[str, int]]]:
    """Each sku whole from the nearest that has all of it, else a part from each, nearest first."""
    parts: dict[str, list[tuple[str, int]]] = {}
    for sku, need in needs.items():
        whole = next((each for each in chosen if each.free.get(sku, 0) >= need), None)
        parts[sku] = []
        for each in [whole] if whole is not None else chosen:
            part = min(each.free.get(sku, 0), need)
            if part > 0:
                parts[sku].append((each.id, part))
                need -= part
        assert need == 0, "the chosen have it all"
    return parts
