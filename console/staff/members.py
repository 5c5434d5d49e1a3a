"""Who works here, for admins: taking someone in, their role and limits, letting them go."""

from __future__ import annotations

from typing import Any, get_args

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from backend.schemas.staff import LimitedAct, Member, MemberChange, NewMember, Role
from console.acts import key_of, new_act, sent
from console.desk import desk_of, root_of, words_of
from console.payments.amounts import to_type, typed_minor
from kernel.errors import Conflict, Forbidden

ROLES = get_args(Role)
LIMITED = get_args(LimitedAct)


async def show_list(request: Request) -> Response:
    return await _list(request)


async def admit(request: Request) -> Response:
    """The link is shown once, on the page that answers: whoever invites hands it on."""
    desk, words = desk_of(request), words_of(request)
    form = await sent(request)
    typed = {name: str(form.get(name, "")).strip() for name in ("email", "name", "role")}
    try:
        given = NewMember.model_validate(typed)
    except ValidationError as refusal:
        fields = {str(error["loc"][0]) for error in refusal.errors()}
        return await _list(request, 422, typed, {field: words.member_field[field] for field in fields})
    async with desk.oms(request) as oms:
        try:
            made = await oms.admit_member(given, key=key_of(form))
        except Conflict as refusal:
            return await _list(request, 409, typed, {"email": _said(request, refusal.code)})
    return await _list(request, made=made)


async def show(request: Request) -> Response:
    return await _page(request)


async def change(request: Request) -> Response:
    """Name, role and limits; an empty limit is the role's."""
    desk, words = desk_of(request), words_of(request)
    form = await sent(request)
    typed = {name: str(value).strip() for name, value in form.items()}
    limits: dict[str, int | None] = {}
    async with desk.oms(request) as oms:
        currency = (await oms.shop()).currency
        member = await oms.member(request.path_params["member_id"])
        for act in LIMITED:
            text = typed.get(f"limit-{act}", "")
            minor = 0 if text == "0" else typed_minor(text, currency, desk.language(request))
            if text and minor is None:
                return await _page(request, 422, typed, {f"limit-{act}": words.amount_unreadable})
            if text:
                limits[act] = minor
        wish: dict[str, Any] = {"name": typed.get("name") or member.name}
        if typed.get("role", member.role) != member.role:
            wish["role"] = typed["role"]
        if limits != member.limits:
            wish["limits"] = limits
        try:
            await oms.change_member(member.id, MemberChange.model_validate(wish), key=key_of(form))
        except ValidationError:
            return await _page(request, 422, typed, {"name": words.member_field["name"]})
        except (Conflict, Forbidden) as refusal:
            if refusal.code not in words.staff_refused:
                raise
            return await _page(request, refusal.status, typed, {"page": _said(request, refusal.code)})
    return RedirectResponse(f"{root_of(request)}/staff/{member.id}?done=saved", 303)


async def step(request: Request) -> Response:
    """Let go, let back in, a new link, end a session."""
    desk, member_id = desk_of(request), request.path_params["member_id"]
    form = await sent(request)
    what, key = str(form.get("step", "")), key_of(form)
    async with desk.oms(request) as oms:
        try:
            match what:
                case "leave" | "return":
                    await oms.change_member(member_id, MemberChange(is_active=what == "return"), key=key)
                case "link":
                    made = await oms.make_password_link(member_id, key=key)
                    return await _page(request, made=made)
                case "end":
                    await oms.end_session(str(form.get("session", "")), key=key)
        except (Conflict, Forbidden) as refusal:
            if refusal.code not in words_of(request).staff_refused:
                raise
            return await _page(request, refusal.status, problems={"page": _said(request, refusal.code)})
    return RedirectResponse(f"{root_of(request)}/staff/{member_id}", 303)


async def _list(
    request: Request,
    status: int = 200,
    typed: dict[str, str] | None = None,
    problems: dict[str, str] | None = None,
    made: Any = None,
) -> Response:
    desk = desk_of(request)
    async with desk.oms(request) as oms:
        members = await oms.members()
    return await desk.page(
        request,
        "staff/members.html",
        status,
        members=members,
        roles=ROLES,
        act=new_act(),
        made=made,
        typed={"email": "", "name": "", "role": "agent"} | (typed or {}),
        problems=dict.fromkeys(("email", "name", "role"), "") | (problems or {}),
    )


async def _page(
    request: Request,
    status: int = 200,
    typed: dict[str, str] | None = None,
    problems: dict[str, str] | None = None,
    made: Any = None,
) -> Response:
    desk, member_id = desk_of(request), request.path_params["member_id"]
    async with desk.oms(request) as oms:
        member = await oms.member(member_id)
        sessions = await oms.sessions_of(member_id)
        currency = (await oms.shop()).currency
    return await desk.page(
        request,
        "staff/member.html",
        status,
        member=member,
        sessions=sessions,
        roles=ROLES,
        limited=LIMITED,
        currency=currency,
        made=made,
        is_me=member_id == desk.staff(request).id,
        is_done=request.query_params.get("done") == "saved",
        typed=_as_it_is(member, currency, desk.language(request)) | (typed or {}),
        problems=dict.fromkeys(("page", "name", *(f"limit-{act}" for act in LIMITED)), "") | (problems or {}),
    )


def _as_it_is(member: Member, currency: str, language: str) -> dict[str, str]:
    limits = {
        f"limit-{act}": "" if (most := member.limits.get(act)) is None else to_type(most, currency, language)
        for act in LIMITED
    }
    return {"name": member.name, "role": member.role} | limits


def _said(request: Request, code: str) -> str:
    words = words_of(request)
    said: str = words.staff_refused.get(code, words.refused_otherwise)
    return said


routes = [
    Route("/staff", show_list),
    Route("/staff", admit, methods=["POST"]),
    Route("/staff/{member_id}", show),
    Route("/staff/{member_id}", change, methods=["POST"]),
    Route("/staff/{member_id}/step", step, methods=["POST"]),
]
