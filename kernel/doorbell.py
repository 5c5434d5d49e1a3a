"""The doorbell of the queues: says, from memory, whether a queue may have work, so that a worker at rest asks nothing.

One thread of a worker listens for all of its queues. On SQLite it looks whether anyone has committed anything, which
needs no transaction; on PostgreSQL it hears `ring`. Rings are hints and rows the truth: what rang for nothing is asked
for in vain, and what nobody rang for is found by looking, after `LOOK_S` at the latest (SQLite: `GLANCE_S`).
"""

from __future__ import annotations

import sqlite3
import threading
import time
from pathlib import Path

import psycopg
from sqlalchemy import make_url
from sqlalchemy.orm import Session

from kernel import notify
from kernel.db import Database
from kernel.logging import get_logger

log = get_logger(__name__)
# A thread that wakes, sees nothing and sleeps again costs some microseconds.
GLANCE_S = 0.01
LOOK_S = 0.25
# A queue that rang or is at work is asked at its pace for so long afterwards: what ends frees what waited behind it.
LIVELY_S = 0.5
# Where neither a ring nor a look found it.
ASK_AT_LEAST_EVERY_S = 5.0
_CHANNEL = "durable_work"
_AGAIN_S = 1.0
_HAVE_WORK = "SELECT DISTINCT queue_name FROM {table} WHERE status = 'ENQUEUED' AND status IN ('ENQUEUED', 'PENDING')"


def ring(session: Session, queue: str) -> None:
    """Have the workers look at once when the session's transaction commits: for a queue that a person waits for."""
    if session.get_bind().dialect.name == "postgresql":
        notify.at_commit(session, _CHANNEL, queue)


class Doorbell:
    """Listens from `start` to `stop`. `is_due` is asked by the threads of the queues, as often as they like."""

    def __init__(self, database: Database, table: str) -> None:
        """`table`: where the workflows are."""
        self._url = make_url(database.url)
        self._listen = self._watch_file if database.is_sqlite else self._hear
        self._have_work = _HAVE_WORK.format(table=table)
        self._rung: set[str] = set()
        self._asked_at: dict[str, float] = {}
        self._lively_until: dict[str, float] = {}
        self._is_deaf = True
        self._is_stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="doorbell", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._is_stopping.set()
        self._thread.join(timeout=2 * _AGAIN_S)

    def is_due(self, queue: str, pace_s: float, *, is_busy: bool) -> bool:
        """Should the database be asked for work of this queue now? Then it counts as asked.

        At most every `pace_s`. `is_busy`: some of its work is being done here.
        """
        now, asked_at = time.monotonic(), self._asked_at.get(queue, 0.0)
        if queue in self._rung or is_busy or self._is_deaf:
            self._lively_until[queue] = now + LIVELY_S
        is_asleep = now >= self._lively_until.get(queue, 0.0) and now - asked_at < ASK_AT_LEAST_EVERY_S
        if is_asleep or now - asked_at < pace_s:
            return False
        # First: a ring while the database is being asked is for the next time.
        self._rung.discard(queue)
        self._asked_at[queue] = now
        return True

    def _run(self) -> None:
        while not self._is_stopping.is_set():
            try:
                self._listen()
            except (psycopg.Error, sqlite3.Error) as error:
                # Until it hears again every queue is asked at its pace, as if it rang all the time.
                log.warning("doorbell_deaf", error=type(error).__name__)
            finally:
                self._is_deaf = True
            self._is_stopping.wait(_AGAIN_S)

    def _watch_file(self) -> None:
        path = Path(self._url.database or "").absolute()
        connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, isolation_level=None)
        try:
            seen = None
            while not self._is_stopping.wait(GLANCE_S):
                # Another number as soon as someone else has committed.
                [version] = connection.execute("PRAGMA data_version").fetchone()
                if version != seen:
                    seen = version
                    self._rung.update(name for (name,) in connection.execute(self._have_work) if name)
                    self._is_deaf = False
        finally:
            connection.close()

    def _hear(self) -> None:
        url = self._url.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f"LISTEN {_CHANNEL}")
            look_at = 0.0
            while not self._is_stopping.is_set():
                if time.monotonic() >= look_at:
                    look_at = time.monotonic() + LOOK_S
                    self._rung.update(name for (name,) in connection.execute(self._have_work) if name)
                    self._is_deaf = False
                for rung in connection.notifies(timeout=max(look_at - time.monotonic(), 0.0), stop_after=1):
                    self._rung.add(rung.payload)
