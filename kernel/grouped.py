"""Grouped writes: works that come at the same moment share one transaction, and each hears of its end after the commit.
Grouped reads: the same for those who only look.

A transaction of its own for each costs a lock, a flush to the disk and a wait for the writers of other processes; of
many that come at once most of that is paid once. Alone, a work is written at once: nothing waits for company.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, TypeVar

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from kernel.db import Database
from kernel.logging import get_logger

T = TypeVar("T")
R = TypeVar("R")
log = get_logger(__name__)

# Bounds how long the first of a group waits for the last, and how long other writers wait for all of them.
GROUP_MOST = 32


@dataclass(frozen=True, slots=True)
class _Work:
    key: str
    item: Any
    write_all: Callable[[Session, list[Any]], Sequence[Any]]
    done: asyncio.Future[Any]


class GroupedWrites:
    """Of one event loop. Works of one `key` are written in the order in which they came.

    A work may be called twice, the second time in a session that knows nothing of the first: one that cannot be
    written takes no other of its group with it, because then each is written alone.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: list[_Work] = []
        self._writer: asyncio.Task[None] | None = None

    async def do(self, key: str, write: Callable[[Session], R]) -> R:
        """What `write` gives back, once it is committed. Raises: what it raises, or the database does."""
        return await self.do_alike(key, write, _write_each)

    async def do_alike(self, key: str, item: T, write_all: Callable[[Session, list[T]], Sequence[R]]) -> R:
        """The same for works that cost less together: `write_all` gets the items of all that stand side by side in the
        order of their keys, and gives back something for each.
        """
        done: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Work(key, item, write_all, done))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write_all())
        return await done

    async def _write_all(self) -> None:
        while self._waiting:
            # By key, so that all processes take the locks of a group in the same order.
            group = sorted(self._waiting[:GROUP_MOST], key=lambda work: work.key)
            del self._waiting[:GROUP_MOST]
            outcomes = await asyncio.to_thread(self._write, group)
            for work, outcome in zip(group, outcomes, strict=True):
                _settle(work.done, outcome)

    def _write(self, works: list[_Work]) -> list[Any]:
        """For each work what it gave back, or the exception that says why it is not written."""
        if len(works) > 1:
            try:
                return self._write_together(works)
            except Exception:  # noqa: BLE001  # whose fault it was is found below, and the others are written
                log.info("group_written_singly", works=len(works))
        outcomes: list[Any] = []
        for work in works:
            if outcomes and isinstance(outcomes[-1], OperationalError):
                # The database is away, or locked: the rest need not wait for the same answer.
                outcomes.append(outcomes[-1])
                continue
            try:
                outcomes += self._write_together([work])
            except Exception as error:  # noqa: BLE001  # it is told to whoever asked for this work
                outcomes.append(error)
        return outcomes

    def _write_together(self, works: list[_Work]) -> list[Any]:
        given: list[Any] = []
        with self._database.write() as session:
            for write_all, alike in groupby(works, key=lambda work: work.write_all):
                given += write_all(session, [work.item for work in alike])
        return given


def _write_each(session: Session, writes: list[Callable[[Session], R]]) -> list[R]:
    return [write(session) for write in writes]


class GroupedReads:
    """Of one event loop: who looks at the same moment shares a session and a trip to a thread."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: list[tuple[Callable[[Session], Any], asyncio.Future[Any]]] = []
        self._reader: asyncio.Task[None] | None = None

    async def do(self, read: Callable[[Session], R]) -> R:
        """What `read` finds. Raises: what it raises."""
        done: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((read, done))
        if self._reader is None or self._reader.done():
            self._reader = asyncio.create_task(self._read_all())
        return await done

    async def _read_all(self) -> None:
        while self._waiting:
            group = self._waiting[:GROUP_MOST]
            del self._waiting[:GROUP_MOST]
            outcomes = await asyncio.to_thread(self._read, [read for read, _done in group])
            for (_read, done), outcome in zip(group, outcomes, strict=True):
                _settle(done, outcome)

    def _read(self, reads: list[Callable[[Session], Any]]) -> list[Any]:
        """For each what it found, or the exception that says why it found nothing."""
        outcomes: list[Any] = []
        with self._database.read() as session:
            for read in reads:
                try:
                    outcomes.append(read(session))
                except Exception as error:  # noqa: BLE001  # it is told to whoever asked
                    outcomes.append(error)
        return outcomes


def _settle(done: asyncio.Future[Any], outcome: Any) -> None:
    if done.done():  # whoever asked has gone
        return
    if isinstance(outcome, Exception):
        done.set_exception(outcome)
    else:
        done.set_result(outcome)
