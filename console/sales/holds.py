"""Orders that wait for a decision, each with why, to approve or to reject; and orders that are stuck."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from backend.client import BackendClient
from backend.schemas.approval import ApproveOrder, RejectOrder
from backend.schemas.base import Money
from backend.schemas.orders import StaffOrder
from console.acts import key_of, sent, typed, whole
from console.desk import desk_of, root_of, words_of
from console.orders.names import customers_of
from kernel.errors import Conflict, Invalid

DECIDED_BY = frozenset({"sales", "admin"})
MAX_NOTE = 300


async def show(request: Request) -> Response:
    return await _page(request)


async def decide(request: Request) -> Response:
    """Approve or reject one; what is refused is said beside it, and what was typed stays."""
    words, number = words_of(request), request.path_params["number"]
    form = await sent(request)
    step, note = typed(form, "step", 10), typed(form, "note", MAX_NOTE)
    if step == "reject" and not note:
        return await _page(request, 422, at=number, problem=words.why_for_customer, note=note)
    async with desk_of(request).oms(request) as oms:
        try:
            await decide_order(oms, number, step, whole(form, "version", 1) or 1, note, key_of(form))
        except (Conflict, Invalid) as refusal:
            problem = words.order_refused.get(refusal.code, words.refused_otherwise)
            return await _page(request, refusal.status, at=number, problem=problem, note=note)
    return RedirectResponse(f"{root_of(request)}/sales", 303)


async def decide_order(oms: BackendClient, number: str, step: str, version: int, note: str, key: str) -> None:
    if step == "approve":
        await oms.approve_order(number, ApproveOrder(version=version, note=note or None), key=key)
    else:
        await oms.reject_order(number, RejectOrder(version=version, reason=note), key=key)


async def show_stuck(request: Request) -> Response:
    desk = desk_of(request)
    async with desk.oms(request) as oms:
        stuck = await oms.stuck_orders()
    return await desk.page(request, "sales/stuck.html", stuck=stuck)


async def _page(request: Request, status: int = 200, *, at: str = "", problem: str = "", note: str = "") -> Response:
    desk = desk_of(request)
    cursor = request.query_params.get("cursor")
    async with desk.oms(request) as oms:
        page = await oms.staff_orders("on_hold", cursor)
        held = await asyncio.gather(*(oms.staff_order(row.number) for row in page.orders))
        names = await customers_of(oms, [order.customer_id for order in held])
    return await desk.page(
        request,
        "sales/holds.html",
        status,
        held=held,
        names=names,
        why=lambda order: why_held(request, order),
        next_cursor=page.next_cursor,
        at_order=at,
        problem=problem,
        typed_note=note,
        may_decide=bool(desk.staff(request).roles & DECIDED_BY),
    )


def why_held(request: Request, order: StaffOrder) -> list[str]:
    """What holds the order still, in words, with the figures that were looked at."""
    desk, words = desk_of(request), words_of(request)
    said = []
    for hold in order.holds:
        if hold.outcome is None:
            text = str(words.hold_reason.get(hold.reason, hold.reason))
            told = words.hold_facts.get(hold.reason)
            said.append(f"{text}: {_told(desk, request, told, hold.facts, order)}" if told else text)
    return said


def _told(desk: Any, request: Request, told: str, facts: dict[str, Any], order: StaffOrder) -> str:
    currency = order.total.currency
    money = {
        name.removesuffix("_minor"): desk.money(request, Money.of(value, currency))
        for name, value in facts.items()
        if name.endswith("_minor") and isinstance(value, int)
    }
    # A limit that nobody set is none.
    money.setdefault("limit", "0")
    until = str(facts.get("until", "")).replace("T", " ")[:16]
    return told.format(**money, until=until, address=facts.get("address", ""))


routes = [
    Route("/sales", show),
    Route("/sales/stuck", show_stuck),
    Route("/sales/holds/{number}", decide, methods=["POST"]),
]
