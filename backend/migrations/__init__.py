"""The history of the `oms_` tables, and the one way to bring a database up to date."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import text

from kernel.db import Database

VERSION_TABLE = "oms_alembic_version"
# Any constant will do, as long as no other lock of ours uses it.
_LOCK = 0x6F6D735F


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the database at `url` to a revision, the newest if none is named, in one transaction.

    Killed half-way it leaves the database as it was; of two processes at once the second waits and finds nothing to do.
    """
    database = Database(url, pool_size=1)
    try:
        with database.rebuild() as session:
            if not database.is_sqlite:
                session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            command.upgrade(_config(session.connection()), revision)
    finally:
        database.dispose()


def _config(connection: object) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
