"""What waits to be got ready: the next promise first, and a field that finds one by its number."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from backend.client import BackendClient
from backend.schemas.fulfillment import FulfillmentPage
from console.desk import LivePart, desk_of, root_of, words_of
from kernel.errors import NotFound

# view -> (statuses, kind)
VIEWS: dict[str, tuple[tuple[str, ...], str | None]] = {
    "pick": (("pending", "picking"), None),
    "pack": (("picked",), None),
    "ship": (("packed",), "delivery"),
    "counter": (("packed",), "pickup"),
}
FILTERS = ("view", "place", "carrier", "kind")
FLOOR_REASONS = ("not_picked", "picking", "not_packed", "not_shipped", "silent", "return_not_inspected")
LIST_EVERY_S = 10
MAX_CODE = 40


async def show_queue(request: Request, *, code: str = "", problem: str = "", status: int = 200) -> Response:
    desk, chosen = desk_of(request), _chosen(request)
    cursor = request.query_params.get("cursor")
    async with desk.oms(request) as oms:
        page, places, carriers, shop_day, walks = await asyncio.gather(
            _ask(oms, chosen, cursor), oms.stock_locations(), oms.carriers(), desk.today(request), oms.picking_walks()
        )
    render_list = desk.still if cursor else desk.live
    rows = await render_list(request, _part(chosen), "warehouse/_queue.html", queue=_ours(page), today=shop_day)
    return await desk.page(
        request,
        "warehouse/queue.html",
        status,
        list=rows,
        mine=next((walk for walk in walks if walk.picker.id == desk.staff(request).id), None),
        chosen=chosen,
        views=VIEWS,
        places=places,
        carriers=carriers,
        next_cursor=page.next_cursor,
        code=code,
        problem=problem,
    )


async def refresh_queue(request: Request) -> Response:
    desk, chosen = desk_of(request), _chosen(request)
    async with desk.oms(request) as oms:
        page, today = await asyncio.gather(_ask(oms, chosen, None), desk.today(request))
    return await desk.refresh(request, _part(chosen), "warehouse/_queue.html", queue=_ours(page), today=today)


async def find(request: Request) -> Response:
    """From a scanned or typed number, of a fulfillment, an order or a parcel, to its page."""
    code = request.query_params.get("code", "").strip().upper()[:MAX_CODE]
    async with desk_of(request).oms(request) as oms:
        for number in (code, f"{code}-1", code.rpartition("-")[0]):
            try:
                found = await oms.fulfillment(number)
            except NotFound:
                continue
            return RedirectResponse(f"{root_of(request)}/warehouse/parts/{found.number}", 303)
    return await show_queue(request, code=code, problem=words_of(request).part_not_found, status=404)


async def show_stuck(request: Request) -> Response:
    """What the warehouse can do something about: confirmed, and too long where it is."""
    desk = desk_of(request)
    async with desk.oms(request) as oms:
        stuck = [each for each in await oms.stuck_orders() if each.reason in FLOOR_REASONS]
    return await desk.page(request, "warehouse/stuck.html", stuck=stuck)


async def _ask(oms: BackendClient, chosen: dict[str, str], cursor: str | None) -> FulfillmentPage:
    statuses, kind = VIEWS[chosen["view"]]
    return await oms.fulfillments(
        location=chosen["place"] or None,
        status=statuses,
        kind=kind or chosen["kind"] or None,
        carrier=chosen["carrier"] or None,
        by="promise",
        cursor=cursor,
    )


def _ours(page: FulfillmentPage) -> FulfillmentPage:
    """What partners get ready is no work of this house."""
    return page.model_copy(update={"fulfillments": [row for row in page.fulfillments if row.location]})


def _chosen(request: Request) -> dict[str, str]:
    chosen = {name: request.query_params.get(name, "")[:MAX_CODE] for name in FILTERS}
    if chosen["view"] not in VIEWS:
        chosen["view"] = "pick"
    if chosen["kind"] not in ("delivery", "pickup"):
        chosen["kind"] = ""
    return chosen


def _part(chosen: dict[str, str]) -> LivePart:
    return LivePart("queue", "/warehouse/list", LIST_EVERY_S, {name: each for name, each in chosen.items() if each})


routes = [
    Route("/warehouse", show_queue),
    Route("/warehouse/list", refresh_queue),
    Route("/warehouse/find", find),
    Route("/warehouse/stuck", show_stuck),
]
