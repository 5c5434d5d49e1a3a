"""Counting a bin without being told what should be there, then looking at the difference, then booking it with why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from backend.client import BackendClient
from backend.schemas.inventory import BinContent, NewStockCount
from console.acts import key_of, sent, typed, whole
from console.desk import desk_of, root_of, words_of
from console.warehouse.goods import names_of, sku_of
from kernel.errors import Conflict, Invalid, NotFound

MAX_CODE, MAX_SKU, MAX_NOTE = 20, 40, 200
REASONS = ("damaged", "expired", "lost", "found", "miscounted")


@dataclass(frozen=True, slots=True)
class Difference:
    """What was counted of a variant, and what the books said; `in_hands` of it may be in baskets and parcels."""

    sku: str
    name: str
    counted: int
    expected: int
    in_hands: int


async def show(request: Request) -> Response:
    """Choose a bin, or count the one that was chosen."""
    query = request.query_params
    place, shelf = query.get("place", "")[:MAX_CODE], query.get("bin", "").strip().upper()[:MAX_CODE]
    async with desk_of(request).oms(request) as oms:
        if not (place and shelf):
            return await _choose(request, oms, place, shelf, done=query.get("done") == "1")
        try:
            content = await oms.stock_bin(place, shelf)
        except NotFound:
            problem = words_of(request).bin_unknown.format(bin=shelf)
            return await _choose(request, oms, place, shelf, 404, problem=problem)
        return await _sheet(request, content)


async def compare(request: Request) -> Response:
    """What was counted beside the books; nothing is booked yet."""
    words = words_of(request)
    form = await sent(request)
    async with desk_of(request).oms(request) as oms:
        content = await oms.stock_bin(typed(form, "place", MAX_CODE), typed(form, "bin", MAX_CODE))
        counted = await _counted(oms, content, form)
        if counted is None:
            return await _sheet(request, content, 422, problem=words.count_everything, form=form)
        differences = await _differences(request, oms, content, counted)
    return await _look(request, content, differences)


async def book(request: Request) -> Response:
    """Each count is an act of its own; what was booked before one is refused stays booked, once."""
    words = words_of(request)
    form = await sent(request)
    async with desk_of(request).oms(request) as oms:
        content = await oms.stock_bin(typed(form, "place", MAX_CODE), typed(form, "bin", MAX_CODE))
        counted = {
            sku: count
            for sku in form.getlist("sku")
            if isinstance(sku, str) and (count := whole(form, f"counted-{sku}")) is not None
        }
        differences = await _differences(request, oms, content, counted)
        for each in differences:
            seen = whole(form, f"expected-{each.sku}")
            reason, note = typed(form, f"reason-{each.sku}", 20), typed(form, f"note-{each.sku}", MAX_NOTE)
            if each.counted != seen and reason not in REASONS:
                return await _look(request, content, differences, 422, problem=words.reason_missing, form=form)
            why = ": ".join(filter(None, (words.count_reason.get(reason, ""), note)))
            counting = NewStockCount(
                location=content.location,
                bin=content.bin,
                sku=each.sku,
                counted=each.counted,
                expected=seen,
                note=why or None,
            )
            try:
                await oms.count_stock(counting, key=f"{key_of(form)}:{each.sku}")
            except (Conflict, Invalid) as refusal:
                problem = words.stock_refused.get(refusal.code, words.refused_otherwise).format(name=each.name)
                fresh = await _differences(request, oms, await oms.stock_bin(content.location, content.bin), counted)
                return await _look(request, content, fresh, refusal.status, problem=problem, form=form)
    query = urlencode({"place": content.location, "done": 1})
    return RedirectResponse(f"{root_of(request)}/warehouse/count?{query}", 303)


async def _counted(oms: BackendClient, content: BinContent, form: FormData) -> dict[str, int] | None:
    """Everything that lies there, counted; None when something was left out or cannot be read."""
    counted: dict[str, int] = {}
    for line in content.lines:
        count = whole(form, f"counted-{line.sku}")
        if count is None:
            return None
        counted[line.sku] = count
    if code := typed(form, "new_sku", MAX_SKU):
        count = whole(form, "new_count", 1)
        if count is None:
            return None
        counted[await sku_of(oms, code)] = count
    return counted


async def _differences(
    request: Request, oms: BackendClient, content: BinContent, counted: Mapping[str, int]
) -> list[Difference]:
    language = desk_of(request).language(request)
    lying = {line.sku: line for line in content.lines}
    names = await names_of(oms, counted.keys() - lying.keys(), language)
    return [
        Difference(
            sku,
            getattr(lying[sku].names, language) if sku in lying else names[sku],
            count,
            lying[sku].quantity if sku in lying else 0,
            lying[sku].in_hands if sku in lying else 0,
        )
        for sku, count in counted.items()
    ]


async def _choose(
    request: Request,
    oms: BackendClient,
    place: str,
    shelf: str,
    status: int = 200,
    *,
    problem: str = "",
    done: bool = False,
) -> Response:
    places = await oms.stock_locations()
    chosen = place or (places[0].code if places else "")
    shelves = await oms.stock_bins(chosen) if chosen in {each.code for each in places} else []
    return await desk_of(request).page(
        request,
        "warehouse/count_choose.html",
        status,
        places=places,
        place=chosen,
        shelf=shelf,
        shelves=shelves,
        problem=problem,
        done=done,
    )


async def _sheet(
    request: Request,
    content: BinContent,
    status: int = 200,
    *,
    problem: str = "",
    form: Mapping[str, Any] | None = None,
) -> Response:
    return await desk_of(request).page(
        request, "warehouse/count_sheet.html", status, content=content, problem=problem, typed=form or {}
    )


async def _look(
    request: Request,
    content: BinContent,
    differences: list[Difference],
    status: int = 200,
    *,
    problem: str = "",
    form: Mapping[str, Any] | None = None,
) -> Response:
    return await desk_of(request).page(
        request,
        "warehouse/count_look.html",
        status,
        content=content,
        differences=differences,
        reasons=REASONS,
        problem=problem,
        typed=form or {},
    )


routes = [
    Route("/warehouse/count", show),
    Route("/warehouse/count/compare", compare, methods=["POST"]),
    Route("/warehouse/count/book", book, methods=["POST"]),
]
