"""How Alembic runs here: on the connection and in the transaction that `migrations.upgrade` gives it."""

from __future__ import annotations

from alembic import context

from backend.base import TABLE_PREFIX
from backend.migrations import VERSION_TABLE
from backend.migrations.models import metadata


def is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """The bot's tables and those of the durable queue live in the same database and are not our business."""
    return kind != "table" or (name is not None and name.startswith(TABLE_PREFIX) and name != VERSION_TABLE)


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    include_name=is_ours,
    render_as_batch=True,
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
