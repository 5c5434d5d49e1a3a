"""The lines the assistant is taught by, and what is wrong with them: contradictions, near copies, leaks.

Two lines are compared by their shingles, runs of four letters of the normalised text. Only lines that share a rare
shingle are compared at all (the prefix filter of set joins): of our lines, one pair in four hundred.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import yaml

from nlu.normalization import normalize, without_accents

SHINGLE = 4
# Of the shingles of two lines together, the share that both have.
NEAR = 0.8
# Of fewer words than that there is no other way to say it.
TELLING = 3
Kind = Literal["contradiction", "double", "near_contradiction", "near_double", "leak"]


@dataclass(frozen=True, slots=True)
class Line:
    """One line and where it stands; `intent` is what it means."""

    file: str
    language: str
    intent: str
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A line that says the same, or nearly, as another: as one of another intent, as a needless one, as a measured one.

    `likeness` from 0 to 1; 1 for the same words.
    """

    kind: Kind
    line: Line
    other: Line
    likeness: float

    def __str__(self) -> str:
        return (
            f"{self.kind}: {self.line.text!r} ({self.line.intent}, {self.line.file}) and "
            f"{self.other.text!r} ({self.other.intent}, {self.other.file}), {self.likeness:.0%} alike"
        )


def read_lines(folder: Path) -> list[Line]:
    """All lines of Rasa's training files in a folder."""
    return [
        Line(path.name, block["metadata"]["language"], block["intent"], _written(line))
        for path in sorted(folder.glob("*.yml"))
        for block in yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)["nlu"]
        for line in block["examples"].strip().splitlines()
    ]


def read_held_out(folder: Path) -> list[Line]:
    """The lines nobody trains on, `<topic>.<language>.yml`, each by intent."""
    return [
        Line(path.name, path.name.split(".")[1], intent, str(text))
        for path in sorted(folder.glob("*.yml"))
        for intent, texts in yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader).items()
        for text in texts
    ]


def _written(line: str) -> str:
    return line.removeprefix("- ").strip().strip('"')


class Shingled:
    """Lines to which others are compared. `compared` counts how many pairs were looked at, for who doubts the speed."""

    def __init__(self, lines: Sequence[Line], near: float = NEAR) -> None:
        self.lines, self.compared, self._near = lines, 0, near
        self._shingles = [shingles(line) for line in lines]
        self._use = Counter(each for of in self._shingles for each in of)
        self._with: dict[str, list[int]] = defaultdict(list)
        for number, of in enumerate(self._shingles):
            for each in self._prefix(of):
                self._with[each].append(number)

    def nearest(self, line: Line, among: Callable[[int], bool] = lambda _number: True) -> tuple[Line, float] | None:
        """The line most like this one, if any is near; of those whose number `among` lets through."""
        own = shingles(line)
        candidates = {number for each in self._prefix(own) for number in self._with.get(each, ()) if among(number)}
        self.compared += len(candidates)
        best, likeness = None, 0.0
        for number in sorted(candidates):
            other = self._shingles[number]
            shared = len(own & other)
            alike = shared / (len(own) + len(other) - shared)
            if alike > likeness:
                best, likeness = self.lines[number], alike
        return (best, likeness) if best is not None and likeness >= self._near else None

    def _prefix(self, of: frozenset[str]) -> list[str]:
        """The rarest shingles: two lines as near as asked for share at least one of these."""
        ordered = sorted(of, key=lambda each: (self._use[each], each))
        return ordered[: len(of) - int(self._near * len(of)) + 1]


def shingles(line: Line) -> frozenset[str]:
    """Runs of letters of the normalised text, its ends marked."""
    text = f" {plain(line)} "
    return frozenset(text[at : at + SHINGLE] for at in range(max(1, len(text) - SHINGLE + 1)))


def plain(line: Line) -> str:
    """Under what spelling two lines say the same: no accents, marks, shorthand or other figures."""
    return (
        " ".join(
            "".join(
                each if each.isalnum() else " " for each in without_accents(normalize(line.text, line.language))
            ).split()
        )
        or line.text.strip()
    )


def lint(lines: Sequence[Line], held_out: Sequence[Line], near: float = NEAR, *, known: int = 0) -> Iterator[Finding]:
    """What is wrong with these training lines, each line at most once, with the line it is at odds with.

    The order of the lines counts: of two that say the same the later is named. The first `known` are not judged.
    """
    first: dict[str, Line] = {}
    shingled = Shingled(lines, near)
    measured = Shingled(held_out, near)
    for number, line in enumerate(lines):
        other = first.setdefault(plain(line), line)
        if number < known:
            continue
        if other is not line:
            if other.intent != line.intent:
                yield Finding("contradiction", line, other, 1.0)
            elif other.language == line.language:
                yield Finding("double", line, other, 1.0)
        elif near_one := shingled.nearest(line, lambda each, number=number: each < number):  # type: ignore[misc]
            other, likeness = near_one
            kind: Kind = "near_double" if other.intent == line.intent else "near_contradiction"
            if other.language == line.language:
                yield Finding(kind, line, other, likeness)
        # "No" and "hello" are said by everybody in the same words.
        if len(plain(line).split()) >= TELLING and (leak := measured.nearest(line)):
            yield Finding("leak", line, *leak)


def count(findings: Iterable[Finding]) -> Counter[Kind]:
    """How many of each kind."""
    return Counter(finding.kind for finding in findings)
