"""What each role does alone of each kind of act, for admins: above it another person approves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from backend.schemas.staff import LimitedAct, Role, SetRoleLimits
from console.acts import key_of, sent, texts
from console.desk import desk_of, root_of, words_of
from console.payments.amounts import to_type, typed_minor

ACTS = get_args(LimitedAct)
ROLES = get_args(Role)
# What a cancelled order or a return gives back by itself has a limit, too.
REFUND, CUSTOMER = "refund", "customer"
ALL = "*"


async def show(request: Request) -> Response:
    return await _page(request)


async def change(request: Request) -> Response:
    """All of them anew. A blank field tells no limit; `*` says that there is none."""
    desk, words, form = desk_of(request), words_of(request), texts(await sent(request))
    limits: dict[str, dict[str, int | None]] = {}
    problems: dict[str, str] = {}
    async with desk.oms(request) as oms:
        currency = (await oms.shop()).currency
        for act in ACTS:
            for role in _roles(act):
                text = form[f"{act}-{role}"]
                minor = 0 if text == "0" else typed_minor(text, currency, desk.language(request))
                if text == ALL:
                    limits.setdefault(act, {})[role] = None
                elif text and minor is None:
                    problems[f"{act}-{role}"] = words.amount_unreadable
                elif text:
                    limits.setdefault(act, {})[role] = minor
        if problems:
            return await _page(request, 422, form, problems)
        await oms.set_role_limits(SetRoleLimits.model_validate({"limits": limits}), key=key_of(form))
    return RedirectResponse(f"{root_of(request)}/staff/limits?done=saved", 303)


def _roles(act: str) -> tuple[str, ...]:
    return (*ROLES, CUSTOMER) if act == REFUND else ROLES


async def _page(
    request: Request,
    status: int = 200,
    typed: Mapping[str, str] | None = None,
    problems: Mapping[str, str] | None = None,
) -> Response:
    desk = desk_of(request)
    async with desk.oms(request) as oms:
        # Who may change them may see who works here.
        await oms.members()
        known = await oms.role_limits()
    fields = {f"{act}-{role}": "" for act in ACTS for role in _roles(act)}
    for act, by_role in known.limits.items():
        for role, most in by_role.items():
            fields[f"{act}-{role}"] = ALL if most is None else to_type(most, known.currency, desk.language(request))
    return await desk.page(
        request,
        "staff/limits.html",
        status,
        acts=ACTS,
        roles_of=_roles,
        currency=known.currency,
        typed=fields | dict(typed or {}),
        problems=dict.fromkeys(fields, "") | dict(problems or {}),
        is_done=request.query_params.get("done") == "saved",
    )


routes = [Route("/staff/limits", show), Route("/staff/limits", change, methods=["POST"])]
