"""The files of a home that belong into a backup, and what a home must not hold when one is restored into it."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from sqlalchemy.engine import make_url

from comanda.failure import Failure
from comanda.privacy import trackers
from comanda.privacy.erase import RECEIPTS
from kernel.config import Settings

DATABASE, DUMP = "comanda.db", "comanda.dump"
ATTACHMENTS = "attachments"
INCOMING = "incoming"
TRACKERS = "rasa-trackers.db"
# The demo's own payment provider: what it knows of payments belongs to the orders that were paid there.
DEMO_PROVIDER = "demo-provider.db"
SECRETS = "secrets.json"
# Files of the shop's that a setting names.
NAMED = ("privacy_policy", "handoff_policy", "whatsapp_templates")
_PATIENCE_S = 60
# Left free on the disk that a backup is written to.
SPARE_BYTES = 64_000_000


def sqlite_path(url: str) -> Path:
    return Path(str(make_url(url).database))


def databases(settings: Settings) -> dict[str, Path]:
    """The SQLite files beside the database itself, by their name in a backup."""
    named = {TRACKERS: trackers.path_of(settings), DEMO_PROVIDER: settings.home / DEMO_PROVIDER}
    return {name: path for name, path in named.items() if path.exists()}


def plain(settings: Settings) -> Iterator[tuple[str, Path]]:
    """Every other file, by its name in a backup. Attachments first: what is still coming in is none yet."""
    folder = settings.home / ATTACHMENTS
    for path in sorted(folder.glob("*/*")):
        if path.parent.name != INCOMING and path.is_file():
            yield f"{ATTACHMENTS}/{path.relative_to(folder)}", path
    if (settings.home / RECEIPTS).exists():
        yield RECEIPTS, settings.home / RECEIPTS
    for name in NAMED:
        named: Path | None = getattr(settings, name)
        if named is not None:
            yield f"settings/{name}{named.suffix}", named


def what_is_there(settings: Settings) -> list[Path]:
    """What a restore would write over."""
    home = settings.home
    kept = [home / ATTACHMENTS, home / RECEIPTS, home / DEMO_PROVIDER, trackers.path_of(settings)]
    if settings.database_url.startswith("sqlite"):
        path = sqlite_path(settings.database_url)
        kept += [path, path.with_name(f"{path.name}-wal")]
    return [path for path in kept if path.is_file() or (path.is_dir() and any(path.iterdir()))]


def copy_sqlite(source: Path, target: Path) -> None:
    """A whole copy as of one moment; others go on writing meanwhile. Raises: Failure for a damaged one."""
    try:
        with closing(sqlite3.connect(source, timeout=_PATIENCE_S)) as connection:
            connection.execute("VACUUM INTO ?", (str(target),))
    except sqlite3.Error as error:
        raise Failure(f"{source} could not be copied: {error}") from error


def check_sqlite(path: Path) -> None:
    """Raises: Failure, unless every page and every reference of the database is whole."""
    try:
        with closing(sqlite3.connect(path)) as connection:
            said = [row[0] for row in connection.execute("PRAGMA integrity_check(5)")]
            broken = connection.execute("PRAGMA foreign_key_check").fetchmany(5)
    except sqlite3.Error as error:
        said, broken = [str(error)], []
    if said != ["ok"]:
        raise Failure(f"{path} is damaged: {'; '.join(said)}")
    if broken:
        raise Failure(f"{path} is damaged: a row of {broken[0][0]} speaks of one of {broken[0][2]} that is not there")


def make_room_for(needed_bytes: int, folder: Path) -> None:
    """Raises: Failure when the disk of a folder has less free."""
    free = shutil.disk_usage(folder).free
    if free < needed_bytes + SPARE_BYTES:
        raise Failure(
            f"not enough room in {folder}: {_mb(needed_bytes + SPARE_BYTES)} are needed and {_mb(free)} are free"
        )


def leave_wal(path: Path) -> None:
    """All of a database is in its one file again, and nobody has it open."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")


def to_disk(folder: Path) -> None:
    """What was written survives a power cut from here on."""
    for path in [folder, *folder.rglob("*")]:
        sync(path)


def sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _mb(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:,.0f} MB"
