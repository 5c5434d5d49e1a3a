"""What Comanda relies on when it hands work to DBOS, shown on both databases. Crashes: tests/bot/test_crashes.py."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from dbos import DBOS
from sqlalchemy import text

from kernel import clock, durable
from kernel.db import Database

QUEUE = "test_queue"
ran: list[str] = []


def note(words: str) -> None:
    if words.startswith("slow"):
        time.sleep(0.5)
    ran.append(words)


note_step = durable.step("test_note")(note)
note_workflow = durable.workflow("test_note")(note_step)
NAP_S = 2.0


def nap(words: str) -> None:
    note_step(f"{words} before")
    durable.sleep(NAP_S)
    note_step(f"{words} after")


nap_workflow = durable.workflow("test_nap")(nap)


@pytest.fixture
def database(empty_database_url: str) -> Iterator[Database]:
    """With a worker, which is this very process."""
    ran.clear()
    database = Database(empty_database_url)
    durable.migrate(database)
    durable.launch(database, executor_id="test-1")
    durable.register_queue(QUEUE, per_partition=1)
    yield database
    durable.shutdown(grace_s=2)
    database.dispose()


def has_run(count: int) -> list[str]:
    deadline = time.monotonic() + 30
    while len(ran) < count and time.monotonic() < deadline:
        time.sleep(0.02)
    return ran


def test_work_starts_when_its_transaction_commits_and_only_then(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.write() as session:  # noqa: PT012
        durable.enqueue(session, "test_note", "undone", queue=QUEUE, partition="a", workflow_id="a:1")
        raise ZeroDivisionError
    with database.write() as session:
        durable.enqueue(session, "test_note", "done", queue=QUEUE, partition="a", workflow_id="a:2")

    assert has_run(1) == ["done"]
    time.sleep(0.5)
    assert ran == ["done"]


def test_a_partition_keeps_its_order_and_waits_for_no_other(database: Database) -> None:
    with database.write() as session:
        for n, words in enumerate(["slow 1", "2", "3"]):
            durable.enqueue(session, "test_note", words, queue=QUEUE, partition="a", workflow_id=f"a:{n}")
        durable.enqueue(session, "test_note", "other", queue=QUEUE, partition="b", workflow_id="b:1")

    assert has_run(4) == ["other", "slow 1", "2", "3"]


def test_the_same_id_runs_once(database: Database) -> None:
    for _ in range(3):
        with database.write() as session:
            durable.enqueue(session, "test_note", "once", queue=QUEUE, partition="a", workflow_id="a:1")
        has_run(1)
    time.sleep(0.5)

    assert ran == ["once"]


def test_delayed_work_waits_its_time_and_holds_up_nobody(database: Database) -> None:
    with database.write() as session:
        durable.enqueue(session, "test_note", "later", queue=QUEUE, partition="a", workflow_id="a:1", delay_s=2)
        durable.enqueue(session, "test_note", "now", queue=QUEUE, partition="a", workflow_id="a:2")

    assert has_run(1) == ["now"]
    assert has_run(2) == ["now", "later"]


def test_who_is_taken_up_again_does_not_wait_for_a_clock_that_ran_ahead(database: Database) -> None:  # case 131
    with time_machine.travel(clock.now() + timedelta(hours=3), tick=True):
        with database.write() as session:
            durable.enqueue(session, "test_nap", "nap", queue=QUEUE, partition="a", workflow_id="a:1")
        assert has_run(1) == ["nap before"]
        time.sleep(NAP_S / 4)
    DBOS.resume_workflow("a:1", queue_name=QUEUE)

    assert has_run(2) == ["nap before", "nap after"]


def test_finished_work_is_forgotten_after_a_while(database: Database) -> None:
    with database.write() as session:
        durable.enqueue(session, "test_note", "done", queue=QUEUE, partition="a", workflow_id="a:1")
    has_run(1)
    deadline = time.monotonic() + 10
    while durable.forget_finished(clock.now() + timedelta(minutes=1)) == 0:
        assert time.monotonic() < deadline

    assert durable.forget_finished(clock.now() + timedelta(minutes=1)) == 0
    table = "workflow_status" if database.is_sqlite else "dbos.workflow_status"
    with database.read() as session:
        assert session.scalar(text(f"SELECT count(*) FROM {table}")) == 0


def test_work_of_today_is_not_forgotten(database: Database) -> None:
    with database.write() as session:
        durable.enqueue(session, "test_note", "done", queue=QUEUE, partition="a", workflow_id="a:1")
    has_run(1)
    time.sleep(0.3)

    assert durable.forget_finished(clock.now() - timedelta(days=7)) == 0
