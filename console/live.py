"""The stream of news that a page listens to: the bot's, handed on to the member's browser."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from console.desk import desk_of
from kernel.errors import ComandaError


async def stream(request: Request) -> Response:
    """An event says which conversations changed; what changed the page asks for with its member's own rights."""
    async with AsyncExitStack() as opening:
        bot = await opening.enter_async_context(desk_of(request).bot(request))
        # Nothing is promised to the browser before the bot has answered: a refusal is a status, not an empty stream.
        chunks = await opening.enter_async_context(bot.events())
        opened = opening.pop_all()

    async def hand_on() -> AsyncIterator[bytes]:
        async with opened:
            try:
                async for chunk in chunks:
                    yield chunk
            except ComandaError:
                return  # the browser connects again by itself

    return StreamingResponse(hand_on(), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


routes = [Route("/events", stream)]
