"""The database: one engine, readers and writers, and the column types everyone shares.

SQLite is the embedded default, PostgreSQL the same code at scale. What differs between them is in this file.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, DateTime, Dialect, Engine, MetaData, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeDecorator

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
BUSY_TIMEOUT_S = 15
# Writers of several processes do not queue for SQLite's lock, each looks again whether it is free. SQLite itself looks
# ever more rarely, up to 100 ms apart, in which whoever writes often takes it again and again.
LOOK_AGAIN_S = 0.001
_BEGIN_WRITING = "BEGIN IMMEDIATE"
# Who finds every connection in use is told so soon (503): a caller that waits holds a thread that others need.
POOL_PATIENCE_S = 3
# What SQLite's log grew beyond this beside a long reader is given back to the disk once that has ended.
LOG_BYTES_MOST = 64 * 2**20
# Beyond the pool's own, while there is much to do.
MORE_CONNECTIONS = 20


def new_metadata() -> MetaData:
    """Metadata whose constraints have stable names, so that migrations can speak of them."""
    return MetaData(naming_convention=NAMING)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant, stored in UTC. A naive datetime is a bug and is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        assert value.tzinfo is not None, "instants are aware"
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Database:
    """One database of one process.

    `read()` and `write()` give a SQLAlchemy session. A writer takes the write lock at once (R4): on SQLite by
    `BEGIN IMMEDIATE` behind one lock per process, because a reader that turns writer half-way fails under load;
    on PostgreSQL by the row locks its statements take. `write()` commits on the way out and rolls back on an error.

    `patience_s` is how long a process waits for the writers of others on SQLite. They do not queue, each looks again
    and again: of very many at once, on a busy machine, one may wait far longer than the others.
    """

    def __init__(self, url: str, *, pool_size: int = 10, patience_s: int = BUSY_TIMEOUT_S) -> None:
        self.url = normalise_url(url)
        self.is_sqlite = self.url.startswith("sqlite")
        # What every session takes along (`session.info`): things that verbs need and only the app's edge knows.
        self.carried: dict[str, Any] = {}
        self._write_lock = threading.Lock()
        self.engine = self._sqlite_engine(pool_size, patience_s) if self.is_sqlite else self._postgres_engine(pool_size)
        self._writer = self.engine.execution_options(comanda_begin="IMMEDIATE") if self.is_sqlite else self.engine

    def _sqlite_engine(self, pool_size: int, patience_s: int) -> Engine:
        path = make_url(self.url).database
        if path and path != ":memory:":
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(
            self.url,
            pool_size=pool_size,
            max_overflow=MORE_CONNECTIONS,
            pool_timeout=POOL_PATIENCE_S,
            connect_args={"timeout": patience_s, "check_same_thread": False},
            hide_parameters=True,  # an error's text is logged; what customers wrote is not
        )
        event.listen(engine, "connect", lambda connection, _record: _prepare_sqlite(connection, patience_s))
        event.listen(engine, "begin", lambda connection: _begin_sqlite(connection, patience_s))
        return engine

    def _postgres_engine(self, pool_size: int) -> Engine:
        return create_engine(
            self.url,
            pool_size=pool_size,
            max_overflow=MORE_CONNECTIONS,
            pool_timeout=POOL_PATIENCE_S,
            # A connection that the server has ended is found out before it is used, and replaced.
            pool_pre_ping=True,
            hide_parameters=True,
        )

    def with_own_pool(self, pool_size: int) -> Database:
        """The same database over connections that nothing else uses up; on SQLite behind the same write lock."""
        beside = Database(self.url, pool_size=pool_size)
        beside.carried, beside._write_lock = self.carried, self._write_lock
        return beside

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that only looks."""
        with Session(self.engine, expire_on_commit=False, autoflush=False, info=self.carried) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session that changes things, in one transaction, committed on the way out."""
        lock = self._write_lock if self.is_sqlite else nullcontext()
        with lock, Session(self._writer, expire_on_commit=False, info=self.carried) as session, session.begin():
            yield session

    @contextmanager
    def rebuild(self) -> Iterator[Session]:
        """A writing session for migrations, which make tables anew that others point to.

        SQLite would refuse that, unless told before it begins; in the end it is asked whether all rows point right.
        """
        if not self.is_sqlite:
            with self.write() as session:
                yield session
            return
        with self._write_lock, self._writer.connect() as connection:
            raw = connection.connection
            raw.execute("PRAGMA foreign_keys=OFF")
            try:
                with Session(connection) as session, session.begin():
                    yield session
                    astray = raw.execute("PRAGMA foreign_key_check").fetchall()
                    assert not astray, f"rows point to nothing: {astray[:3]}"
            finally:
                raw.execute("PRAGMA foreign_keys=ON")

    def dispose(self) -> None:
        self.engine.dispose()


def normalise_url(url: str) -> str:
    """PostgreSQL addresses in any common spelling, for the driver we use (psycopg 3)."""
    for spelling in ("postgres://", "postgresql://"):
        if url.startswith(spelling):
            return "postgresql+psycopg://" + url.removeprefix(spelling)
    return url


def _prepare_sqlite(connection: Any, patience_s: int) -> None:
    # pysqlite would begin by itself and too late; we say BEGIN (below), so it must not.
    connection.isolation_level = None
    cursor = connection.cursor()
    _enter_wal(cursor, patience_s)
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute(f"PRAGMA busy_timeout={patience_s * 1000}")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute(f"PRAGMA journal_size_limit={LOG_BYTES_MOST}")
    cursor.close()


def _enter_wal(cursor: Any, patience_s: int) -> None:
    """Put the file into WAL mode. While another process does just that, SQLite refuses at once instead of waiting."""
    deadline = time.monotonic() + patience_s
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() >= deadline:
                raise
            time.sleep(0.01)
        else:
            return


def _begin_sqlite(connection: Connection, patience_s: int) -> None:
    if connection.get_execution_options().get("comanda_begin") != "IMMEDIATE":
        connection.exec_driver_sql("BEGIN DEFERRED")
        return
    raw: Any = connection.connection
    raw.execute("PRAGMA busy_timeout=0")
    try:
        _begin_when_free(connection, raw, time.monotonic() + patience_s)
    finally:
        raw.execute(f"PRAGMA busy_timeout={patience_s * 1000}")


def _begin_when_free(connection: Connection, raw: Any, deadline: float) -> None:
    try:
        connection.exec_driver_sql(_BEGIN_WRITING)
    except OperationalError as refused:
        if not _is_busy(refused.orig):
            raise
        # By the driver itself: what SQLAlchemy makes of a refusal costs more than the look.
        while not _has_begun(connection, raw):
            if time.monotonic() >= deadline:
                raise
            time.sleep(LOOK_AGAIN_S)


def _has_begun(connection: Connection, raw: Any) -> bool:
    try:
        raw.execute(_BEGIN_WRITING)
    except sqlite3.Error as refused:
        if _is_busy(refused):
            return False
        # Nobody above knows the driver's own errors: SQLAlchemy meets it itself, and raises its own.
        connection.exec_driver_sql(_BEGIN_WRITING)
    return True


def _is_busy(error: BaseException | None) -> bool:
    return isinstance(error, sqlite3.OperationalError) and error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
