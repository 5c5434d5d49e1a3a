"""Presence: whoever reads the inbox is there, and keeps what they have."""

from __future__ import annotations

import threading
import time

from bot.desk.access import Viewer
from bot.handoff import agents
from kernel.db import Database

# Pages ask every few seconds; it is written down less often than that.
WRITTEN_EVERY_S = 20.0


class Signs:
    """The signs of life that one web process has seen. Safe to use from several threads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._written: dict[str, float] = {}
        self._lock = threading.Lock()

    def of(self, viewer: Viewer) -> None:
        if not viewer.may_act:
            return
        with self._lock:
            now = time.monotonic()
            if now - self._written.get(viewer.id, float("-inf")) < WRITTEN_EVERY_S:
                return
            self._written[viewer.id] = now
        with self._database.write() as session:
            agents.see(session, viewer.id, viewer.name)
