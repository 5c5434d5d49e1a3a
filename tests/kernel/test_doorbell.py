"""A queue is asked for work when there may be some, on both databases, and not otherwise."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import text

from kernel import doorbell, durable
from kernel.db import Database
from kernel.doorbell import Doorbell

QUEUE, OTHER = "test_rung", "test_silent"
PATIENCE_S = 30


@pytest.fixture
def database(empty_database_url: str) -> Iterator[Database]:
    database = Database(empty_database_url)
    durable.migrate(database)
    yield database
    database.dispose()


@pytest.fixture
def bell(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Doorbell]:
    """Nothing but a ring, a look, or work makes it due."""
    monkeypatch.setattr(doorbell, "ASK_AT_LEAST_EVERY_S", 10**6)
    monkeypatch.setattr(doorbell, "LIVELY_S", 0.05)
    bell = Doorbell(database, "workflow_status" if database.is_sqlite else "dbos.workflow_status")
    bell.start()
    yield bell
    bell.stop()


def is_due(bell: Doorbell, queue: str = QUEUE) -> bool:
    return bell.is_due(queue, 0.0, is_busy=False)


def until(fact: Callable[[], bool], complaint: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not fact():
        assert time.monotonic() < deadline, complaint
        time.sleep(0.005)


def at_rest(bell: Doorbell) -> None:
    for queue in (QUEUE, OTHER):
        until(lambda queue=queue: not is_due(bell, queue), "it is asked again and again")  # type: ignore[misc]


def enqueue(database: Database, *, is_awaited: bool) -> None:
    with database.write() as session:
        durable.enqueue(
            session, "nothing", "x", queue=QUEUE, partition="a", workflow_id="a:1", is_awaited=is_awaited
        )  # fmt: skip


def test_a_queue_at_rest_is_not_asked_until_it_has_work(database: Database, bell: Doorbell) -> None:
    at_rest(bell)

    enqueue(database, is_awaited=False)

    until(lambda: is_due(bell), "the work was not found")
    assert not is_due(bell, OTHER)


@pytest.mark.parametrize("empty_database_url", ["postgresql"], indirect=True)
def test_what_a_person_waits_for_rings_and_needs_no_look(
    database: Database, bell: Doorbell, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_rest(bell)
    bell._have_work = "SELECT NULL"

    enqueue(database, is_awaited=True)

    until(lambda: is_due(bell), "the ring was not heard")
    at_rest(bell)


def test_work_that_was_not_committed_does_not_ring(database: Database, bell: Doorbell) -> None:
    at_rest(bell)

    with pytest.raises(ZeroDivisionError), database.write() as session:  # noqa: PT012
        durable.enqueue(session, "nothing", "x", queue=QUEUE, partition="a", workflow_id="a:1", is_awaited=True)
        raise ZeroDivisionError
    with database.write() as session:
        durable.enqueue(session, "nothing", "y", queue=OTHER, partition="a", workflow_id="a:2", is_awaited=True)

    until(lambda: is_due(bell, OTHER), "the later ring was not heard")
    assert not is_due(bell)


def test_a_queue_that_is_at_work_is_asked_at_its_pace(bell: Doorbell) -> None:
    at_rest(bell)

    assert bell.is_due(QUEUE, 0.0, is_busy=True)
    assert not bell.is_due(QUEUE, 10**6, is_busy=True)


@pytest.mark.parametrize("empty_database_url", ["postgresql"], indirect=True)
def test_who_was_cut_off_asks_always_until_it_hears_again(
    database: Database, bell: Doorbell, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_rest(bell)
    monkeypatch.setattr(doorbell, "_AGAIN_S", 0.2)

    with database.write() as session:
        cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'SELECT DISTINCT queue_name%'"
        assert session.scalar(text(f"{cut} AND datname = current_database()")) is True

    until(lambda: is_due(bell) and is_due(bell, OTHER), "it did not notice")
    at_rest(bell)
    enqueue(database, is_awaited=True)
    until(lambda: is_due(bell), "it hears no more")
