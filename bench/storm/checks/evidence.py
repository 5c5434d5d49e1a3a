"""What the checks look at."""

from __future__ import annotations

import json
import math
import sqlite3
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import text

from bench.storm.history import History, Operation
from kernel.db import Database

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Unexplained:
    """`what` no serial order explains, about whom, with the figures that disagree."""

    what: str
    about: str
    facts: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        told = ", ".join(f"{name} {value}" for name, value in self.facts.items())
        return f"{self.about}: {self.what}" + (f" ({told})" if told else "")


@dataclass
class Evidence:
    """The history, the database when all was quiet, and what others know. `skus` are those that were traded.

    `taken` counts the copies of each message that Twilio took, by the path that it reports to. `is_echoed`: each
    answer of the assistant is the message it answers, said back.
    """

    history: History
    skus: tuple[str, ...]
    database: Database
    provider: Path
    taken: Counter[str]
    is_echoed: bool = True
    # By number, of the unknown acts: the answer that was kept for each that has happened.
    kept: dict[int, dict[str, Any]] = field(default_factory=dict)

    def rows(self, statement: str, **given: Any) -> list[Row]:
        with self.database.read() as session:
            return [dict(row) for row in session.execute(text(statement), given).mappings()]

    def provider_rows(self, statement: str) -> list[Row]:
        if not self.provider.exists():
            return []
        connection = sqlite3.connect(self.provider)
        connection.row_factory = sqlite3.Row
        try:
            return [dict(row) for row in connection.execute(statement)]
        except sqlite3.OperationalError:
            # Nobody has paid anything yet.
            return []
        finally:
            connection.close()

    def happened(self, *kinds: str) -> Iterator[tuple[Operation, dict[str, Any], float]]:
        """What has happened of some kinds: the act, its answer, and by when; that is infinity where nobody was told.

        A parcel leaves once: who hands it over when it has left already is told so, and changes nothing.
        """
        shipped = self._shipped()
        for operation in self.history.of(*kinds):
            if operation.kind == "ship":
                first = shipped.get(operation.facts["part"])
                if first is not None and first[0] is operation:
                    yield first
                continue
            if operation.outcome == "ok" and operation.answer is not None and operation.ended_s is not None:
                yield operation, operation.answer, operation.ended_s
            elif operation.number in self.kept:
                yield operation, self.kept[operation.number], math.inf

    def _shipped(self) -> dict[str, tuple[Operation, dict[str, Any], float]]:
        """Of each part the first act that may have shipped it, and by when one of them had."""
        found: dict[str, tuple[Operation, dict[str, Any], float]] = {}
        for operation in self.history.of("ship"):
            is_told = operation.outcome == "ok" and operation.ended_s is not None
            if not is_told and operation.number not in self.kept:
                continue
            answer = operation.answer if is_told else self.kept[operation.number]
            ended_s = operation.ended_s if is_told else math.inf
            assert answer is not None, "what has happened was answered"
            assert ended_s is not None, "what was told has ended"
            first = found.get(operation.facts["part"])
            by_s = ended_s if first is None else min(first[2], ended_s)
            found[operation.facts["part"]] = (operation, answer, by_s) if first is None else (first[0], first[1], by_s)
        return found


def json_of(value: Any) -> Any:
    """A JSON column, as both databases give it to plain SQL."""
    return json.loads(value) if isinstance(value, str) else value
