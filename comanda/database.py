"""The one database with its owners: brings their tables up to date, and fills the demo shop."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

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

        def is_behind(owner: str) -> bool:
            state = MigrationContext.configure(connection, opts={"version_table": f"{owner}_alembic_version"})
            newest = ScriptDirectory(str(Path(str(OWNERS[owner].__file__)).parent)).get_heads()
            return set(state.get_current_heads()) != set(newest)

        return [owner for owner in OWNERS if is_behind(owner)]


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
