"""The inbox: conversations in a list, the chosen one beside it, both kept fresh."""

from __future__ import annotations

import hashlib

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.client import BotClient, ConversationView, MessageView
from console.desk import Desk, LivePart, desk_of, root_of
from console.tabs import tabs_of

OWNERS = ("queued", "agent", "assistant", "closed")
# A page hears of news by the stream; this often it looks for itself, should the stream have been silent.
SWEEP_S = 20
# Of how many messages, the latest, it is looked what became of them.
WATCHED = 20


async def go_home(request: Request) -> Response:
    """The first desk of whoever comes: the inbox, for those who work at it."""
    first = next(iter(tabs_of(desk_of(request).staff(request).roles)), None)
    if first and first.path != "/":
        return RedirectResponse(f"{root_of(request)}{first.path}", 303)
    return await show_list(request)


async def show_list(request: Request) -> Response:
    return await _page(request, None)


async def show_conversation(request: Request) -> Response:
    return await _page(request, request.path_params["conversation_id"])


async def _page(request: Request, chosen: str | None) -> Response:
    desk = desk_of(request)
    owner, cursor = _owner(request), request.query_params.get("cursor")
    async with desk.bot(request) as bot:
        conversations, next_cursor = await bot.conversations(owner, cursor)
        messages = await _all_messages(bot, chosen) if chosen else []
    part = _list_part(request, chosen)
    render_list = desk.still if cursor else desk.live
    return await desk.page(
        request,
        "inbox.html",
        list=await render_list(request, part, "_conversations.html", conversations=conversations, chosen=chosen),
        owner=owner,
        owners=OWNERS,
        chosen=chosen,
        conversation=_find(conversations, chosen),
        messages=messages,
        fates=_fates(messages),
        next_cursor=next_cursor,
        sweep_s=SWEEP_S,
    )


async def _all_messages(bot: BotClient, conversation_id: str) -> list[MessageView]:
    """The whole conversation: the newest is what staff came for, and it comes last."""
    messages = await bot.messages(conversation_id)
    while messages and (more := await bot.messages(conversation_id, after=messages[-1].seq)):
        messages += more
    return messages


async def refresh_list(request: Request) -> Response:
    desk = desk_of(request)
    chosen = request.query_params.get("chosen") or None
    async with desk.bot(request) as bot:
        conversations, _ = await bot.conversations(_owner(request))
    response = await desk.refresh(
        request, _list_part(request, chosen), "_conversations.html", conversations=conversations, chosen=chosen
    )
    if response.status_code == 200 and chosen:
        state = await _thread_state(desk, request, conversations, chosen)
        return HTMLResponse(bytes(response.body) + state.encode())
    return response


async def _thread_state(desk: Desk, request: Request, conversations: list[ConversationView], chosen: str) -> str:
    """The head of the open conversation, swapped in beside the list it came with."""
    conversation = _find(conversations, chosen)
    return await desk.render(request, "_thread_head.html", conversation=conversation, chosen=chosen, is_swap=True)


async def refresh_messages(request: Request) -> Response:
    """What was said after the last message on the page, the place where the next will go, and what became of those
    before.
    """
    desk = desk_of(request)
    conversation_id = request.path_params["conversation_id"]
    given = request.query_params.get("after", "0")
    after = int(given) if given.isdecimal() else 0
    async with desk.bot(request) as bot:
        found = await bot.messages(conversation_id, after=max(after - WATCHED, 0))
    messages, settled = [each for each in found if each.seq > after], [each for each in found if each.seq <= after]
    if not messages and _fates(settled) == request.query_params.get("fates"):
        return Response(status_code=204)
    html = await desk.render(
        request,
        "_messages.html",
        messages=messages,
        settled=settled,
        last=after,
        fates=_fates(found),
        chosen=conversation_id,
        sweep_s=SWEEP_S,
        day="",
    )
    return HTMLResponse(html)


def _fates(messages: list[MessageView]) -> str:
    """Names what became of the latest messages: another name, and the page has something to show."""
    told = [(each.id, each.delivery.status) for each in messages[-WATCHED:] if each.delivery]
    return hashlib.sha256(repr(told).encode()).hexdigest()[:12]


async def show_attachment(request: Request) -> Response:
    """What a customer sent, as the bot gives it out: never as a page of ours."""
    async with desk_of(request).bot(request) as bot:
        file = await bot.attachment(request.path_params["attachment_id"])
    headers = {
        "Content-Disposition": file.disposition,
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "private, no-store",
    }
    return Response(file.content, media_type=file.type, headers=headers)


def _owner(request: Request) -> str | None:
    owner = request.query_params.get("owner")
    return owner if owner in OWNERS else None


def _list_part(request: Request, chosen: str | None) -> LivePart:
    query = {name: value for name, value in (("owner", _owner(request)), ("chosen", chosen)) if value}
    return LivePart("conversations", "/conversations/list", SWEEP_S, query, hears="conversations")


def _find(conversations: list[ConversationView], chosen: str | None) -> ConversationView | None:
    return next((conversation for conversation in conversations if conversation.id == chosen), None)


routes = [
    Route("/", go_home, name="home"),
    Route("/conversations", show_list),
    Route("/conversations/list", refresh_list),
    Route("/conversations/{conversation_id}", show_conversation),
    Route("/conversations/{conversation_id}/messages", refresh_messages),
    Route("/attachments/{attachment_id}", show_attachment, name="attachment"),
]
