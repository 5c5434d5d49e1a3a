"""A measured figure, what it should be, and how a list of them reads."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

MARKS = {True: "✓", False: "✗", None: ""}


@dataclass(frozen=True, slots=True)
class Figure:
    """One number with its unit (`ms`, `s`, `/s`, `MB`, `%`), and the bound to aim at, if there is one."""

    name: str
    value: float
    unit: str
    at_most: float | None = None
    at_least: float | None = None

    @property
    def is_met(self) -> bool | None:
        """Does it keep its bound? None when it has none."""
        if self.at_most is None and self.at_least is None:
            return None
        return (self.at_most is None or self.value <= self.at_most) and (
            self.at_least is None or self.value >= self.at_least
        )

    @property
    def aim(self) -> str:
        if self.at_most is not None:
            return f"≤ {shown(self.at_most)}"
        return f"≥ {shown(self.at_least)}" if self.at_least is not None else ""

    def of(self, title: str) -> Figure:
        """The same, named after what it is a figure of."""
        return replace(self, name=f"{title}: {self.name}")

    def as_json(self) -> dict[str, Any]:
        facts = {name: value for name, value in asdict(self).items() if value is not None}
        return facts if self.is_met is None else facts | {"is_met": self.is_met}


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that `percent` of the values do not exceed: nearest rank, so always one that was measured."""
    assert values, "no percentile of nothing"
    rank = math.ceil(percent / 100 * len(values))
    return sorted(values)[max(rank, 1) - 1]


def rate(runs: Sequence[float]) -> float:
    """The rate of several short runs: their median, which one disturbed run cannot move far."""
    return statistics.median(runs)


def shown(value: float) -> str:
    """Three digits that mean something: 0.42, 8.15, 97.2, 1,240."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    digits = 1 if abs(value) >= 10 else 2
    return f"{value:.{digits}f}".removesuffix(".00").removesuffix(".0")


def table(title: str, figures: Sequence[Figure]) -> str:
    """Aligned lines under a title: name, number, unit, and the bound with a mark that says whether it is kept."""
    width = max(len(figure.name) for figure in figures)
    lines = [
        f"  {figure.name:<{width}}  {shown(figure.value):>8} {figure.unit:<3} {figure.aim:>8} {MARKS[figure.is_met]}"
        for figure in figures
    ]
    return "\n".join([title, *(line.rstrip() for line in lines)])
