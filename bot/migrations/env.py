"""How Alembic runs the bot's migrations: on the connection, and in the transaction, of the caller."""

from __future__ import annotations

from typing import Any

from alembic import context

from bot.migrations.models import metadata

VERSION_TABLE = "bot_alembic_version"


def include_object(_object: Any, name: str | None, kind: str, _reflected: bool, _compare_to: Any) -> bool:
    """Only our own tables: the OMS and DBOS live in the same database."""
    return kind != "table" or bool(name and name.startswith("bot_"))


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    include_object=include_object,
    transactional_ddl=False,  # the caller's transaction is the one
)
context.run_migrations()
