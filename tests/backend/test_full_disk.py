"""A disk that is full or fails: nothing is half done or acknowledged and not there, and it ends by itself."""

from __future__ import annotations

import resource
from collections import Counter
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import OperationalError

from backend.audit import audit
from backend.idempotency import once
from backend.orders.models import Order
from kernel import db
from kernel.db import Database
from tests.backend.shopper import MILK, add_customer

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

MOST_PAGES = 10_000_000
TRIES = 200


# case 48
def test_on_a_full_disk_orders_are_put_off_reading_goes_on_and_it_ends_by_itself(
    new_shopper: Any, database: Database, database_url: str
) -> None:
    shopper, answers = new_shopper(), Counter[int]()
    full = set_full(database, by_pages=12)

    number = 0
    while answers[503] < 5:
        number += 1
        answers[shopper.change({"op": "set", "sku": MILK, "quantity": str(1 + number % 9)}).status_code] += 1
        assert number < 400, answers
    read = shopper.get("/cart")
    full(MOST_PAGES)
    order = shopper.order((MILK, "1"))

    with database.read() as session:
        assert session.scalar(text("PRAGMA integrity_check")) == "ok"
        assert audit(session, has_worker=False) == []
        kept = session.scalar(select(func.count()).select_from(Order))
    print(f"{answers[200]} acknowledged and kept, {answers[503]} put off while it was full, then an order")
    assert set(answers) == {200, 503}
    assert read.status_code == 200
    assert read.json()["version"] == answers[200]
    assert (kept, order["status"]) == (1, "confirmed")


# case 49
def test_what_a_failing_disk_acknowledged_is_there(database: Database, database_url: str) -> None:
    """No file may grow beyond some point: SQLite is told of an I/O error in the middle of a write."""
    with get_context("fork").Pool(1) as pool:
        acknowledged, refused = pool.apply(write_while_it_fails, (database_url,))

    with database.read() as session:
        kept = session.scalar(text("SELECT count(*) FROM oms_customer"))
        assert session.scalar(text("PRAGMA integrity_check")) == "ok"
    print(f"{acknowledged} acknowledged, {kept} kept, {refused} refused")
    assert kept == acknowledged
    assert refused > 0 < acknowledged


# case 51
def test_what_grew_beside_a_long_reader_is_given_back(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db, "LOG_BYTES_MOST", 256 * 1024)
    database = Database(database_url)
    log = Path(database_url.removeprefix("sqlite:///") + "-wal")

    def write(times: int) -> None:
        for _ in range(times):
            with database.write() as session:
                session.execute(text("UPDATE oms_counter SET value = value + 1"))
                session.execute(text("CREATE TABLE IF NOT EXISTS ballast (content BLOB)"))
                session.execute(text("INSERT INTO ballast VALUES (randomblob(20000))"))

    with database.read() as reader:
        reader.execute(text("SELECT count(*) FROM oms_counter")).all()
        write(300)
        grown = log.stat().st_size
    write(30)
    left = log.stat().st_size
    database.dispose()

    print(f"the log grew to {grown / 2**20:.1f} MB beside a reader, and was {left / 2**20:.2f} MB after it")
    assert grown > 5 * 2**20
    assert left <= 2 * 2**20


def set_full(database: Database, *, by_pages: int) -> Any:
    """The database may grow `by_pages` more; what is returned sets another bound, for all of its connections."""
    with database.read() as session:
        most = [int(session.scalar(text("PRAGMA page_count")) or 0) + by_pages]

    def bound(connection: Any) -> None:
        connection.execute(f"PRAGMA max_page_count={most[0]}")

    event.listen(database.engine, "checkout", lambda connection, _record, _proxy: bound(connection))

    def change(pages: int) -> None:
        most[0] = pages

    return change


def write_while_it_fails(url: str) -> tuple[int, int]:
    database, acknowledged, refused = Database(url), 0, 0
    with database.read() as session:
        session.execute(text("SELECT 1"))
    size = Path(url.removeprefix("sqlite:///") + "-wal").stat().st_size
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    for number in range(TRIES):
        limit = size + 150_000 if number % 50 < 40 else before[1]
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
        try:
            once(database, "test", f"act:{number}", "", 201, lambda session: add_customer(session))
        except OperationalError:
            refused += 1
        else:
            acknowledged += 1
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    database.dispose()
    return acknowledged, refused
