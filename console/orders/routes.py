"""The list of orders, kept fresh, and one order in full."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from console.desk import LivePart, desk_of

STATUSES = ("placed", "on_hold", "confirmed", "closed", "cancelled")
LIST_EVERY_S = 5


async def show_list(request: Request) -> Response:
    desk = desk_of(request)
    status, cursor = _status(request), request.query_params.get("cursor")
    async with desk.oms(request) as oms:
        page = await oms.staff_orders(status, cursor)
    render_list = desk.still if cursor else desk.live
    return await desk.page(
        request,
        "orders.html",
        list=await render_list(request, _part(request), "_orders.html", orders=page.orders),
        status=status,
        statuses=STATUSES,
        next_cursor=page.next_cursor,
    )


async def refresh_list(request: Request) -> Response:
    desk = desk_of(request)
    async with desk.oms(request) as oms:
        page = await oms.staff_orders(_status(request))
    return await desk.refresh(request, _part(request), "_orders.html", orders=page.orders)


async def show_order(request: Request) -> Response:
    desk = desk_of(request)
    async with desk.oms(request) as oms:
        number = request.path_params["number"]
        order, returns, shop = await asyncio.gather(oms.staff_order(number), oms.returns_of(number), oms.shop())
    methods = {method.code: method.name for method in shop.payment_methods}
    method = methods.get(order.payment_method)
    return await desk.page(request, "order.html", order=order, returns=returns, payment_method=method)


def _status(request: Request) -> str | None:
    status = request.query_params.get("status")
    return status if status in STATUSES else None


def _part(request: Request) -> LivePart:
    status = _status(request)
    return LivePart("orders", "/orders/list", LIST_EVERY_S, {"status": status} if status else {})


routes = [
    Route("/orders", show_list),
    Route("/orders/list", refresh_list),
    Route("/orders/{number}", show_order),
]
