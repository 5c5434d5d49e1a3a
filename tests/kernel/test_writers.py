"""Writers of several processes: each waits for its turn, soon has it, and none is told that it lost."""

from __future__ import annotations

import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from kernel import db
from kernel.db import Database

WRITERS, TIMES = 8, 15


# case 50
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_eight_who_read_and_then_write_lose_nothing(database: Database, database_url: str) -> None:
    with database.write() as session:
        session.execute(text("CREATE TABLE tally (value INTEGER)"))
        session.execute(text("INSERT INTO tally VALUES (0)"))

    def count(_: int) -> None:
        # As another process: with a write lock of its own.
        own = Database(database_url, pool_size=1)
        for _ in range(TIMES):
            with own.write() as session:
                value = session.scalar(text("SELECT value FROM tally"))
                session.execute(text("UPDATE tally SET value = :value"), {"value": value + 1})
        own.dispose()

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(count, range(WRITERS)))

    with database.read() as session:
        kept = session.scalar(text("SELECT value FROM tally"))
    print(f"{WRITERS * TIMES} read-then-write transactions of {WRITERS} writers: {kept} kept, 0 refused")
    assert kept == WRITERS * TIMES


# case 50
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_who_waits_for_a_writer_of_another_process_looks_a_millisecond_apart(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited, has_looked = list[float](), threading.Event()

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 200:
            has_looked.set()
        time.sleep(seconds)

    def write() -> None:
        with database.write() as session:
            session.execute(text("CREATE TABLE tally (value INTEGER)"))

    monkeypatch.setattr(db, "time", SimpleNamespace(sleep=sleep, monotonic=time.monotonic))
    other = Database(database_url, pool_size=1)
    with ThreadPoolExecutor(1) as pool:
        with other.write() as session:
            session.connection()
            waiting = pool.submit(write)
            assert has_looked.wait(10)
        waiting.result()
    other.dispose()

    assert set(waited) == {0.001}


# case 55
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_goes_wrong_while_a_writer_waits_is_told_as_sqlalchemy_tells_it(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The only one of the pool.
    with database.engine.connect() as connection:
        raw: Any = connection.connection.driver_connection

    def turn_read_only(_seconds: float) -> None:
        raw.execute("PRAGMA query_only=ON")

    monkeypatch.setattr(db, "time", SimpleNamespace(sleep=turn_read_only, monotonic=time.monotonic))
    other = Database(database.url, pool_size=1)
    refusal = pytest.raises(OperationalError, match="attempt to write a readonly database")
    with other.write() as session:
        session.connection()
        with refusal as refused, database.write() as waiting:
            waiting.connection()
    assert isinstance(refused.value.orig, sqlite3.OperationalError)

    raw.execute("PRAGMA query_only=OFF")
    with database.write() as session:
        session.execute(text("CREATE TABLE tally (value INTEGER)"))
    other.dispose()
