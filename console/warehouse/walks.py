"""Picking walks: several orders fetched in one way along the shelves, each in its own basket."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from backend.client import BackendClient
from backend.schemas.fulfillment import Fulfillment, FulfillmentLine, Pick, PickListLine
from backend.schemas.inventory import Location
from backend.schemas.picking import MOST_BASKETS, OpenWalk, PickingWalk, WalkBasket
from console.acts import key_of, sent, typed, whole
from console.desk import desk_of, root_of, words_of
from console.warehouse.picking import (
    MAX_CODE,
    SHORT_REASONS,
    WORKED,
    Hand,
    Mistyped,
    Step,
    done_before,
    named,
    picking_page,
    version_of,
    versions,
    why,
)
from console.warehouse.quantities import in_units, in_words, unit_of
from kernel.errors import Conflict, Invalid, NotFound

NEXT = 5
NOT_HERE = "code_not_in_walk"


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
    return RedirectResponse(f"{root_of(request)}/warehouse/walks/{walk.id}", 303)


async def _find(request: Request, oms: BackendClient) -> PickingWalk:
    return await oms.picking_walk(request.path_params["walk"])


def _hand(walk: PickingWalk) -> Hand:
    """The lines that it carries: in the order of its stops, then those of which all was found."""
    along = {wish.line.id: (wish.part, wish.line) for stop in _stops(walk) for wish in stop.wishes}
    carried = {line.id: (basket.fulfillment, line) for basket in _carried(walk) for line in basket.fulfillment.lines}
    return list((along | carried).values())


async def _pick_stop(request: Request, oms: BackendClient, walk: PickingWalk, form: FormData) -> str:
    """Everything that a stop has, into its baskets; each order's part is an act of its own."""
    hand, picks = _hand(walk), dict[str, list[Pick]]()
    for each in form.getlist("take"):
        line_id, _, count = str(each).partition(":")
        part, line = named(request, hand, line_id, NOT_HERE)
        if not (count.isascii() and count.isdigit() and 0 < int(count) <= line.quantity):
            raise Mistyped(words_of(request).quantity_unreadable)
        picks.setdefault(part.number, []).append(Pick(line=line.id, quantity=int(count)))
    if not picks:
        raise Mistyped(words_of(request).scan_something)
    parts = {basket.fulfillment.number: basket.fulfillment for basket in walk.baskets}
    for number, its in picks.items():
        await oms.pick_order(number, version_of(form, parts[number]), its, key=f"{key_of(form)}:{number}")
    return f"stop={len(picks)}"


async def _leave_out(_request: Request, oms: BackendClient, walk: PickingWalk, form: FormData) -> str:
    await oms.leave_out_of_walk(walk.id, typed(form, "part", MAX_CODE), key=key_of(form))
    return ""


async def _take_over(_request: Request, oms: BackendClient, walk: PickingWalk, form: FormData) -> str:
    await oms.take_over_walk(walk.id, key=key_of(form))
    return ""


async def _end(_request: Request, oms: BackendClient, walk: PickingWalk, form: FormData) -> str:
    await oms.end_walk(walk.id, key=key_of(form))
    return ""


def _carried(walk: PickingWalk) -> list[WalkBasket]:
    return [basket for basket in walk.baskets if basket.left_at is None]


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


def _done(request: Request, walk: PickingWalk) -> tuple[str, Wish | None, int]:
    """What the step before did, to be said and, if it was a mistake, undone."""
    owners = {line.id: basket for basket in walk.baskets for line in basket.fulfillment.lines}
    lines = [line for basket in walk.baskets for line in basket.fulfillment.lines]
    if before := done_before(request.query_params, lines):
        step, line, quantity = before
        return step, Wish(owners[line.id].letter, owners[line.id].fulfillment, line, quantity), quantity
    baskets = whole(request.query_params, "stop", 1)
    return ("stop", None, baskets) if baskets else ("", None, 0)


async def _page(
    request: Request,
    oms: BackendClient,
    walk: PickingWalk,
    status: int = 200,
    *,
    problem: str = "",
    form: FormData | None = None,
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
        place=_name_of(await oms.stock_locations(), walk.location),
        stops=_stops(walk),
        is_mine=is_mine,
        may_work=may_work,
        works=is_mine and may_work,
        found=lambda part: sum(1 for line in part.lines if line.picked + line.short == line.quantity),
        count=lambda base, factor: in_units(base, factor, language),
        amount=lambda base, line: in_words(base, line, language),
        unit_of=lambda base, line: unit_of(base, line, language),
        reasons=SHORT_REASONS,
        steps_at=f"/warehouse/walks/{walk.id}",
        kept={"versions": versions([basket.fulfillment for basket in _carried(walk)])},
        done=_done(request, walk),
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
        name_of=lambda code: _name_of(places, code),
        waiting=waiting,
        chosen=form.getlist("part") if form is not None else [],
        upto=typed(form or {}, "next", 3) or str(NEXT),
        most=MOST_BASKETS,
        may_work=bool(staff.roles & {WORKED, "admin"}),
        today=await desk.today(request),
        problem=problem,
    )


def _name_of(places: Sequence[Location], code: str) -> str:
    return next((each.name for each in places if each.code == code), code)


def _was_left(part: Any) -> bool:
    """Begun in a walk that goes on without it."""
    return part.basket is not None and not part.basket.is_carried


def _of(walks: list[OpenWalk], member: str) -> OpenWalk | None:
    return next((walk for walk in walks if walk.picker.id == member), None)


_STEPS: dict[str, Step[PickingWalk]] = {
    "stop": _pick_stop,
    "leave-out": _leave_out,
    "take-over": _take_over,
    "end": _end,
}
routes = [
    Route("/warehouse/walks", show_all),
    Route("/warehouse/walks", start, methods=["POST"]),
    *picking_page("/warehouse/walks/{walk}", _find, _page, _hand, _STEPS, not_here=NOT_HERE),
]
