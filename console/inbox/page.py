"""The page of the inbox: the list, and beside it the conversation that was chosen."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from bot.client import BotClient, ConversationPage, ConversationView
from console.desk import LivePart, desk_of
from console.inbox import customers, thread
from console.inbox.thread import SWEEP_S

# "mine" is what the reader has themselves; the others are owners as the bot names them.
OWNERS = ("mine", "queued", "agent", "assistant", "closed")
CHANNELS = ("web", "whatsapp", "telegram")
MAX_QUERY = 120


async def page(request: Request, chosen: str | None, http_status: int = 200, **shown: Any) -> Response:
    """Raises: ConversationNotFound."""
    desk, cursor = desk_of(request), request.query_params.get("cursor")
    async with desk.bot(request) as bot:
        listing, teams = await asyncio.gather(listed(request, bot, cursor), bot.teams())
        read: dict[str, Any] = await thread.whole(request, bot, chosen) if chosen else {"chosen": None}
    everyone: list[ConversationView] = [*listing.found, read["conversation"]] if chosen else listing.found
    names = await customers.names_of(request).of(request, (each.customer_id for each in everyone))
    part, query = list_part(request, chosen), filters_of(request)
    render_list = desk.still if cursor else desk.live
    rows = {"conversations": listing.found, "unread": listing.unread, "chosen": chosen, "names": names, "query": query}
    return await desk.page(
        request,
        "inbox.html",
        http_status,
        list=await render_list(request, part, "_conversations.html", **rows),
        query=query,
        owners=OWNERS,
        channels=CHANNELS,
        teams=teams,
        names=names,
        next_cursor=listing.next_cursor,
        **(read | shown),
    )


async def listed(request: Request, bot: BotClient, cursor: str | None = None) -> ConversationPage:
    """The conversations that the page asks for."""
    query = filters_of(request)
    owner, text = query.get("owner"), query.get("q")
    return await bot.conversations(
        owner if owner != "mine" else None,
        cursor,
        agent_id=desk_of(request).staff(request).id if owner == "mine" else None,
        team=query.get("team"),
        tag=query.get("tag"),
        channel=query.get("channel"),
        query=text,
        customer_ids=await customers.found(request, text) if text else (),
    )


def filters_of(request: Request) -> dict[str, str]:
    """What the reader narrowed the list down to."""
    given = {
        name: request.query_params.get(name, "").strip()[:MAX_QUERY]
        for name in ("owner", "channel", "team", "tag", "q")
    }
    known = {"owner": OWNERS, "channel": CHANNELS}
    return {name: value for name, value in given.items() if value and value in known.get(name, (value,))}


def list_part(request: Request, chosen: str | None) -> LivePart:
    query = filters_of(request) | ({"chosen": chosen} if chosen else {})
    return LivePart("conversations", "/conversations/list", SWEEP_S, query, hears="conversations")
