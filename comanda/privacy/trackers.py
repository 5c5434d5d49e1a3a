"""What the assistant remembers of conversations: Rasa's own file, read and erased."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from kernel.config import Settings

_PATIENCE_S = 15


def path_of(settings: Settings) -> Path:
    return Path(os.environ.get("RASA_TRACKER_DB") or settings.home / "rasa-trackers.db")


def read(path: Path, conversation_ids: Sequence[str]) -> dict[str, list[Any]]:
    """Each conversation's events, oldest first."""
    found: dict[str, list[Any]] = {}
    with _opened(path) as trackers:
        for each in conversation_ids if trackers else ():
            rows = trackers.execute("SELECT data FROM events WHERE sender_id = ? ORDER BY id", (each,)).fetchall()
            if rows:
                found[each] = [json.loads(data) for (data,) in rows]
    return found


def erase(path: Path, conversation_ids: Sequence[str]) -> int:
    """Forget these conversations, so that the file has nothing of them left; how many events that were."""
    with _opened(path) as trackers:
        if trackers is None:
            return 0
        gone = _delete(trackers, conversation_ids)
        trackers.execute("VACUUM")
        trackers.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return gone


def forget(path: Path, conversation_ids: Sequence[str]) -> int:
    """Forget these conversations, and leave the file as large as it is; how many events that were."""
    with _opened(path) as trackers:
        return 0 if trackers is None else _delete(trackers, conversation_ids)


def _delete(trackers: Any, conversation_ids: Sequence[str]) -> int:
    # What is freed is overwritten.
    trackers.execute("PRAGMA secure_delete = ON")
    with trackers:
        sql = "DELETE FROM events WHERE sender_id = ?"
        return sum(trackers.execute(sql, (each,)).rowcount for each in conversation_ids)


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """None where the assistant has kept nothing yet."""
    if not path.exists():
        yield None
        return
    with closing(sqlite3.connect(path, timeout=_PATIENCE_S)) as trackers:
        has_events = trackers.execute("SELECT 1 FROM sqlite_master WHERE name = 'events'").fetchone()
        yield trackers if has_events else None
