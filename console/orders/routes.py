"""The list of orders, kept fresh, and one order in full."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import date
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from backend.client import BackendClient
from backend.schemas.orders import OrderPage
from console.desk import LivePart, desk_of
from console.orders.names import customers_of

STATUSES = ("placed", "on_hold", "confirmed", "closed", "cancelled")
FILTERS = ("status", "q", "payment_method", "since", "until")
LIST_EVERY_S = 5
MAX_FILTER = 80
# Who may do what with an order; the OMS has the last word.
MAY = {
    "decide": frozenset({"sales", "admin"}),
    "change": frozenset({"agent", "sales", "admin"}),
    "cancel": frozenset({"agent", "sales", "warehouse", "admin"}),
    "refund": frozenset({"agent", "sales", "finance", "admin"}),
    "answer_return": frozenset({"agent", "sales", "admin"}),
    "send_document": frozenset({"agent", "sales", "finance", "admin"}),
}


async def show_list(request: Request) -> Response:
    desk, chosen = desk_of(request), _chosen(request)
    cursor = request.query_params.get("cursor")
    async with desk.oms(request) as oms:
        page, shop = await asyncio.gather(_ask(oms, chosen, cursor), oms.shop())
    render_list = desk.still if cursor else desk.live
    return await desk.page(
        request,
        "orders.html",
        list=await render_list(
            request, _part(chosen), "_orders.html", orders=page.orders, is_search=_is_search(chosen)
        ),
        chosen=chosen,
        statuses=STATUSES,
        methods=shop.payment_methods,
        next_cursor=page.next_cursor,
    )


async def refresh_list(request: Request) -> Response:
    desk, chosen = desk_of(request), _chosen(request)
    async with desk.oms(request) as oms:
        page = await _ask(oms, chosen, None)
    return await desk.refresh(request, _part(chosen), "_orders.html", orders=page.orders, is_search=_is_search(chosen))


async def show_order(request: Request) -> Response:
    async with desk_of(request).oms(request) as oms:
        return await order_page(request, oms, request.path_params["number"])


async def order_page(
    request: Request,
    oms: BackendClient,
    number: str,
    http_status: int = 200,
    *,
    act: str = "",
    problem: str = "",
    form: Mapping[str, Any] | None = None,
) -> Response:
    """The order as it stands; of the `act` that was refused: why, and what was typed."""
    desk = desk_of(request)
    roles = desk.staff(request).roles
    if http_status not in (200, 409) and "HX-Request" in request.headers:
        # In the dialog beside a conversation: htmx shows what was refused of these two only.
        http_status = 422
    order, returns, shop, paid, papers, policy = await asyncio.gather(
        oms.staff_order(number),
        oms.returns_of(number),
        oms.shop(),
        oms.order_payments(number),
        oms.invoices(order=number),
        oms.return_policy(),
    )
    methods = {method.code: method for method in shop.payment_methods}
    method = methods.get(order.payment_method)
    return await desk.page(
        request,
        "order.html",
        http_status,
        order=order,
        returns=returns,
        reasons={each.code: {"es": each.name_es, "en": each.name_en} for each in policy.reasons},
        documents=sorted(papers.invoices, key=lambda each: (each.issued_on, each.number)),
        payment_method=method.name if method else None,
        is_online=bool(method and method.kind == "online"),
        customer_name=(await customers_of(oms, [order.customer_id])).get(order.customer_id),
        refundable=[each for each in paid.payments if each.captured.amount_minor > each.refunded.amount_minor],
        may={name: bool(roles & allowed) for name, allowed in MAY.items()},
        did=request.query_params.get("did", ""),
        at_act=act,
        problem=problem,
        typed=form or {},
    )


async def _ask(oms: BackendClient, chosen: dict[str, str], cursor: str | None) -> OrderPage:
    return await oms.staff_orders(
        chosen["status"] or None,
        cursor,
        q=chosen["q"] or None,
        payment_method=chosen["payment_method"] or None,
        since=_day(chosen["since"]),
        until=_day(chosen["until"]),
    )


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _chosen(request: Request) -> dict[str, str]:
    """What the list is narrowed to; what no one can mean is left out."""
    chosen = {name: request.query_params.get(name, "").strip()[:MAX_FILTER] for name in FILTERS}
    if chosen["status"] not in STATUSES:
        chosen["status"] = ""
    for name in ("since", "until"):
        try:
            _day(chosen[name])
        except ValueError:
            chosen[name] = ""
    return chosen


def _is_search(chosen: dict[str, str]) -> bool:
    return any(chosen[name] for name in FILTERS if name != "status")


def _part(chosen: dict[str, str]) -> LivePart:
    return LivePart("orders", "/orders/list", LIST_EVERY_S, {name: each for name, each in chosen.items() if each})


routes = [
    Route("/orders", show_list),
    Route("/orders/list", refresh_list),
    Route("/orders/{number}", show_order),
]
