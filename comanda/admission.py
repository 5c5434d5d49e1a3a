"""How many requests are answered at once: more are refused at the door, so that what is let in is in time."""

from __future__ import annotations

import time
from collections import Counter

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from kernel.errors import Unavailable
from kernel.logging import get_logger

log = get_logger(__name__)

# Each part of the address space has its own share: who calls the API without end holds up no webhook.
AT_ONCE_MOST = 128
# Not every provider tells a message again, and taking one in costs little more than refusing it: more of them may wait,
# a second's worth where that is all there is to do, some seconds where it is not; providers wait for ten and more.
# Of the APIs a page of the console asks several things at once.
AT_ONCE_MOST_OF = {"channels": 768, "api": 256, "bot": 256}
# How we are is said whatever there is to do; a stream stays open for as long as its page, and mostly does nothing.
NEVER_REFUSED = frozenset({"/healthz", "/readyz", "/console/events"})
RETRY_AFTER_S = 1
# While there is too much, each line of the log takes from what could be answered.
LOG_EVERY_S = 1.0


class Admission:
    """Refuses (503, `Retry-After`) what comes while its part has its full share in work. Sockets are not counted."""

    def __init__(self, app: ASGIApp, parts: frozenset[str]) -> None:
        """`parts` are first segments of addresses; all others share one place."""
        self.app = app
        self._parts = parts
        self.in_work: Counter[str] = Counter()
        self._refused: Counter[str] = Counter()
        self._logged_at = -LOG_EVERY_S

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in NEVER_REFUSED:
            await self.app(scope, receive, send)
            return
        first = scope["path"].removeprefix("/").partition("/")[0]
        part = first if first in self._parts else ""
        if self.in_work[part] >= AT_ONCE_MOST_OF.get(part, AT_ONCE_MOST):
            self._note(part)
            body = Unavailable("More is asked at once than can be answered in time").as_problem()
            headers = {"Retry-After": str(RETRY_AFTER_S)}
            await JSONResponse(body, 503, headers, "application/problem+json")(scope, receive, send)
            return
        self.in_work[part] += 1
        try:
            await self.app(scope, receive, send)
        finally:
            self.in_work[part] -= 1

    def _note(self, part: str) -> None:
        """Says how many were refused since it was last said, and of which part."""
        self._refused[part] += 1
        now = time.monotonic()
        if now - self._logged_at >= LOG_EVERY_S:
            log.warning("requests_put_off", parts=dict(self._refused))
            self._refused.clear()
            self._logged_at = now
