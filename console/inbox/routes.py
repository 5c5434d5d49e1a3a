"""The inbox: conversations in a list, the chosen one beside it, both kept fresh."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from console.desk import desk_of, root_of
from console.inbox import acting, customers, linking, templates, thread
from console.inbox.page import filters_of, list_part, listed, page
from console.tabs import tabs_of


async def go_home(request: Request) -> Response:
    """The first desk of whoever comes: the inbox, for those who work at it."""
    first = next(iter(tabs_of(desk_of(request).staff(request).roles)), None)
    if first and first.path != "/":
        return RedirectResponse(f"{root_of(request)}{first.path}", 303)
    return await show_list(request)


async def show_list(request: Request) -> Response:
    return await page(request, None)


async def show_conversation(request: Request) -> Response:
    return await page(request, request.path_params["conversation_id"])


async def refresh_list(request: Request) -> Response:
    desk = desk_of(request)
    chosen = request.query_params.get("chosen") or None
    async with desk.bot(request) as bot:
        listing = await listed(request, bot)
    names = await customers.names_of(request).of(request, (each.customer_id for each in listing.found))
    rows = {"conversations": listing.found, "unread": listing.unread, "names": names, "query": filters_of(request)}
    return await desk.refresh(request, list_part(request, chosen), "_conversations.html", **rows, chosen=chosen)


async def refresh_messages(request: Request) -> Response:
    """What was said after the last message on the page, the place where the next will go, what became of those before,
    and, where that changed, whose the conversation is.
    """
    desk = desk_of(request)
    async with desk.bot(request) as bot:
        news = await thread.news(request, bot, request.path_params["conversation_id"])
    if news is None:
        return Response(status_code=204)
    html = await desk.render(request, "_messages.html", **news)
    if news["is_head_new"]:
        news["names"] = await customers.names_of(request).of(request, [news["conversation"].customer_id])
        html += await desk.render(request, "_thread_head.html", **news, is_swap=True)
    if news["is_mode_new"]:
        html += await desk.render(request, "_composer.html", **news, is_swap=True)
    return HTMLResponse(html)


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


routes = [
    Route("/", go_home, name="home"),
    Route("/conversations", show_list),
    Route("/conversations/list", refresh_list),
    Route("/conversations/{conversation_id}", show_conversation),
    Route("/conversations/{conversation_id}/messages", refresh_messages, methods=["GET"]),
    *acting.routes,
    *templates.routes,
    *customers.routes,
    *linking.routes,
    Route("/attachments/{attachment_id}", show_attachment, name="attachment"),
]
