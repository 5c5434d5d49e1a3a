"""What everyone did and was told: the one thing that the checks believe beside the database at the end."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

Outcome = Literal["ok", "fail", "unknown"]


@dataclass(slots=True)
class Operation:
    """One act of someone. `ok`: it has happened; `fail`: it has not; `unknown`: nobody told us.

    `key` names the act for whoever does it, `facts` are what was asked for, `answer` what came, or the code of the
    refusal. `began_s` and `ended_s` are seconds of one clock that never jumps; what is unknown has not ended.
    `differed` is the other answer that the same key got, if it was not the same.
    """

    number: int
    who: str
    kind: str
    key: str
    facts: dict[str, Any]
    began_s: float
    outcome: Outcome = "unknown"
    ended_s: float | None = None
    answer: dict[str, Any] | None = None
    tries: int = 0
    differed: dict[str, Any] | None = None

    def __str__(self) -> str:
        return f"#{self.number} {self.kind} by {self.who}"


@dataclass
class History:
    """Operations in the order in which they began. Safe to use from several threads."""

    operations: list[Operation] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, who: str, kind: str, key: str, **facts: Any) -> Operation:
        with self._lock:
            operation = Operation(len(self.operations), who, kind, key, facts, time.monotonic())
            self.operations.append(operation)
        return operation

    def of(self, *kinds: str, outcome: Outcome | None = None) -> Iterator[Operation]:
        for operation in self.operations:
            if operation.kind in kinds and outcome in (None, operation.outcome):
                yield operation

    def write(self, path: Path) -> None:
        """A line of JSON for each."""
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w") as file:
            for operation in self.operations:
                file.write(json.dumps(asdict(operation), default=str, ensure_ascii=False) + "\n")


def end(operation: Operation, outcome: Outcome, answer: dict[str, Any] | None = None) -> None:
    operation.outcome, operation.answer = outcome, answer
    if outcome != "unknown":
        operation.ended_s = time.monotonic()
