"""One process that asks Telegram what has come, and does nothing else: `python -m tests.bot.poller_process`."""

from __future__ import annotations

import threading

from bot.channels.polling import pollers
from bot.channels.pushed import open_channels
from bot.delivery import Delivery
from bot.hints import LocalHints
from kernel import logging
from kernel.config import get_settings
from kernel.db import Database

if __name__ == "__main__":
    settings = get_settings()
    logging.configure("poller", settings.log_level)
    database, channels = Database(settings.database_url), open_channels(settings)
    for poller in pollers(database, Delivery(database, LocalHints(lambda _: None), channels), channels):
        poller.start()
    threading.Event().wait()
