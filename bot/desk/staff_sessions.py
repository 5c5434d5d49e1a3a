"""Whether a member of the staff is still signed in: the OMS says so, and is believed for some seconds."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from time import monotonic

import httpx

from backend.client import BackendClient
from kernel.config import Settings
from kernel.tokens import Principal

# A session that ends in the OMS has ended here within so long.
FRESH_S = 4.0
MOST_REMEMBERED = 2_000
# The console says so of pages that ask by themselves; the OMS keeps no session alive for them.
BACKGROUND = "Comanda-Background"


class StaffSessions:
    """`transport` is for tests."""

    def __init__(self, settings: Settings, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._url = settings.backend_url
        self._transport = transport
        self._known: dict[tuple[str, bool], tuple[float, Principal]] = {}
        # Who asks at the same moment as another waits for that answer.
        self._asked: dict[tuple[str, bool], asyncio.Task[Principal]] = {}

    async def check(self, found: Principal, token: str, *, is_background: bool) -> Principal:
        """The principal with the role that its member has now; a tool's token has no session to ask for.

        Raises: what the OMS refuses with, BackendUnavailable.
        """
        if found.session_id is None:
            return found
        key = found.session_id, is_background
        until, known = self._known.get(key, (0.0, found))
        if monotonic() < until:
            return known
        if key not in self._asked:
            self._asked[key] = asyncio.create_task(self._ask(key, found, token))
            self._asked[key].add_done_callback(lambda _: self._asked.pop(key))
        return await asyncio.shield(self._asked[key])

    async def _ask(self, key: tuple[str, bool], found: Principal, token: str) -> Principal:
        headers = {BACKGROUND: "true"} if key[1] else None
        async with BackendClient(self._url, token, self._transport, headers) as oms:
            current = await oms.current_session()
        known = replace(found, grants=frozenset({f"role:{current.role}"}))
        if len(self._known) >= MOST_REMEMBERED:
            self._known.clear()
        self._known[key] = (monotonic() + FRESH_S, known)
        return known
