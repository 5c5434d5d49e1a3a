"""Writers of several processes, who read before they write: each waits for its turn, and none is told that it lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from kernel.db import Database

WRITERS, TIMES = 8, 15


# case 50
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_eight_who_read_and_then_write_lose_nothing(database: Database, database_url: str) -> None:
    with database.write() as session:
        session.execute(text("CREATE TABLE tally (value INTEGER)"))
        session.execute(text("INSERT INTO tally VALUES (0)"))

    def count(_: int) -> None:
        # As another process: with a write lock of its own.
        own = Database(database_url, pool_size=1)
        for _ in range(TIMES):
            with own.write() as session:
                value = session.scalar(text("SELECT value FROM tally"))
                session.execute(text("UPDATE tally SET value = :value"), {"value": value + 1})
        own.dispose()

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(count, range(WRITERS)))

    with database.read() as session:
        kept = session.scalar(text("SELECT value FROM tally"))
    print(f"{WRITERS * TIMES} read-then-write transactions of {WRITERS} writers: {kept} kept, 0 refused")
    assert kept == WRITERS * TIMES
