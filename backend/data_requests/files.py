"""Where copies to hand out lie until they are fetched: a file each, below Comanda's home, for a day."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

LASTS = timedelta(hours=24)


def path_of(home: Path, request_id: str) -> Path:
    return home / "exports" / f"{request_id}.zip"


def drop_written_before(home: Path, instant: datetime) -> int:
    """Whole copies, and those that were never finished; how many."""
    old = [path for path in (home / "exports").glob("*") if path.stat().st_mtime < instant.timestamp()]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)
