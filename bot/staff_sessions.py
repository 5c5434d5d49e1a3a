"""Whether a member of the staff is still signed in: the OMS says so, and is believed for some seconds."""

from __future__ import annotations

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

    async def check(self, found: Principal, token: str, *, is_background: bool) -> Principal:
        """The principal with the role that its member has now; a tool's token has no session to ask for.

        Raises: what the OMS refuses with, BackendUnavailable.
        """
        if found.session_id is None:
            return found
        until, known = self._known.get((found.session_id, is_background), (0.0, found))
        if monotonic() < until:
            return known
        headers = {BACKGROUND: "true"} if is_background else None
        async with BackendClient(self._url, token, self._transport, headers) as oms:
            current = await oms.current_session()
        known = replace(found, grants=frozenset({f"role:{current.role}"}))
        if len(self._known) >= MOST_REMEMBERED:
            self._known.clear()
        self._known[found.session_id, is_background] = (monotonic() + FRESH_S, known)
        return known
