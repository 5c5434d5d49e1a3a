"""What waits for a second person: approve it, refuse it, or take one's own back."""

from __future__ import annotations

from typing import get_args

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from backend.schemas.staff import PendingStatus
from console.acts import key_of, sent, texts
from console.desk import desk_of, root_of, words_of
from console.finance.forms import MOST_TYPED, said
from console.tabs import ADMIN
from kernel.errors import Conflict, Forbidden, Invalid

STATUSES = get_args(PendingStatus)


async def show(request: Request) -> Response:
    return await _page(request)


async def decide(request: Request) -> Response:
    words, form, number = words_of(request), texts(await sent(request)), request.path_params["number"]
    step, note = form["step"], form["note"]
    if step == "refuse" and not note:
        return await _page(request, 422, number, words.reason_needed, note)
    async with desk_of(request).oms(request) as oms:
        try:
            if step == "approve":
                await oms.approve_pending(number, key=key_of(form))
            elif step == "refuse":
                await oms.refuse_pending(number, note[:MOST_TYPED], key=key_of(form))
            else:
                await oms.withdraw_pending(number, key=key_of(form))
        except (Conflict, Forbidden, Invalid) as refusal:
            return await _page(request, refusal.status, number, said(request, refusal), note)
    return RedirectResponse(f"{root_of(request)}/finance/pending", 303)


async def _page(request: Request, status: int = 200, at: str = "", problem: str = "", note: str = "") -> Response:
    desk = desk_of(request)
    chosen = request.query_params.get("status", "")
    chosen = chosen if chosen in STATUSES else "pending"
    async with desk.oms(request) as oms:
        page = await oms.pending_acts(chosen, request.query_params.get("cursor"))
    return await desk.page(
        request,
        "finance/pending.html",
        status,
        acts=page.acts,
        next_cursor=page.next_cursor,
        status=chosen,
        is_finance=bool(desk.staff(request).roles & {"finance", ADMIN}),
        statuses=STATUSES,
        me=f"staff:{desk.staff(request).id}",
        at_act=at,
        problem=problem,
        typed=note,
        waits=request.query_params.get("waits", ""),
    )


routes = [Route("/finance/pending", show), Route("/finance/pending/{number}", decide, methods=["POST"])]
