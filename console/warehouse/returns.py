"""Goods that come back: received, then looked at line by line beside what the customer said and photographed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from backend.client import BackendClient
from backend.schemas.returns import InspectReturn, ReceiveReturn, ReturnSummary, StaffReturn
from console.acts import key_of, sent, typed, whole
from console.desk import desk_of, root_of, words_of
from kernel.errors import Conflict, Invalid, NotFound

VIEWS = {"coming": ("accepted", "in_transit", "partly_received"), "inspect": ("received", "partly_received")}
DISPOSITIONS = ("restock", "refurbish", "scrap", "back_to_supplier")
MAX_CODE, MAX_NOTE = 40, 300


async def show_list(request: Request) -> Response:
    desk = desk_of(request)
    view = request.query_params.get("view", "")
    view = view if view in VIEWS else "coming"
    async with desk.oms(request) as oms:
        pages = await asyncio.gather(*(oms.returns(status=status) for status in VIEWS[view]))
    found: list[ReturnSummary] = sorted((each for page in pages for each in page.returns), key=lambda rma: rma.number)
    return await desk.page(request, "warehouse/returns.html", found=found, view=view, views=VIEWS)


async def show(request: Request) -> Response:
    async with desk_of(request).oms(request) as oms:
        rma = await oms.return_(request.path_params["number"])
        return await _page(request, oms, rma, done=request.query_params.get("done", ""))


async def receive(request: Request) -> Response:
    words = words_of(request)
    form = await sent(request)
    async with desk_of(request).oms(request) as oms:
        rma = await oms.return_(request.path_params["number"])
        came = [(line.id, whole(form, f"came-{line.id}")) for line in rma.lines if typed(form, f"came-{line.id}", 12)]
        if any(count is None for _, count in came):
            return await _page(request, oms, rma, 422, problem=words.whole_number, form=form)
        lines = [{"line": line, "quantity": count} for line, count in came if count]
        if not lines:
            return await _page(request, oms, rma, 422, problem=words.nothing_came, form=form)
        given = {"location": typed(form, "place", MAX_CODE), "lines": lines, "is_last": "is_last" in form}
        body = ReceiveReturn.model_validate(given | {"note": typed(form, "note", MAX_NOTE) or None})
        try:
            await oms.receive_return(rma.number, body, key=key_of(form))
        except (Conflict, Invalid, NotFound) as refusal:
            return await _refused(request, oms, rma.number, refusal.code, refusal.status, form)
    return RedirectResponse(f"{root_of(request)}/warehouse/returns/{rma.number}?done=receive", 303)


async def inspect(request: Request) -> Response:
    words = words_of(request)
    form = await sent(request)
    async with desk_of(request).oms(request) as oms:
        rma = await oms.return_(request.path_params["number"])
        seen: list[dict[str, object]] = []
        for line in rma.lines:
            for what in DISPOSITIONS:
                name = f"{what}-{line.id}"
                count = whole(form, name) if typed(form, name, 12) else 0
                if count is None:
                    return await _page(request, oms, rma, 422, problem=words.whole_number, form=form)
                if count:
                    supplier = typed(form, "supplier", MAX_CODE) if what == "back_to_supplier" else ""
                    note = typed(form, f"note-{line.id}", MAX_NOTE)
                    told = {"line": line.id, "quantity": count, "disposition": what}
                    seen.append(told | {"supplier": supplier or None, "note": note or None})
        if not seen:
            return await _page(request, oms, rma, 422, problem=words.nothing_inspected, form=form)
        body = InspectReturn.model_validate({"location": typed(form, "place", MAX_CODE), "lines": seen})
        try:
            await oms.inspect_return(rma.number, body, key=key_of(form))
        except (Conflict, Invalid, NotFound) as refusal:
            return await _refused(request, oms, rma.number, refusal.code, refusal.status, form)
    return RedirectResponse(f"{root_of(request)}/warehouse/returns/{rma.number}?done=inspect", 303)


async def _refused(
    request: Request, oms: BackendClient, number: str, code: str, status: int, form: Mapping[str, Any]
) -> Response:
    words = words_of(request)
    problem = words.stock_refused.get(code, words.refused_otherwise)
    return await _page(request, oms, await oms.return_(number), status, problem=problem, form=form)


async def _page(
    request: Request,
    oms: BackendClient,
    rma: StaffReturn,
    status: int = 200,
    *,
    problem: str = "",
    form: Mapping[str, Any] | None = None,
    done: str = "",
) -> Response:
    places, partners, policy = await asyncio.gather(oms.stock_locations(), oms.partners(), oms.return_policy())
    return await desk_of(request).page(
        request,
        "warehouse/return.html",
        status,
        rma=rma,
        places=places,
        partners=partners,
        reasons={each.code: {"es": each.name_es, "en": each.name_en} for each in policy.reasons},
        dispositions=DISPOSITIONS,
        may_receive=rma.status in VIEWS["coming"],
        to_inspect=[line for line in rma.lines if line.received > line.inspected],
        problem=problem,
        typed=form or {},
        done=done if done in ("receive", "inspect") else "",
    )


routes = [
    Route("/warehouse/returns", show_list),
    Route("/warehouse/returns/{number}", show),
    Route("/warehouse/returns/{number}/receive", receive, methods=["POST"]),
    Route("/warehouse/returns/{number}/inspect", inspect, methods=["POST"]),
]
