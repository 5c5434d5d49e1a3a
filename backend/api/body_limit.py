"""Requests that are too large are refused before anything looks into them."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.api import problems

MAX_BODY_BYTES = 64 * 1024
# Whoever posts to these has signed in as staff, or sends what cannot be small.
_LARGER = {
    "/staff/bank/statements": 4 * 1024 * 1024,
    "/staff/catalog/previews": 12 * 1024 * 1024,
    "/staff/catalog/imports": 12 * 1024 * 1024,
}


class BodyLimit:
    """Hands the app a request, whole, of at most MAX_BODY_BYTES: nearly every body of this API is small."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        messages = await _whole(receive, _limit(scope["path"]))
        if messages is None:
            await problems.answer(problems.BodyTooLarge())(scope, receive, send)
            return
        held = iter(messages)

        async def replay() -> Message:
            return next(held, None) or await receive()

        await self.app(scope, replay, send)


def _limit(path: str) -> int:
    # The app may be mounted below another: what its own routes are called is how the path ends.
    return next((limit for suffix, limit in _LARGER.items() if path.endswith(suffix)), MAX_BODY_BYTES)


async def _whole(receive: Receive, limit: int) -> list[Message] | None:
    """The messages of one body; None when they are more than may be."""
    messages: list[Message] = []
    size = 0
    while not messages or messages[-1].get("more_body", False):
        messages.append(await receive())
        size += len(messages[-1].get("body", b""))
        if size > limit:
            return None
    return messages
