"""The one database with its two owners: brings both up to date, and fills the demo shop."""

from __future__ import annotations

import backend.migrations
import bot.migrations
from backend.seed import DEMO_STAFF, seed
from kernel.config import Settings
from kernel.db import Database


def migrate(settings: Settings) -> None:
    """Bring the tables of `backend` and of `bot` to the newest version; harmless when they are."""
    backend.migrations.upgrade(settings.database_url)
    bot.migrations.upgrade(settings.database_url)


def seed_demo_shop(settings: Settings) -> str:
    """Fill the demo shop once, and say what it holds."""
    database = Database(settings.database_url)
    try:
        return seed(database)
    finally:
        database.dispose()


def demo_staff_account() -> tuple[str, str]:
    """E-mail and password of the account that every demo shop has."""
    return DEMO_STAFF
