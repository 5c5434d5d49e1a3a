"""Goods that come to the door: what was announced beside what came, and what came unannounced."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from backend.client import BackendClient
from backend.schemas.inventory import Incoming, ReceivedLine, StockReceipt
from console.acts import key_of, sent, typed, whole
from console.desk import desk_of, root_of, words_of
from console.warehouse.goods import names_of, sku_of
from kernel.errors import Conflict, Invalid, NotFound

NEW_LINES = 3
MAX_REFERENCE, MAX_PLACE, MAX_SKU = 80, 20, 40


async def show_expected(request: Request) -> Response:
    """What suppliers have announced, a delivery each: the next first."""
    desk = desk_of(request)
    async with desk.oms(request) as oms:
        deliveries: dict[tuple[str, str], list[Incoming]] = {}
        for each in await oms.incoming_stock():
            deliveries.setdefault((each.location, each.reference), []).append(each)
    return await desk.page(request, "warehouse/expected.html", deliveries=deliveries, today=await desk.today(request))


async def show_delivery(request: Request) -> Response:
    query = request.query_params
    place, reference = query.get("place", "")[:MAX_PLACE], query.get("reference", "")[:MAX_REFERENCE]
    async with desk_of(request).oms(request) as oms:
        return await _page(request, oms, place, reference, done=query.get("done") == "1")


async def receive(request: Request) -> Response:
    """What is other than announced is asked about once before it is received."""
    words = words_of(request)
    form = await sent(request)
    place, reference = typed(form, "place", MAX_PLACE), typed(form, "reference", MAX_REFERENCE)
    async with desk_of(request).oms(request) as oms:
        lines, problem, others = await _came(request, oms, place, reference, form)
        if problem:
            return await _page(request, oms, place, reference, 422, problem=problem, form=form)
        if others and "sure" not in form:
            return await _page(request, oms, place, reference, 422, others=others, form=form)
        note = typed(form, "note") or None
        receipt = StockReceipt(location=place, reference=reference or None, note=note, lines=lines)
        try:
            await oms.receive_stock(receipt, key=key_of(form))
        except (Conflict, Invalid, NotFound) as refusal:
            problem = words.stock_refused.get(refusal.code, words.refused_otherwise)
            return await _page(request, oms, place, reference, refusal.status, problem=problem, form=form)
    query = urlencode({"place": place, "reference": reference, "done": 1})
    return RedirectResponse(f"{root_of(request)}/warehouse/receive/delivery?{query}", 303)


async def withdraw(request: Request) -> Response:
    """The rest of a line does not come."""
    form = await sent(request)
    async with desk_of(request).oms(request) as oms:
        # It came meanwhile, or was withdrawn already: the list says so.
        with suppress(Conflict, NotFound):
            await oms.withdraw_incoming(typed(form, "incoming", 40), key=key_of(form))
    return RedirectResponse(f"{root_of(request)}/warehouse/receive", 303)


async def _came(
    request: Request, oms: BackendClient, place: str, reference: str, form: FormData
) -> tuple[list[ReceivedLine], str, list[str]]:
    """What came; what cannot be read; and what is other than was announced, in words."""
    words, language = words_of(request), desk_of(request).language(request)
    lines: list[ReceivedLine] = []
    others: list[str] = []
    expected = await _expected(oms, place, reference)
    names = await names_of(oms, [each.sku for each in expected], language)
    for each in expected:
        text = typed(form, f"came-{each.id}", 12)
        came = whole(form, f"came-{each.id}") if text else 0
        if came is None:
            return [], words.whole_number, []
        left = each.quantity - each.received
        if came != left:
            told = words.came_short if came < left else words.came_over
            others.append(told.format(name=names[each.sku], came=came, left=left, count=abs(left - came)))
        if came:
            lines.append(_line(each.sku, came, typed(form, f"bin-{each.id}", MAX_PLACE)))
    for place_in_form in range(NEW_LINES):
        code = typed(form, f"sku-{place_in_form}", MAX_SKU)
        if code:
            came = whole(form, f"new-{place_in_form}", 1)
            if came is None:
                return [], words.whole_number, []
            lines.append(_line(await sku_of(oms, code), came, typed(form, f"newbin-{place_in_form}", MAX_PLACE)))
    if not place:
        return [], words.place_missing, []
    return lines, "" if lines else words.nothing_came, others


def _line(sku: str, quantity: int, shelf: str) -> ReceivedLine:
    return ReceivedLine(sku=sku, quantity=quantity, bin=shelf.upper() or None)


async def _expected(oms: BackendClient, place: str, reference: str) -> list[Incoming]:
    if not reference:
        return []
    return [each for each in await oms.incoming_stock() if (each.location, each.reference) == (place, reference)]


async def _page(
    request: Request,
    oms: BackendClient,
    place: str,
    reference: str,
    status: int = 200,
    *,
    problem: str = "",
    others: list[str] | None = None,
    form: Mapping[str, Any] | None = None,
    done: bool = False,
) -> Response:
    desk = desk_of(request)
    expected = await _expected(oms, place, reference)
    return await desk.page(
        request,
        "warehouse/delivery.html",
        status,
        place=place,
        reference=reference,
        expected=expected,
        names=await names_of(oms, [each.sku for each in expected], desk.language(request)),
        places=await oms.stock_locations(),
        new_lines=range(NEW_LINES),
        problem=problem,
        others=others or [],
        typed=form or {},
        done=done,
    )


routes = [
    Route("/warehouse/receive", show_expected),
    Route("/warehouse/receive/delivery", show_delivery),
    Route("/warehouse/receive/delivery", receive, methods=["POST"]),
    Route("/warehouse/receive/withdraw", withdraw, methods=["POST"]),
]
