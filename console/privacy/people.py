"""Find a person, see what is kept of them, hand it out, erase it; what the worker does meanwhile is shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from backend.schemas.data_requests import DataRequest, ErasureReason, HeldRows, NewErasure
from console.acts import key_of, sent, typed
from console.desk import LivePart, desk_of, root_of, words_of
from kernel.errors import Conflict, Invalid, NotFound

REASONS = get_args(ErasureReason)
ENDED = ("done", "refused", "failed")
LOOKS_EVERY_S = 2
# Answered to a part of a page: the whole page is to be asked for anew.
ANEW = {"HX-Refresh": "true"}


async def show_list(request: Request, status: int = 200, problem: str = "") -> Response:
    """What was asked for so far, and the way to a person."""
    desk = desk_of(request)
    query = request.query_params.get("q", "").strip()[:120]
    async with desk.oms(request) as oms:
        page = await oms.data_requests(cursor=request.query_params.get("cursor"))
        found = await oms.customer_names(query=query) if query else []
    return await desk.page(
        request,
        "privacy/list.html",
        status,
        problem=problem,
        requests=page.requests,
        next_cursor=page.next_cursor,
        query=query,
        found=found,
    )


async def show(request: Request) -> Response:
    try:
        return await _page(request)
    except NotFound:
        return await show_list(request, 404, words_of(request).privacy_unknown)


async def refresh(request: Request) -> Response:
    """How far it is; once all has ended the page is shown anew, with what may be done now."""
    desk, customer_id = desk_of(request), request.path_params["customer_id"]
    async with desk.oms(request) as oms:
        under_way = _under_way((await oms.data_requests(customer_id)).requests)
    if not under_way:
        return Response(headers=ANEW)
    return await desk.refresh(request, _part(customer_id), "privacy/_under_way.html", under_way=under_way)


async def ask(request: Request) -> Response:
    """A look, or a copy to hand out."""
    customer_id, form = request.path_params["customer_id"], await sent(request)
    step: Literal["look", "export"] = "export" if form.get("step") == "export" else "look"
    async with desk_of(request).oms(request) as oms:
        await oms.request_data(customer_id, step, key=key_of(form))
    return _back(request)


async def erase(request: Request) -> Response:
    """What is not as it has to be is said above the form, and what was typed stays."""
    words, form = words_of(request), await sent(request)
    look, reason, confirmation = typed(form, "look", 20), typed(form, "reason", 20), typed(form, "confirmation", 20)
    told = {"reason": reason, "confirmation": confirmation}
    if reason not in REASONS:
        return await _page(request, 422, words.reason_missing, told)
    if not confirmation:
        return await _page(request, 422, words.privacy_refused["erasure_not_confirmed"], told)
    async with desk_of(request).oms(request) as oms:
        try:
            await oms.request_erasure(look, NewErasure.model_validate(told), key=key_of(form))
        except (Conflict, Invalid) as refusal:
            problem = words.privacy_refused.get(refusal.code, words.refused_otherwise)
            return await _page(request, refusal.status, problem, told)
    return _back(request)


async def show_file(request: Request) -> Response:
    number = request.path_params["number"]
    async with desk_of(request).oms(request) as oms:
        content = await oms.data_file(number)
    name = f'attachment; filename="{number}.zip"'
    return Response(content, media_type="application/zip", headers={"Content-Disposition": name})


async def _page(request: Request, status: int = 200, problem: str = "", told: dict[str, str] | None = None) -> Response:
    desk, customer_id = desk_of(request), request.path_params["customer_id"]
    async with desk.oms(request) as oms:
        requests = (await oms.data_requests(customer_id)).requests
        [person] = await oms.customer_names([customer_id])
    under_way = _under_way(requests)
    erased = next((each for each in requests if each.kind == "erasure" and each.status == "done"), None)
    looks = (each for each in requests if each.kind == "look" and each.status == "done")
    # What there was before they were erased is not there any more.
    look = next((each for each in looks if erased is None or each.requested_at > erased.requested_at), None)
    by_group: dict[str, list[HeldRows]] = {}
    for held in look.rows if look else ():
        by_group.setdefault(held.group, []).append(held)
    live = await desk.live(request, _part(customer_id), "privacy/_under_way.html", under_way=under_way)
    return await desk.page(
        request,
        "privacy/person.html",
        status,
        person=person,
        live=live if under_way else "",
        look=look,
        erased=erased,
        by_group=by_group,
        past=[each for each in requests if each.status in ENDED and each.kind != "look"],
        reasons=REASONS,
        problem=problem,
        typed={"reason": "", "confirmation": ""} | (told or {}),
    )


def _under_way(requests: Sequence[DataRequest]) -> list[DataRequest]:
    return [each for each in requests if each.status not in ENDED]


def _part(customer_id: str) -> LivePart:
    return LivePart("under-way", f"/privacy/customers/{customer_id}/under-way", LOOKS_EVERY_S)


def _back(request: Request) -> Response:
    return RedirectResponse(f"{root_of(request)}/privacy/customers/{request.path_params['customer_id']}", 303)


routes = [
    Route("/privacy", show_list),
    Route("/privacy/customers/{customer_id}", show),
    Route("/privacy/customers/{customer_id}/under-way", refresh),
    Route("/privacy/customers/{customer_id}/ask", ask, methods=["POST"]),
    Route("/privacy/customers/{customer_id}/erase", erase, methods=["POST"]),
    Route("/privacy/requests/{number}/file", show_file),
]
