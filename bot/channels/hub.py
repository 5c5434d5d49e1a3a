"""The open sockets of one web process, and which of them have news.

A socket never queues messages: it is told "there is news" and reads the rows after the last one it sent. So a slow
reader costs nothing but its own time, and a lost hint is found by the sweep.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import select

from bot.conversations.models import Conversation
from bot.hints import WRITING
from kernel import clock
from kernel.db import Database
from kernel.logging import get_logger

log = get_logger(__name__)

SWEEP_S = 3.0
# A person pauses to think for as long before they are taken to write no more.
WRITES_FOR_S = 8.0
_SWEEP_BATCH = 500
_OVERLAP = timedelta(seconds=1)


class Listener:
    """One socket's bell. `seen` is what the socket has shown of its conversation: last seq, owner, language."""

    def __init__(self, conversation_id: str) -> None:
        self.conversation_id = conversation_id
        self.seen: tuple[int, str, str] = (0, "", "")
        # Until when, on the monotonic clock, the person who has the conversation is taken to be writing.
        self.written_until = 0.0
        self._bell = asyncio.Event()

    def ring(self) -> None:
        self._bell.set()

    async def news(self) -> None:
        await self._bell.wait()
        self._bell.clear()


class Watcher:
    """Someone who is told of every conversation that changes."""

    def __init__(self) -> None:
        self._changed: set[str] = set()
        self._bell = asyncio.Event()

    def hear(self, conversation_id: str) -> None:
        self._changed.add(conversation_id)
        self._bell.set()

    async def news(self) -> set[str]:
        """The conversations that changed since the last time, once there is one."""
        await self._bell.wait()
        self._bell.clear()
        changed, self._changed = self._changed, set()
        return changed


class Hub:
    """Rings the listeners of a conversation, when a hint comes or the sweep finds one behind."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._listeners: dict[str, set[Listener]] = defaultdict(set)
        self._watchers: set[Watcher] = set()
        # Of which conversations there was a hint since the last sweep, and when that was.
        self._hinted: set[str] = set()
        self._looked_at = clock.now()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._sweeper: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._sweeper = asyncio.create_task(self._sweep_for_ever())

    async def stop(self) -> None:
        if self._sweeper:
            self._sweeper.cancel()
            with suppress(asyncio.CancelledError):
                await self._sweeper

    def add(self, listener: Listener) -> None:
        self._listeners[listener.conversation_id].add(listener)

    def remove(self, listener: Listener) -> None:
        listeners = self._listeners[listener.conversation_id]
        listeners.discard(listener)
        if not listeners:
            del self._listeners[listener.conversation_id]

    def watch(self, watcher: Watcher) -> None:
        if not self._watchers:
            self._looked_at = clock.now()
        self._watchers.add(watcher)

    def unwatch(self, watcher: Watcher) -> None:
        self._watchers.discard(watcher)

    def wake(self, conversation_id: str) -> None:
        """There is news in a conversation. May be called from any thread."""
        if self._loop and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._ring, conversation_id)

    def _ring(self, hint: str) -> None:
        conversation_id = hint.removeprefix(WRITING)
        if hint != conversation_id:
            for listener in self._listeners.get(conversation_id, ()):
                listener.written_until = time.monotonic() + WRITES_FOR_S
                listener.ring()
            return
        for listener in self._listeners.get(conversation_id, ()):
            listener.ring()
        if self._watchers:
            self._hinted.add(conversation_id)
            self._tell_watchers(conversation_id)

    def _tell_watchers(self, conversation_id: str) -> None:
        for watcher in self._watchers:
            watcher.hear(conversation_id)

    async def _sweep_for_ever(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_S)
            try:
                await self._sweep()
            except Exception:  # the edge: a database that is away now is there for the next sweep
                log.exception("sweep_failed")

    async def _sweep(self) -> None:
        open_ids = list(self._listeners)
        for start in range(0, len(open_ids), _SWEEP_BATCH):
            states = await asyncio.to_thread(self._states, open_ids[start : start + _SWEEP_BATCH])
            for conversation_id, state in states.items():
                for listener in self._listeners.get(conversation_id, ()):
                    if listener.seen != state:
                        listener.ring()
        if self._watchers:
            # Clocks of several processes may differ by the overlap.
            hinted, self._hinted, began_at = self._hinted, set(), clock.now()
            spoken_in = await asyncio.to_thread(self._spoken_in, self._looked_at - _OVERLAP)
            self._looked_at = began_at
            for conversation_id in set(spoken_in) - hinted - self._hinted:
                self._tell_watchers(conversation_id)

    def _spoken_in(self, since: datetime) -> list[str]:
        with self._database.read() as session:
            return list(session.scalars(select(Conversation.id).where(Conversation.last_message_at >= since)))

    def _states(self, conversation_ids: list[str]) -> dict[str, tuple[int, str, str]]:
        columns = (Conversation.id, Conversation.last_seq, Conversation.owner, Conversation.language)
        with self._database.read() as session:
            rows = session.execute(select(*columns).where(Conversation.id.in_(conversation_ids)))
            return {row.id: (row.last_seq, row.owner, row.language) for row in rows}
