"""The bot's own database schema, with that of its queues, and how they come to their newest form."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import text

from kernel import durable
from kernel.db import Database

# Any number that no other part of Comanda locks by: two processes migrate one after the other.
_LOCK_ID = 7_264_021


def upgrade(database_url: str, revision: str = "head") -> None:
    """Bring the bot's tables to `revision`, all of it or nothing. Safe when several processes do it at once."""
    database = Database(database_url)
    try:
        _upgrade(database, revision)
        durable.migrate(database)
    finally:
        database.dispose()


def _upgrade(database: Database, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    with database.rebuild() as session:
        connection = session.connection()
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:id)"), {"id": _LOCK_ID})
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
