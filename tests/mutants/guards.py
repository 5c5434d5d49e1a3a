"""The guards that are listed, and what is wrong with an entry."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Guard:
    """`text` of `file` is what holds it; with `instead` in its place `test` must fail, on this `database`."""

    guard: str
    case: int
    file: str
    text: str
    instead: str
    test: str
    database: str = "sqlite"

    def taken_away(self, source: str) -> str:
        assert source.count(self.text) == 1, f"{self.guard}: {self.file} has its text {source.count(self.text)} times"
        return source.replace(self.text, self.instead)


def guards() -> list[Guard]:
    entries = yaml.safe_load((Path(__file__).parent / "guards.yml").read_text(encoding="utf-8"))
    return [Guard(**entry) for entry in entries]
