"""Records the SQL that our code really issues, and plays it again without our code.

The tape holds every statement with its parameters, every commit and every rollback. Played against a copy of the
database it was recorded on, it is the same transactions with nothing of ours around them: the bare limit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection

COMMIT, ROLLBACK = "COMMIT", "ROLLBACK"


@dataclass(frozen=True, slots=True)
class Statement:
    """One execution as the driver got it; `parameters` are a list of sets when `is_many`."""

    sql: str
    parameters: Any = None
    is_many: bool = False


Tape = Sequence[Statement]


@contextmanager
def recorded(engine: Engine) -> Iterator[list[Statement]]:
    """What is executed through `engine` meanwhile, by one caller at a time, in order."""
    tape: list[Statement] = []

    def execute(_connection: Any, _cursor: Any, sql: str, parameters: Any, _context: Any, many: bool) -> None:
        tape.append(Statement(sql, parameters, many))

    def commit(_connection: Any) -> None:
        tape.append(Statement(COMMIT))

    def rollback(_connection: Any) -> None:
        tape.append(Statement(ROLLBACK))

    listeners: dict[str, Callable[..., None]] = {
        "before_cursor_execute": execute,
        "commit": commit,
        "rollback": rollback,
    }
    for name, listener in listeners.items():
        event.listen(engine, name, listener)
    try:
        yield tape
    finally:
        for name, listener in listeners.items():
            event.remove(engine, name, listener)


def play(connection: DBAPIConnection, tape: Tape) -> None:
    """Execute the tape and fetch what it selects, on one connection of the driver."""
    for statement in tape:
        if statement.sql == COMMIT:
            connection.commit()
        elif statement.sql == ROLLBACK:
            connection.rollback()
        else:
            cursor = connection.cursor()
            (cursor.executemany if statement.is_many else cursor.execute)(statement.sql, statement.parameters)
            if cursor.description:
                cursor.fetchall()
            cursor.close()
