"""My account: where I am signed in, and my password."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from console.acts import key_of, sent
from console.desk import desk_of, root_of, words_of
from kernel.errors import Forbidden, Invalid, NotFound, TooMany


async def show(request: Request) -> Response:
    return await _page(request)


async def end_session(request: Request) -> Response:
    desk = desk_of(request)
    form = await sent(request)
    async with desk.oms(request) as oms:
        await oms.end_session(request.path_params["session_id"], key=key_of(form))
    return RedirectResponse(f"{root_of(request)}/account", 303)


async def change_password(request: Request) -> Response:
    """Only a password that was typed twice alike is sent; none is ever shown again."""
    desk, words = desk_of(request), words_of(request)
    form = await sent(request)
    current, new, again = (str(form.get(name, "")) for name in ("current", "password", "again"))
    if not current:
        return await _page(request, 422, {"current": words.password_missing})
    if not new or new != again:
        return await _page(request, 422, {"again": words.password_differs})
    async with desk.oms(request) as oms:
        try:
            await oms.change_password(current, new, key=key_of(form))
        except (Forbidden, Invalid, TooMany) as refusal:
            if refusal.code not in words.staff_refused:
                raise
            field = "current" if refusal.code in ("password_wrong", "too_many_sign_ins") else "password"
            return await _page(request, refusal.status, {field: words.staff_refused[refusal.code]})
    return RedirectResponse(f"{root_of(request)}/account?done=password", 303)


async def welcome(request: Request) -> Response:
    """Where the link of an invitation leads: nobody has to be signed in."""
    return await _welcome(request)


async def set_password(request: Request) -> Response:
    desk, words = desk_of(request), words_of(request)
    form = await sent(request)
    new, again = str(form.get("password", "")), str(form.get("again", ""))
    if not new or new != again:
        return await _welcome(request, 422, words.password_differs)
    async with desk.stranger() as oms:
        try:
            await oms.use_password_link(request.path_params["token"], new)
        except Invalid as refusal:
            return await _welcome(request, 422, words.staff_refused.get(refusal.code, words.refused_otherwise))
        except NotFound as refusal:
            return await _welcome(request, 404, words.staff_refused.get(refusal.code, words.not_found))
    return RedirectResponse(f"{root_of(request)}/signin?done=password", 303)


async def _page(request: Request, status: int = 200, problems: dict[str, str] | None = None) -> Response:
    desk = desk_of(request)
    async with desk.oms(request) as oms:
        mine = await oms.my_sessions()
    return await desk.page(
        request,
        "staff/account.html",
        status,
        sessions=mine,
        is_done=request.query_params.get("done") == "password",
        problems=dict.fromkeys(("current", "password", "again"), "") | (problems or {}),
    )


async def _welcome(request: Request, status: int = 200, problem: str = "") -> Response:
    desk, words = desk_of(request), words_of(request)
    async with desk.stranger() as oms:
        try:
            opened = await oms.open_password_link(request.path_params["token"])
        except NotFound as refusal:
            text = words.staff_refused.get(refusal.code, words.not_found)
            return await desk.page(
                request, "message.html", 404, title=words.not_found_title, text=text, is_worth_retrying=False
            )
    return await desk.page(request, "staff/welcome.html", status, opened=opened, problem=problem)


routes = [
    Route("/account", show),
    Route("/account/password", change_password, methods=["POST"]),
    Route("/account/sessions/{session_id}/end", end_session, methods=["POST"]),
    Route("/welcome/{token}", welcome),
    Route("/welcome/{token}", set_password, methods=["POST"]),
]
