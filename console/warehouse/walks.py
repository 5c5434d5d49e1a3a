"""Picking walks: several orders fetched in one way along the shelves, each in its own basket."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from backend.client import BackendClient
from backend.schemas.fulfillment import Fulfillment, FulfillmentLine, Pick, PickListLine
from backend.schemas.picking import MOST_BASKETS, OpenWalk, PickingWalk, WalkBasket
from console.acts import key_of, sent, typed, whole
from console.desk import desk_of, root_of, words_of
from console.warehouse.picking import SHORT_REASONS, WORKED, Mistyped, missing, read, why
from console.warehouse.quantities import in_units
from kernel.errors import Conflict, Invalid, NotFound

NEXT = 5
MAX_CODE = 40


@dataclass(frozen=True, slots=True)
class Wish:
    """`quantity` base units of a line lie at a stop, for this basket."""

    letter: str
    part: Fulfillment
    line: FulfillmentLine
    quantity: int


@dataclass(frozen=True, slots=True)
class Stop:
    place: PickListLine
    wishes: list[Wish]


Step = Callable[[Request, BackendClient, PickingWalk, FormData], Awaitable[str]]


async def show_all(request: Request) -> Response:
    async with desk_of(request).oms(request) as oms:
        return await _choose(request, oms)


async def start(request: Request) -> Response:
    """The ones that were chosen; or, by the other button, the next so many."""
    words, form = words_of(request), await sent(request)
    chosen = [each for each in form.getlist("part") if isinstance(each, str)]
    by_number = form.get("how") == "next"
    upto = whole(form, "next", 1) if by_number else None
    problem = ""
    if by_number and (upto is None or upto > MOST_BASKETS):
        problem = words.walk_how_many.format(most=MOST_BASKETS)
    elif not by_number and not chosen:
        problem = words.walk_choose_some
    elif not by_number and len(chosen) > MOST_BASKETS:
        problem = words.walk_too_many.format(most=MOST_BASKETS)
    async with desk_of(request).oms(request) as oms:
        if problem:
            return await _choose(request, oms, 422, problem=problem, form=form)
        try:
            walk = await oms.start_walk(
                typed(form, "place", 20), () if by_number else chosen, upto=upto, key=key_of(form)
            )
        except (Conflict, Invalid, NotFound) as refusal:
            return await _choose(request, oms, refusal.status, problem=why(request, refusal), form=form)
    return _to(request, walk.id)


async def show(request: Request) -> Response:
    async with desk_of(request).oms(request) as oms:
        walk = await oms.picking_walk(request.path_params["walk"])
    return await _page(request, walk, done=_done(request, walk))


def _act(step: Step) -> Callable[[Request], Awaitable[Response]]:
    """A form of the page. What is refused is said above it, with how it stands now and what was typed."""

    async def act(request: Request) -> Response:
        form = await sent(request)
        async with desk_of(request).oms(request) as oms:
            walk = await oms.picking_walk(request.path_params["walk"])
            try:
                said = await step(request, oms, walk, form)
            except Mistyped as mistake:
                return await _page(request, walk, 422, problem=mistake.problem, form=form)
            except (Conflict, Invalid, NotFound) as refusal:
                now = await oms.picking_walk(walk.id)
                return await _page(request, now, refusal.status, problem=why(request, refusal), form=form)
        return _to(request, walk.id, said)

    return act


async def _pick(request: Request, oms: BackendClient, walk: PickingWalk, form: FormData) -> str:
    """Of what was scanned or typed, into the first basket along the walk that needs so much."""
    wishes = [wish for stop in _stops(walk) for wish in stop.wishes]
    lines = list({wish.line.id: wish.line for wish in wishes}.values())
    rest = [line for basket in _carried(walk) for line in basket.fulfillment.lines if line not in lines]
    line, quantity = await read(request, oms, [*lines, *rest], form, words_of(request).code_not_in_walk)
    part = _basket(walk, line).fulfillment
    pick = Pick(line=line.id, quantity=quantity)
    await oms.pick_order(part.number, _version(form, part), [pick], key=key_of(form))
    return f"picked={line.id}&quantity={quantity}"


async def _pick_stop(request: Request, oms: BackendClient, walk: PickingWalk, form: FormData) -> str:
    """Everything that a stop has, into its baskets; each order's part is an act of its own."""
    picks: dict[str, list[Pick]] = {}
    for each in form.getlist("take"):
        named, _, count = str(each).partition(":")
        line = _line(request, walk, named)
        if not (count.isascii() and count.isdigit() and 0 < int(count) <= line.quantity):
            raise Mistyped(words_of(request).quantity_unreadable)
        number = _basket(walk, line).fulfillment.number
        picks.setdefault(number, []).append(Pick(line=line.id, quantity=int(count)))
    if not picks:
        raise Mistyped(words_of(request).scan_something)
    parts = {basket.fulfillment.number: basket.fulfillment for basket in walk.baskets}
    for number, its in picks.items():
        await oms.pick_order(number, _version(form, parts[number]), its, key=f"{key_of(form)}:{number}")
    return f"stop={len(picks)}"


async def _short(request: Request, oms: BackendClient, walk: PickingWalk, form: FormData) -> str:
    line = _line(request, walk, typed(form, "line", MAX_CODE))
    pick, part = missing(request, line, form), _basket(walk, line).fulfillment
    await oms.pick_order(part.number, _version(form, part), [pick], key=key_of(form))
    return f"short={line.id}&quantity={pick.short}"


async def _put_back(request: Request, oms: BackendClient, walk: PickingWalk, form: FormData) -> str:
    line = _line(request, walk, typed(form, "line", MAX_CODE))
    quantity, part = whole(form, "base", 1) or line.unit_factor, _basket(walk, line).fulfillment
    await oms.put_back(part.number, _version(form, part), line.id, quantity, key=key_of(form))
    return f"back={line.id}&quantity={quantity}"


async def _leave_out(_request: Request, oms: BackendClient, walk: PickingWalk, form: FormData) -> str:
    await oms.leave_out_of_walk(walk.id, typed(form, "part", MAX_CODE), key=key_of(form))
    return ""


async def _take_over(_request: Request, oms: BackendClient, walk: PickingWalk, form: FormData) -> str:
    await oms.take_over_walk(walk.id, key=key_of(form))
    return ""


async def _end(_request: Request, oms: BackendClient, walk: PickingWalk, form: FormData) -> str:
    await oms.end_walk(walk.id, key=key_of(form))
    return ""


def _to(request: Request, walk: str, said: str = "") -> Response:
    address = f"{root_of(request)}/warehouse/walks/{walk}"
    return RedirectResponse(f"{address}?{said}" if said else address, 303)


def _carried(walk: PickingWalk) -> list[WalkBasket]:
    return [basket for basket in walk.baskets if basket.left_at is None]


def _basket(walk: PickingWalk, line: FulfillmentLine) -> WalkBasket:
    return next(basket for basket in walk.baskets if any(each.id == line.id for each in basket.fulfillment.lines))


def _line(request: Request, walk: PickingWalk, named: str) -> FulfillmentLine:
    lines = (line for basket in _carried(walk) for line in basket.fulfillment.lines)
    found = next((line for line in lines if line.id == named), None)
    if found is None:
        raise Mistyped(words_of(request).code_not_in_walk.format(code=named))
    return found


def _stops(walk: PickingWalk) -> list[Stop]:
    baskets = {basket.fulfillment.number: basket for basket in walk.baskets}
    lines = {line.id: line for basket in walk.baskets for line in basket.fulfillment.lines}
    return [
        Stop(
            place,
            sorted(
                (
                    Wish(
                        baskets[each.fulfillment].letter,
                        baskets[each.fulfillment].fulfillment,
                        lines[each.line],
                        each.quantity,
                    )
                    for each in place.for_
                ),
                key=lambda wish: (len(wish.letter), wish.letter),
            ),
        )
        for place in walk.pick_list.lines
    ]


def _seen(walk: PickingWalk) -> str:
    """The versions that this page shows."""
    return ",".join(f"{basket.fulfillment.number}:{basket.fulfillment.version}" for basket in _carried(walk))


def _version(form: FormData, part: Fulfillment) -> int:
    """The version that was looked at; what is none is refused as changed."""
    seen = dict(each.rpartition(":")[::2] for each in typed(form, "seen", 2_000).split(","))
    return whole(seen, part.number, 1) or 1


def _done(request: Request, walk: PickingWalk) -> tuple[str, Wish | None, int]:
    """What the step before did, to be said and, if it was a mistake, undone."""
    query = request.query_params
    lines = {line.id: (basket, line) for basket in walk.baskets for line in basket.fulfillment.lines}
    quantity = query.get("quantity", "")
    for step in ("picked", "short", "back"):
        if query.get(step) in lines and quantity.isascii() and quantity.isdigit() and 0 < len(quantity) <= 9:
            basket, line = lines[query[step]]
            return step, Wish(basket.letter, basket.fulfillment, line, int(quantity)), int(quantity)
    count = query.get("stop", "")
    return ("stop", None, int(count)) if count.isascii() and count.isdigit() and len(count) <= 2 else ("", None, 0)


async def _page(
    request: Request,
    walk: PickingWalk,
    status: int = 200,
    *,
    done: tuple[str, Wish | None, int] = ("", None, 0),
    problem: str = "",
    form: Mapping[str, Any] | None = None,
) -> Response:
    desk = desk_of(request)
    language, staff = desk.language(request), desk.staff(request)
    is_mine = walk.ended_at is None and walk.picker.id == staff.id
    may_work = bool(staff.roles & {WORKED, "admin"})
    return await desk.page(
        request,
        "warehouse/walk.html",
        status,
        walk=walk,
        stops=_stops(walk),
        is_mine=is_mine,
        may_work=may_work,
        works=is_mine and may_work,
        found=lambda part: sum(1 for line in part.lines if line.picked + line.short == line.quantity),
        count=lambda base, factor: in_units(base, factor, language),
        reasons=SHORT_REASONS,
        seen=_seen(walk),
        done=done,
        problem=problem,
        typed=form or {},
    )


async def _choose(
    request: Request,
    oms: BackendClient,
    status: int = 200,
    *,
    problem: str = "",
    form: FormData | None = None,
) -> Response:
    desk = desk_of(request)
    staff = desk.staff(request)
    walks, places = await asyncio.gather(oms.picking_walks(), oms.stock_locations())
    wished = typed(form or {}, "place", 20) or request.query_params.get("place", "")
    place = next((each for each in places if each.code == wished), places[0] if places else None)
    waiting = []
    if place is not None:
        page = await oms.fulfillments(location=place.code, status=("pending", "picking"), by="promise")
        waiting = [part for part in page.fulfillments if part.status == "pending" or _was_left(part)]
    return await desk.page(
        request,
        "warehouse/walks.html",
        status,
        mine=_of(walks, staff.id),
        others=[walk for walk in walks if walk.picker.id != staff.id],
        places=places,
        place=place,
        waiting=waiting,
        chosen=form.getlist("part") if form is not None else [],
        upto=typed(form or {}, "next", 3) or str(NEXT),
        most=MOST_BASKETS,
        may_work=bool(staff.roles & {WORKED, "admin"}),
        today=await desk.today(request),
        problem=problem,
    )


def _was_left(part: Any) -> bool:
    """Begun in a walk that goes on without it."""
    return part.basket is not None and not part.basket.is_carried


def _of(walks: list[OpenWalk], member: str) -> OpenWalk | None:
    return next((walk for walk in walks if walk.picker.id == member), None)


_STEPS: dict[str, Step] = {
    "pick": _pick,
    "stop": _pick_stop,
    "short": _short,
    "put-back": _put_back,
    "leave-out": _leave_out,
    "take-over": _take_over,
    "end": _end,
}
routes = [
    Route("/warehouse/walks", show_all),
    Route("/warehouse/walks", start, methods=["POST"]),
    Route("/warehouse/walks/{walk}", show),
    *(Route(f"/warehouse/walks/{{walk}}/{name}", _act(step), methods=["POST"]) for name, step in _STEPS.items()),
]
