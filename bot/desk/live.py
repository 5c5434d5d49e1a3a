"""The staff's stream of news: which conversations changed, as server-sent events.

An event is a hint, never the news itself: who hears one reads again what they show. Who connects anew is told `ready`
and reads everything again, so nothing has to be replayed and nothing that was missed stays missed.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool

from bot.channels.hub import Hub, Watcher
from bot.desk.access import is_signed_in, require, viewer_of
from bot.desk.presence import Signs
from kernel.tokens import Principal

# Many changes in a moment are one event: a page that is told more often only draws more often.
GAP_S = 0.25
RETRY_MS = 2_000
# A stream ends and is asked for again, with a token that is judged anew.
LIFETIME_S = 600.0
# Whose session ends hears no more within so long.
CHECKED_EVERY_S = 4.0

router = APIRouter(prefix="/bot/api", tags=["conversations"])


@router.get("/events", response_class=EventSourceResponse, summary="Which conversations changed, as it happens")
async def stream(
    request: Request, member: Annotated[Principal, Depends(require("staff"))]
) -> AsyncIterator[ServerSentEvent]:
    """`ready` once it listens, then `conversations` with the ids of those that changed since the event before.

    Who listens is there, and keeps the conversations they have.
    """
    signs: Signs = request.app.state.signs
    hub: Hub = request.app.state.hub
    watcher = Watcher()
    hub.watch(watcher)
    ends_at = time.monotonic() + LIFETIME_S
    try:
        yield ServerSentEvent(event="ready", data=[], retry=RETRY_MS)
        while time.monotonic() < ends_at and await is_signed_in(request, member):
            await run_in_threadpool(signs.of, viewer_of(member))
            try:
                changed = await asyncio.wait_for(watcher.news(), CHECKED_EVERY_S)
            except TimeoutError:
                continue
            yield ServerSentEvent(event="conversations", data=sorted(changed))
            await asyncio.sleep(GAP_S)
    finally:
        hub.unwatch(watcher)
