"""Lessons: what staff said that messages mean, as training lines of this Comanda's own, beside those it came with.

They are files made anew from all labels each time, `data/learnt/labels.<language>.yml`, and of no repository.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bot.learning import service as learning
from comanda.failure import Failure
from comanda.project import ROOT
from comanda.training_lines import Kind, Line, lint, read_held_out, read_lines
from kernel.config import Settings
from kernel.db import Database

WHERE = Path("data") / "learnt"
LONGEST = 200
LANGUAGES = ("es", "en")
# Brackets mark entities in a training line, and a line is one line.
_MARKUP = re.compile(r"[\[\]{}()<>`\\\x00-\x1f\x7f]+")
# What a spreadsheet would take for a formula leaves the console with this before it.
_GUARD = re.compile(r"^'(?=[=+\-@])")
Why = Literal["unknown_intent", "unknown_language", "too_long", "empty"] | Kind


class LabelsUnreadable(Failure):
    """The file is not what the console hands out."""


@dataclass(frozen=True, slots=True)
class Left:
    """A label that is not learnt: why, and the line it is at odds with, if there is one."""

    line: Line
    why: Why
    other: Line | None = None

    def __str__(self) -> str:
        beside = f": {self.other.text!r} is {self.other.intent} in {self.other.file}" if self.other else ""
        return f"left out ({self.why}): {self.line.text!r} as {self.line.intent}{beside}"


@dataclass(frozen=True, slots=True)
class Lessons:
    taken: list[Line]
    left: list[Left]


def learn(settings: Settings, file: Path | None = None, root: Path | None = None) -> Lessons:
    """Write the lessons of all labels, from the database or from `file`, the console's labels.csv.

    Raises: LabelsUnreadable.
    """
    root = root or ROOT
    lessons = judge(_read(file) if file else _fetch(settings), root)
    _write(lessons.taken, root / WHERE)
    return lessons


def judge(labels: Sequence[Line], root: Path) -> Lessons:
    """Which labels (oldest first) become lessons. Of two for the same words the newer counts.

    Left out is what contradicts the lines Comanda came with, says what another says already, or is measured by.
    """
    came_with = read_lines(root / "data" / "nlu")
    intents = {line.intent for line in came_with}
    left: list[Left] = []
    sound: list[Line] = []
    for line in reversed(labels):
        why = _unfit(line, intents)
        if why:
            left.append(Left(line, why))
        else:
            sound.append(line)
    held_out = read_held_out(root / "tests" / "nlu" / "heldout")
    refused: dict[int, Left] = {}
    for finding in lint([*came_with, *sound], held_out, known=len(came_with)):
        # Nearly the words of another wish is just what the assistant mistook: that is the lesson.
        if finding.kind != "near_contradiction":
            refused.setdefault(id(finding.line), Left(finding.line, finding.kind, finding.other))
    taken = [line for line in sound if id(line) not in refused]
    return Lessons(sorted(taken, key=lambda line: (line.language, line.intent, line.text)), [*left, *refused.values()])


def _unfit(line: Line, intents: set[str]) -> Why | None:
    if not line.text:
        return "empty"
    if line.language not in LANGUAGES:
        return "unknown_language"
    if line.intent not in intents:
        return "unknown_intent"
    return "too_long" if len(line.text) > LONGEST else None


def _fetch(settings: Settings) -> list[Line]:
    database = Database(settings.database_url)
    try:
        with database.read() as session:
            return [_line(each.language, each.label or "", each.text or "") for each in learning.labelled(session)]
    finally:
        database.dispose()


def _read(file: Path) -> list[Line]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            rows = csv.DictReader(opened)
            if not {"language", "intent", "text"} <= set(rows.fieldnames or ()):
                raise KeyError("columns")
            return [_line(row["language"], row["intent"], row["text"]) for row in rows]
    except (OSError, UnicodeDecodeError, csv.Error, KeyError, TypeError) as error:
        raise LabelsUnreadable(f"{file} is not a labels.csv with language, intent and text: {error}") from error


def _line(language: str, intent: str, text: str) -> Line:
    said = " ".join(_MARKUP.sub(" ", _GUARD.sub("", text or "")).split()).strip('" ')
    return Line("labels", (language or "")[:2], intent or "", said)


def _write(lines: Iterable[Line], folder: Path) -> None:
    """One file a language; a language without lessons has none. What would stay the same is not touched."""
    by_language: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for line in lines:
        by_language[line.language][line.intent].append(line.text)
    for language in LANGUAGES:
        path, blocks = folder / f"labels.{language}.yml", by_language.get(language, {})
        content = "version: '3.1'\nnlu:\n" + "".join(
            f"- intent: {intent}\n  metadata: {{language: {language}}}\n  examples: |\n"
            + "".join(f"    - {text}\n" for text in texts)
            for intent, texts in blocks.items()
        )
        if not blocks:
            path.unlink(missing_ok=True)
        elif not path.exists() or path.read_text(encoding="utf-8") != content:
            folder.mkdir(parents=True, exist_ok=True)
            half = path.with_suffix(".half")
            half.write_text(content, encoding="utf-8")
            half.replace(path)
