"""What only one process may do at a time: held until it lets go, or dies."""

from __future__ import annotations

import fcntl
from contextlib import suppress
from pathlib import Path
from typing import IO

from sqlalchemy import Connection, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from kernel.db import Database


class Sole:
    """One right of a database, such as asking a provider for news. On PostgreSQL a lock of its connection, on SQLite
    of a file beside the database: neither knows a clock, and both end with their process.
    """

    def __init__(self, database: Database, name: str) -> None:
        self._database = database
        self._name = name
        self._connection: Connection | None = None
        self._file: IO[str] | None = None

    def take(self) -> bool:
        """Take it, or see that it is still ours. Raises: SQLAlchemyError when the database is away."""
        return self._take_file() if self._database.is_sqlite else self._take_lock()

    def release(self) -> None:
        if self._file:
            self._file.close()
        if self._connection:
            # Said, so that it is free when this returns: a server takes its time to see that a connection is gone.
            with suppress(SQLAlchemyError):
                self._connection.execute(text("SELECT pg_advisory_unlock_all()"))
            # Closed for good, not given back: whatever happened, the lock is the session's.
            self._connection.invalidate()
            self._connection.close()
        self._file = self._connection = None

    def _take_file(self) -> bool:
        if self._file:
            return True
        # Open as long as the right is held.
        file = Path(f"{make_url(self._database.url).database}.{self._name}.lock").open("a")  # noqa: SIM115
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return False
        self._file = file
        return True

    def _take_lock(self) -> bool:
        if self._connection:
            try:
                self._connection.execute(text("SELECT 1"))
            except Exception:
                self.release()
                raise
            return True
        connection = self._database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        asked = text("SELECT pg_try_advisory_lock(hashtext('comanda'), hashtext(:name))")
        if not connection.execute(asked, {"name": self._name}).scalar_one():
            connection.close()
            return False
        self._connection = connection
        return True
