"""My account: where I am signed in."""

from __future__ import annotations

from uuid import uuid4

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from console import csrf
from console.desk import desk_of, root_of


async def show(request: Request) -> Response:
    desk = desk_of(request)
    async with desk.oms(request) as oms:
        mine = await oms.my_sessions()
    return await desk.page(request, "account.html", sessions=mine, act=lambda: str(uuid4()))


async def end_session(request: Request) -> Response:
    desk = desk_of(request)
    await csrf.check(request, desk.key)
    form = await request.form()
    async with desk.oms(request) as oms:
        await oms.end_session(request.path_params["session_id"], key=f"console:{form.get('act')}")
    return RedirectResponse(f"{root_of(request)}/account", 303)


routes = [
    Route("/account", show),
    Route("/account/sessions/{session_id}/end", end_session, methods=["POST"]),
]
