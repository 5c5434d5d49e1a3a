"""Works that come at the same moment share a transaction, and none pays for another, on both databases."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from kernel.db import Database
from kernel.grouped import GROUP_MOST, GroupedReads, GroupedWrites


@pytest.fixture
def database(empty_database_url: str) -> Iterator[Database]:
    database = Database(empty_database_url)
    with database.write() as session:
        session.execute(text("CREATE TABLE note (number INTEGER PRIMARY KEY, words TEXT)"))
    yield database
    database.dispose()


@pytest.fixture
def commits(database: Database) -> list[int]:
    counted: list[int] = []
    event.listen(database.engine, "commit", lambda _: counted.append(1))
    return counted


def note(number: int) -> Callable[[Session], int]:
    def write(session: Session) -> int:
        session.execute(text("INSERT INTO note VALUES (:number, 'x')"), {"number": number})
        return number

    return write


def noted(database: Database) -> list[int]:
    with database.read() as session:
        return list(session.scalars(text("SELECT number FROM note ORDER BY number")))


def together(database: Database, *works: tuple[str, Callable[[Session], int]]) -> list[int | BaseException]:
    """What each is told; the first goes alone, and the rest gather behind it."""

    async def run() -> list[int | BaseException]:
        writes, gate = GroupedWrites(database), threading.Event()

        def wait(_: Session) -> int:
            gate.wait(10)
            return 0

        first = asyncio.create_task(writes.do("", wait))
        await asyncio.sleep(0.05)
        others = [asyncio.create_task(writes.do(key, work)) for key, work in works]
        await asyncio.sleep(0.05)
        gate.set()
        await first
        return await asyncio.gather(*others, return_exceptions=True)

    return asyncio.run(run())


def test_works_that_wait_together_share_one_transaction(database: Database, commits: list[int]) -> None:
    told = together(database, *((f"{number:02d}", note(number)) for number in range(1, GROUP_MOST + 2)))

    assert told == list(range(1, GROUP_MOST + 2)) == noted(database)
    # A full group, and the one that did not fit.
    assert len(commits) == 2


def test_a_work_hears_of_its_end_when_it_is_committed(database: Database) -> None:
    async def run() -> list[int]:
        await GroupedWrites(database).do("a", note(1))
        return noted(database)

    assert asyncio.run(run()) == [1]


def test_one_that_cannot_be_written_takes_no_other_with_it(database: Database) -> None:
    told = together(database, ("a", note(1)), ("b", note(1)), ("c", note(2)))

    assert told[0] == 1
    assert isinstance(told[1], IntegrityError)
    assert told[2] == 2
    assert noted(database) == [1, 2]


def test_works_that_are_alike_are_written_in_one_call_and_each_hears_of_its_own(database: Database) -> None:
    calls: list[list[int]] = []

    def note_all(session: Session, numbers: list[int]) -> list[str]:
        calls.append(numbers)
        session.execute(text("INSERT INTO note VALUES (:number, 'x')"), [{"number": each} for each in numbers])
        return [f"noted {each}" for each in numbers]

    async def run() -> list[str | BaseException]:
        writes = GroupedWrites(database)
        first = asyncio.create_task(writes.do_alike("0", 0, note_all))
        await asyncio.sleep(0)
        alike = [asyncio.create_task(writes.do_alike(str(each), each, note_all)) for each in (3, 1, 0, 2)]
        await first
        return await asyncio.gather(*alike, return_exceptions=True)

    three, one, zero, two = asyncio.run(run())

    assert (one, two, three) == ("noted 1", "noted 2", "noted 3")
    # It was there: alone, it takes no other with it.
    assert isinstance(zero, IntegrityError)
    assert calls == [[0], [0, 1, 2, 3], [0], [1], [2], [3]]
    assert noted(database) == [0, 1, 2, 3]


def test_works_of_one_key_keep_their_order(database: Database) -> None:
    order: list[str] = []

    def say(words: str) -> Callable[[Session], int]:
        return lambda _: order.append(words) or 0

    together(database, ("b", say("b1")), ("a", say("a1")), ("b", say("b2")), ("a", say("a2")))

    assert order == ["a1", "a2", "b1", "b2"]


def test_when_the_database_is_away_not_each_waits_for_the_same_answer(database: Database) -> None:  # case 7
    asked: list[int] = []

    def away(_: Session) -> int:
        asked.append(1)
        raise OperationalError("SELECT 1", {}, Exception("away"))

    told = together(database, *(("a", away) for _ in range(10)))

    assert [type(each) for each in told] == [OperationalError] * 10
    # Once in the group, once alone.
    assert len(asked) == 2


async def test_reads_of_the_same_moment_share_a_session_and_one_that_fails_takes_no_other_with_it(
    database: Database,
) -> None:
    reads = GroupedReads(database)

    def fail(_session: Session) -> int:
        raise ValueError("of one alone")

    first, second, third = await asyncio.gather(reads.do(id), reads.do(fail), reads.do(id), return_exceptions=True)

    assert isinstance(first, int)
    assert third == first
    assert repr(second) == "ValueError('of one alone')"
