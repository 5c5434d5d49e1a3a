"""The trail of what members did: searched, for admins."""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from console.desk import desk_of, words_of

FILTERS = ("member", "about", "act", "since", "until")
MOST = 80


async def show(request: Request) -> Response:
    desk, words = desk_of(request), words_of(request)
    typed = {name: request.query_params.get(name, "").strip()[:MOST] for name in FILTERS}
    sought: dict[str, str | None] = {name: typed[name] or None for name in ("member", "about", "act")}
    problem = ""
    async with desk.oms(request) as oms:
        zone = ZoneInfo((await oms.shop()).time_zone)
        for name in ("since", "until"):
            try:
                sought[name] = _moment(typed[name], zone, is_end=name == "until")
            except ValueError:
                problem = words.day_unreadable
        page = await oms.audit_trail(request.query_params.get("cursor"), **sought)
        members = await oms.members()
    return await desk.page(
        request,
        "staff/trail.html",
        422 if problem else 200,
        entries=page.entries,
        next_cursor=page.next_cursor,
        members=members,
        called={each.id: each.name for each in members},
        typed=typed,
        problem=problem,
        shown=_shown,
    )


def _moment(day: str, zone: ZoneInfo, *, is_end: bool) -> str | None:
    if not day:
        return None
    on = date.fromisoformat(day) + timedelta(days=is_end)
    return datetime.combine(on, time(), zone).isoformat()


def _shown(value: Any) -> str:
    """A value of a row as it is read: text as it is, the rest as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


routes = [Route("/trail", show)]
