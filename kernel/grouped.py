"""Grouped writes: works that come at the same moment share one transaction, and each hears of its end after the commit.

A transaction of its own for each costs a lock, a flush to the disk and a wait for the writers of other processes; of
many that come at once most of that is paid once. Alone, a work is written at once: nothing waits for company.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from kernel.db import Database
from kernel.logging import get_logger

R = TypeVar("R")
log = get_logger(__name__)

# Bounds how long the first of a group waits for the last, and how long other writers wait for all of them.
GROUP_MOST = 32


@dataclass(frozen=True, slots=True)
class _Work:
    key: str
    write: Callable[[Session], Any]
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
        done: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Work(key, write, done))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write_all())
        return await done

    async def _write_all(self) -> None:
        while self._waiting:
            # By key, so that all processes take the locks of a group in the same order.
            group = sorted(self._waiting[:GROUP_MOST], key=lambda work: work.key)
            del self._waiting[:GROUP_MOST]
            outcomes = await asyncio.to_thread(self._write, [work.write for work in group])
            for work, outcome in zip(group, outcomes, strict=True):
                if work.done.done():  # whoever asked has gone
                    continue
                if isinstance(outcome, Exception):
                    work.done.set_exception(outcome)
                else:
                    work.done.set_result(outcome)

    def _write(self, works: list[Callable[[Session], Any]]) -> list[Any]:
        """For each work what it gave back, or the exception that says why it is not written."""
        if len(works) > 1:
            try:
                with self._database.write() as session:
                    given = [work(session) for work in works]
            except Exception:  # noqa: BLE001  # whose fault it was is found below, and the others are written
                log.info("group_written_singly", works=len(works))
            else:
                return given
        outcomes: list[Any] = []
        for work in works:
            if outcomes and isinstance(outcomes[-1], OperationalError):
                # The database is away, or locked: the rest need not wait for the same answer.
                outcomes.append(outcomes[-1])
                continue
            try:
                with self._database.write() as session:
                    one = work(session)
            except Exception as error:  # noqa: BLE001  # it is told to whoever asked for this work
                outcomes.append(error)
            else:
                outcomes.append(one)
        return outcomes
