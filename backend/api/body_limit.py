"""Requests that are too large are refused before anything looks into them."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.api import problems

MAX_BODY_BYTES = 64 * 1024


class BodyLimit:
    """Hands the app a request of at most MAX_BODY_BYTES, whole. Every body of this API is small, so it is held."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        messages = await _whole(receive)
        if messages is None:
            await problems.answer(problems.BodyTooLarge())(scope, receive, send)
            return
        held = iter(messages)

        async def replay() -> Message:
            return next(held, None) or await receive()

        await self.app(scope, replay, send)


async def _whole(receive: Receive) -> list[Message] | None:
    """The messages of one body; None when they are more than may be."""
    messages: list[Message] = []
    size = 0
    while not messages or messages[-1].get("more_body", False):
        messages.append(await receive())
        size += len(messages[-1].get("body", b""))
        if size > MAX_BODY_BYTES:
            return None
    return messages
