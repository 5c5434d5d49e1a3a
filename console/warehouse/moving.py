"""Goods that are carried from one place to another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from backend.schemas.inventory import StockTransfer
from console.acts import key_of, sent, typed, whole
from console.desk import desk_of, root_of, words_of
from console.warehouse.goods import sku_of
from kernel.errors import ComandaError, Conflict, Invalid, NotFound

MAX_CODE, MAX_SKU = 20, 40


async def show(request: Request) -> Response:
    return await _page(request, done=request.query_params.get("done", "")[:MAX_SKU])


async def move(request: Request) -> Response:
    words = words_of(request)
    form = await sent(request)
    code, quantity = typed(form, "code", MAX_SKU), whole(form, "quantity", 1)
    source, target = typed(form, "from", MAX_CODE), typed(form, "to", MAX_CODE)
    if not code:
        return await _page(request, 422, problem=words.scan_something, form=form)
    if quantity is None:
        return await _page(request, 422, problem=words.whole_number, form=form)
    if source == target:
        return await _page(request, 422, problem=words.stock_refused["same_location"], form=form)
    async with desk_of(request).oms(request) as oms:
        sku = await sku_of(oms, code)
        transfer = StockTransfer(
            sku=sku,
            from_location=source,
            to_location=target,
            to_bin=typed(form, "bin", MAX_CODE).upper() or None,
            quantity=quantity,
            note=typed(form, "note") or None,
        )
        try:
            await oms.transfer_stock(transfer, key=key_of(form))
        except (Conflict, Invalid, NotFound) as refusal:
            return await _page(request, refusal.status, problem=_why(request, refusal, sku), form=form)
    query = urlencode({"done": sku})
    return RedirectResponse(f"{root_of(request)}/warehouse/move?{query}", 303)


def _why(request: Request, refusal: ComandaError, sku: str) -> str:
    words = words_of(request)
    return str(words.stock_refused.get(refusal.code, words.refused_otherwise)).format(name=sku)


async def _page(
    request: Request,
    status: int = 200,
    *,
    problem: str = "",
    form: Mapping[str, Any] | None = None,
    done: str = "",
) -> Response:
    desk = desk_of(request)
    async with desk.oms(request) as oms:
        places = await oms.stock_locations()
        levels = (await oms.staff_stock(done)).levels if done else []
    return await desk.page(
        request,
        "warehouse/move.html",
        status,
        places=places,
        levels=levels,
        done=done,
        problem=problem,
        typed=form or {},
    )


routes = [
    Route("/warehouse/move", show),
    Route("/warehouse/move", move, methods=["POST"]),
]
