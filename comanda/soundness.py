"""Is the database one that this Comanda may work on? Asked before anything is written to it."""

from __future__ import annotations

import os
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

from sqlalchemy import inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from comanda import database as owners
from comanda.failure import Failure
from kernel.config import Settings
from kernel.db import Database

_HEAD = b"SQLite format 3\0"
# Locks and shared memory of SQLite do not hold over these. Source: https://www.sqlite.org/wal.html, "Overview", 3.
NETWORKED = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs"})
# Looking at every page of more would keep the shop waiting: `comanda backup` does it.
LOOKED_AT_MOST_BYTES = 1_000_000_000
_PATIENCE_S = 15
_RESTORE = "restore a backup into a new home (comanda restore), and keep this file"


def refuse_unsound(settings: Settings) -> None:
    """Raises: Failure for a database that is damaged, of a newer Comanda, not writable or on a network's disk.

    It writes nothing. A database that is not there yet is sound.
    """
    if settings.database_url.startswith("sqlite"):
        path = Path(str(make_url(settings.database_url).database))
        _refuse_networked(path)
        if not path.exists() or path.stat().st_size == 0:
            return
        _refuse_damaged(path)
    _refuse_newer_or_read_only(settings)


def stop_if_unsound(settings: Settings) -> None:
    """For a process of its own: ends it with the reason as its last words, and exit code 1."""
    try:
        refuse_unsound(settings)
    except Failure as reason:
        sys.exit(f"comanda: {reason}")


def _refuse_networked(path: Path) -> None:
    kind = kind_of_disk(path.parent)
    if kind in NETWORKED:
        raise Failure(
            f"{path} is on a network's disk ({kind}), where SQLite loses data: set COMANDA_HOME to a disk of this "
            "machine, or DATABASE_URL to PostgreSQL"
        )


def kind_of_disk(folder: Path, mounts: str | None = None) -> str:
    """The file system that a folder is on, as Linux names it (`ext4`, `nfs4`), or empty where it does not say."""
    if mounts is None:
        known = Path("/proc/mounts")
        mounts = known.read_text(encoding="utf-8", errors="replace") if known.exists() else ""
    told = [line.split() for line in mounts.splitlines()]
    there = folder.resolve()
    over = [(Path(place), kind) for _, place, kind, *_ in told if there.is_relative_to(place)]
    return max(over, key=lambda each: len(each[0].parts), default=(Path("/"), ""))[1]


def _refuse_damaged(path: Path) -> None:
    try:
        with path.open("rb") as file:
            head = file.read(len(_HEAD))
    except OSError as error:
        raise Failure(f"{path} cannot be read ({error.strerror}): check who owns it") from error
    if head != _HEAD:
        raise Failure(f"{path} is damaged: it is no SQLite database. {_RESTORE[0].upper()}{_RESTORE[1:]}")
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=_PATIENCE_S)) as connection:
            is_large = path.stat().st_size > LOOKED_AT_MOST_BYTES
            said = "ok" if is_large else connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.DatabaseError as error:
        if not os.access(path.parent, os.W_OK):
            raise Failure(_read_only(str(path))) from error
        said = str(error)
    if said != "ok":
        raise Failure(f"{path} is damaged ({' '.join(said.split())}): {_RESTORE}")


def _refuse_newer_or_read_only(settings: Settings) -> None:
    database = Database(settings.database_url, pool_size=1)
    try:
        with database.engine.connect() as connection:
            if database.is_sqlite:
                connection.exec_driver_sql("ROLLBACK")
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            elif connection.scalar(text("SHOW transaction_read_only")) == "on":
                raise Failure(_read_only("the database"))
            newer = owners.unknown_heads(owners.heads(connection)) if inspect(connection).get_table_names() else []
    except SQLAlchemyError as error:
        if "readonly" in str(error) or "unable to open" in str(error):
            raise Failure(_read_only(str(make_url(settings.database_url).database))) from error
        raise Failure(f"the database cannot be used: {str(error).splitlines()[0]}; check DATABASE_URL") from error
    finally:
        database.dispose()
    if newer:
        raise Failure(
            f"the database was written by a newer Comanda ({', '.join(newer)}): start that one again, or restore a "
            "backup from before it"
        )


def _read_only(what: str) -> str:
    return f"{what} is read-only: let the user that Comanda runs as write to it and to its folder (chown, chmod)"
