"""The page of the inbox: the list, and beside it the conversation that was chosen."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from console.desk import LivePart, desk_of
from console.inbox import thread
from console.inbox.thread import SWEEP_S

OWNERS = ("queued", "agent", "assistant", "closed")


async def page(request: Request, chosen: str | None, http_status: int = 200, **shown: Any) -> Response:
    """Raises: ConversationNotFound."""
    desk = desk_of(request)
    owner, cursor = owner_of(request), request.query_params.get("cursor")
    async with desk.bot(request) as bot:
        conversations, next_cursor = await bot.conversations(owner, cursor)
        read = await thread.whole(request, bot, chosen) if chosen else {"chosen": None}
    part = list_part(request, chosen)
    render_list = desk.still if cursor else desk.live
    return await desk.page(
        request,
        "inbox.html",
        http_status,
        list=await render_list(request, part, "_conversations.html", conversations=conversations, chosen=chosen),
        owner=owner,
        owners=OWNERS,
        next_cursor=next_cursor,
        **(read | shown),
    )


def owner_of(request: Request) -> str | None:
    owner = request.query_params.get("owner")
    return owner if owner in OWNERS else None


def list_part(request: Request, chosen: str | None) -> LivePart:
    query = {name: value for name, value in (("owner", owner_of(request)), ("chosen", chosen)) if value}
    return LivePart("conversations", "/conversations/list", SWEEP_S, query, hears="conversations")
