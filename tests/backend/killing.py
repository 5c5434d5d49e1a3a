"""A process that is killed, as by `kill -9`, just before its n-th word to the database."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine, event

from backend import migrations
from kernel.db import Database
from tests.backend import storm
from tests.forked import context


def place(url: str, customer_id: str, confirmation: str, key: str) -> None:
    answer = storm.place(Database(url, pool_size=1), customer_id, confirmation, key)
    assert answer.startswith("PED-"), answer


def pay(url: str, number: str, amount_minor: int, key: str) -> None:
    answer = storm.pay(Database(url, pool_size=1), number, amount_minor, key)
    assert answer.startswith("PAG-"), answer


def fulfil(url: str, step: str, number: str, key: str) -> None:
    answer = storm.fulfil(Database(url, pool_size=1), step, number, key)
    assert answer == "done", answer


def upgrade(url: str) -> None:
    migrations.upgrade(url)


def run_and_kill_at(word: int, act: Callable[..., None], *arguments: Any) -> bool:
    """Do `act` in a process of its own that dies before its `word`-th statement or commit; whether it died of it."""
    process = context.Process(target=_doomed, args=(word, act, *arguments))
    process.start()
    process.join(storm.PATIENCE_S)
    assert process.exitcode in (0, -signal.SIGKILL), process.exitcode
    return process.exitcode != 0


def _doomed(word: int, act: Callable[..., None], *arguments: Any) -> None:
    said = 0

    def die_in_time(*_: Any) -> None:
        nonlocal said
        said += 1
        if said == word:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "before_cursor_execute", die_in_time)
    event.listen(Engine, "commit", die_in_time)
    act(*arguments)
