"""Messages of which the assistant was not sure, one under the other, each to be said what it meant."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.client import NewLabel
from console.acts import key_of, sent, typed
from console.desk import desk_of, root_of, words_of
from kernel.errors import NotFound
from kernel.tables import write_table

WORDS_MOST = 1_000
MAY_LABEL = frozenset({"agent", "sales", "admin"})


async def show(request: Request) -> Response:
    return await _page(request)


async def label(request: Request) -> Response:
    """Keep what a message meant, or that it teaches nothing. What cannot be kept stays as it was typed."""
    words, message_id = words_of(request), request.path_params["message_id"]
    form = await sent(request)
    intent, text = typed(form, "intent", 40), typed(form, "text", WORDS_MOST)
    is_useless = typed(form, "step", 10) == "useless"
    if not is_useless and (intent not in words.intent or not text):
        return await _page(request, 422, at=message_id, text=text, intent=intent, problem=words.label_incomplete)
    given = NewLabel(intent=None) if is_useless else NewLabel(intent=intent, text=text)
    async with desk_of(request).bot(request) as bot:
        try:
            await bot.label(message_id, given, key=key_of(form))
        except NotFound:
            return await _page(request, 404, problem=words.doubt_gone)
    return RedirectResponse(f"{root_of(request)}/insights/doubts", 303)


async def export(request: Request) -> Response:
    """All that was taught, for a spreadsheet."""
    async with desk_of(request).bot(request) as bot:
        labels = await bot.labels()
    rows = [("language", "intent", "text"), *((each.language, each.intent, each.text) for each in labels)]
    headers = {"Content-Disposition": 'attachment; filename="labels.csv"'}
    return Response("\ufeff" + write_table(rows), media_type="text/csv; charset=utf-8", headers=headers)


async def _page(
    request: Request, status: int = 200, *, at: str = "", text: str = "", intent: str = "", problem: str = ""
) -> Response:
    desk = desk_of(request)
    async with desk.bot(request) as bot:
        doubts, next_cursor = await bot.doubts(request.query_params.get("cursor"))
    return await desk.page(
        request,
        "insights/doubts.html",
        status,
        doubts=doubts,
        next_cursor=next_cursor,
        may_label=bool(desk.staff(request).roles & MAY_LABEL),
        at_message=at,
        typed_text=text,
        typed_intent=intent,
        problem=problem,
    )


routes = [
    Route("/insights/doubts", show),
    Route("/insights/labels.csv", export),
    Route("/insights/doubts/{message_id}", label, methods=["POST"]),
]
