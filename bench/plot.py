"""A plot of lines on logarithmic scales, as an SVG that any page shows, light or dark."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 900, 460, 60, 340, 40, 40
COLORS = ("#0b7285", "#e8590c", "#5f3dc4", "#2b8a3e", "#c2255c", "#1864ab", "#947600", "#495057", "#a61e4d", "#087f5b",
          "#d9480f", "#364fc7", "#862e9c")  # fmt: skip
STYLE = (
    "text{font:12px system-ui,sans-serif;fill:#212529}.grid{stroke:#dee2e6}"
    "@media(prefers-color-scheme:dark){text{fill:#e9ecef}.grid{stroke:#495057}.paper{fill:#16181a}}.paper{fill:#fff}"
)


@dataclass
class Line:
    """A name, and points of (how many there are, what it costs)."""

    name: str
    points: list[tuple[int, float]] = field(default_factory=list)


def plot(title: str, lines: Sequence[Line]) -> str:
    counts = [count for line in lines for count, _ in line.points]
    costs = [cost for line in lines for _, cost in line.points]
    across = _Scale(min(counts), max(counts), LEFT, WIDTH - RIGHT)
    up = _Scale(min(costs), max(costs), HEIGHT - BOTTOM, TOP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
        f"<title>{escape(title)}</title>",
        f"<style>{STYLE}</style>",
        f'<rect class="paper" width="{WIDTH}" height="{HEIGHT}"/>',
        f'<text x="{LEFT}" y="22">{escape(title)}</text>',
    ]
    for power in up.powers():
        y = up.at(power)
        parts.append(f'<path class="grid" d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{power:,g}</text>')
    for power in across.powers():
        x = across.at(power)
        parts.append(f'<path class="grid" d="M{x:.1f} {TOP}V{HEIGHT - BOTTOM}"/>')
        parts.append(f'<text x="{x:.1f}" y="{HEIGHT - 16}" text-anchor="middle">{power:,g}</text>')
    for number, line in enumerate(lines):
        color = COLORS[number % len(COLORS)]
        path = " L".join(f"{across.at(count):.1f} {up.at(cost):.1f}" for count, cost in line.points)
        y = TOP + 18 * number
        parts.append(f'<path d="M{path}" fill="none" stroke="{color}" stroke-width="2"/>')
        parts.append(f'<rect x="{WIDTH - RIGHT + 24}" y="{y}" width="14" height="4" fill="{color}"/>')
        parts.append(f'<text x="{WIDTH - RIGHT + 46}" y="{y + 7}">{escape(line.name)}</text>')
    return "\n".join([*parts, "</svg>", ""])


@dataclass(frozen=True)
class _Scale:
    """From values to pixels, by whole powers of ten."""

    least: float
    most: float
    first: float
    last: float

    def at(self, value: float) -> float:
        low, high = self._ends()
        return self.first + (self.last - self.first) * (math.log10(value) - low) / (high - low)

    def powers(self) -> list[float]:
        low, high = self._ends()
        return [10.0**power for power in range(low, high + 1)]

    def _ends(self) -> tuple[int, int]:
        low, high = math.floor(math.log10(self.least)), math.ceil(math.log10(self.most))
        return low, max(high, low + 1)
