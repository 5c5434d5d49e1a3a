"""Where Rasa keeps its conversations: its own SQL store, and nothing in its place. Runs inside Rasa (`endpoints.yml`).

Rasa by itself goes on in its memory when its store fails: every conversation is then new, and what is answered is
forgotten at the next start. Here such a turn fails instead. The bot sees that the store is away and lets its lanes wait
(`bot/answering/assistant.py`), and `/readyz` says so.
"""

from __future__ import annotations

from typing import Any

from rasa.core.tracker_store import FailSafeTrackerStore, SQLTrackerStore


def _refuse(_store: FailSafeTrackerStore, error: Exception) -> None:
    raise error


class SureTrackerStore(SQLTrackerStore):
    """Its settings are those of Rasa's."""

    def __init__(self, **settings: Any) -> None:
        # Rasa wraps every store in one that swallows its errors, and gives no way to say no.
        FailSafeTrackerStore.on_tracker_store_error = _refuse
        FailSafeTrackerStore.on_tracker_store_retrieve_error = _refuse
        super().__init__(**settings)
