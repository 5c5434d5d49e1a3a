"""How Alembic runs the bot's migrations: on the connection, and in the transaction, of the caller."""

from __future__ import annotations

from typing import Any

from alembic import context

from bot.contacts import models as contacts
from bot.conversations.models import Base
from bot.handoff import models as handoff
from bot.learning import models as learning
from bot.notices import models as notices
from bot.outbox import models as outbox

# Imported so that the metadata is whole.
__all__ = ["contacts", "handoff", "learning", "notices", "outbox"]

VERSION_TABLE = "bot_alembic_version"


def include_object(_object: Any, name: str | None, kind: str, _reflected: bool, _compare_to: Any) -> bool:
    """Only our own tables: the OMS and DBOS live in the same database."""
    return kind != "table" or bool(name and name.startswith("bot_"))


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    version_table=VERSION_TABLE,
    include_object=include_object,
    transactional_ddl=False,  # the caller's transaction is the one
)
context.run_migrations()
