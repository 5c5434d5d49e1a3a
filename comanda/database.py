"""The one database with its owners: brings their tables up to date, and fills the demo shop."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

import backend.migrations
import bot.migrations
from backend.catalog.errors import ShopNotSetUp
from backend.catalog.service import shop
from backend.seed import demo_staff, seed, seed_month
from backend.webhooks import service as webhooks
from bot.notices.plan import KINDS
from kernel.config import Settings
from kernel.db import Database

OWNERS: dict[str, ModuleType] = {"oms": backend.migrations, "bot": bot.migrations}


def migrate(settings: Settings) -> None:
    """Bring every owner's tables to the newest version; harmless when they are."""
    for migrations in OWNERS.values():
        migrations.upgrade(settings.database_url)
    with opened(settings) as database:
        subscribe_bot(settings, database)


def subscribe_bot(settings: Settings, database: Database) -> None:
    """Make our own bot the subscriber that the settings say it is."""
    with database.write() as session:
        webhooks.subscribe_own_bot(session, settings.bot_events_url, settings.bot_events_secret(), KINDS)


def owners_behind(settings: Settings) -> list[str]:
    """Whose tables are not of the newest version."""
    with opened(settings) as database, database.engine.connect() as connection:
        now = heads(connection)
    return [owner for owner in OWNERS if set(now[owner]) != set(history(owner).get_heads())]


def heads(connection: Connection) -> dict[str, list[str]]:
    """Each owner's last migration in a database; none where it has no tables."""
    return {
        owner: sorted(
            MigrationContext.configure(
                connection, opts={"version_table": f"{owner}_alembic_version"}
            ).get_current_heads()
        )
        for owner in OWNERS
    }


def history(owner: str) -> ScriptDirectory:
    """The migrations of an owner that this Comanda knows."""
    return ScriptDirectory(str(Path(str(OWNERS[owner].__file__)).parent))


def unknown_heads(found: Mapping[str, Sequence[str]]) -> list[str]:
    """Of each owner's last migrations those that this Comanda does not know: a newer one made them."""
    known = {owner: {script.revision for script in history(owner).walk_revisions()} for owner in OWNERS}
    return [f"{owner} {head}" for owner, its in found.items() for head in its if head not in known.get(owner, set())]


def seed_demo_shop(settings: Settings) -> str:
    """Fill the demo shop once, give it a month of orders unless that is not wanted, and say what was done."""
    with opened(settings) as database:
        filled = seed(database, settings)
        return f"{filled}, {seed_month(database)}" if settings.has_demo_month else filled


def payment_providers(settings: Settings) -> set[str]:
    """The codes of those who collect online for the shop, as its profile names them."""
    with opened(settings) as database, database.read() as session:
        try:
            seller = shop(session)
        except ShopNotSetUp:
            return set()
    codes = {method.provider for method in seller.payment_methods} | {seller.online_provider}
    return {code for code in codes if code is not None}


def variants_count(settings: Settings) -> int:
    """How many variants the catalog holds."""
    with opened(settings) as database, database.read() as session:
        return int(session.scalar(text("SELECT count(*) FROM oms_variant")) or 0)


def demo_staff_account(settings: Settings) -> tuple[str, str] | None:
    """E-mail and password of the account that every demo shop has; production has none."""
    return demo_staff(settings)


@contextmanager
def opened(settings: Settings) -> Iterator[Database]:
    """The database of a command, for as long as it runs."""
    database = Database(settings.database_url)
    try:
        yield database
    finally:
        database.dispose()
