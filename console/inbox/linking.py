"""Two customers who are one person: found, looked at side by side, linked with a reason, and parted again."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from backend.client import BackendClient
from console.acts import key_of, sent, typed
from console.desk import desk_of, words_of
from console.inbox import customers
from kernel.errors import ComandaError, Forbidden

FOUND_AT_MOST, MAX_QUERY, MAX_REASON = 8, 120, 300


async def show(request: Request) -> Response:
    """Whom the customer is linked with, and who is found that might be them, too."""
    async with desk_of(request).oms(request) as oms:
        return await _panel(request, oms)


async def preview(request: Request) -> Response:
    async with desk_of(request).oms(request) as oms:
        other = request.query_params.get("other", "")[:36]
        return await _panel(request, oms, other=other)


async def do(request: Request) -> Response:
    """Link, or part again; what is refused is said in its place."""
    form, words = await sent(request), words_of(request)
    customer_id, other = request.path_params["customer_id"], typed(form, "other", 36)
    async with desk_of(request).oms(request) as oms:
        try:
            if identity := typed(form, "identity", 36):
                await oms.undo_link(customer_id, identity, key=key_of(form))
            elif not (reason := typed(form, "reason", MAX_REASON)):
                return await _panel(request, oms, 422, other=other, problem=words.why_for_team)
            else:
                await oms.link_customers(customer_id, other, reason, key=key_of(form))
        except ComandaError as refusal:
            problem = words.forbidden_act if isinstance(refusal, Forbidden) else words.refused_otherwise
            return await _panel(request, oms, 422, other=other, problem=problem)
        return await _panel(request, oms, did="parted" if identity else "linked")


async def _panel(
    request: Request, oms: BackendClient, status: int = 200, *, other: str = "", problem: str = "", did: str = ""
) -> Response:
    desk, customer_id = desk_of(request), request.path_params["customer_id"]
    person = await oms.identities_of(customer_id)
    query = request.query_params.get("q", "").strip()[:MAX_QUERY]
    mine = {customer_id, person.customer_id, *(each.customer_id for each in person.history if each.act == "linked")}
    found: list[Any] = await oms.customer_names(query=query) if query and not other else []
    names = customers.names_of(request)
    looked = await oms.look_at_link(customer_id, other) if other else None
    sides = [each for each in (looked.person, looked.joined) if each] if looked else []
    shown = {
        "customer_id": customer_id,
        "person": person,
        "query": query,
        "found": [each for each in found if each.customer_id not in mine][:FOUND_AT_MOST],
        "other": other,
        "looked": looked,
        "names": await names.of(request, [each.customer_id for each in sides]),
        "problem": problem,
        "did": did,
    }
    return HTMLResponse(await desk.render(request, "_linking.html", **shown), status)


routes = [
    Route("/customers/{customer_id}/links", show),
    Route("/customers/{customer_id}/links/preview", preview),
    Route("/customers/{customer_id}/links", do, methods=["POST"]),
]
