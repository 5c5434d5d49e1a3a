"""The tracking page, in two languages, asked of the OMS anew at every visit and kept nowhere."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from babel.dates import format_date, format_datetime
from jinja2 import Environment
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from backend.client import BackendClient
from backend.schemas.shipping import TrackedParcel, Tracking
from comanda import link_pages
from comanda.tracking.words import LOCALES, WORDS
from kernel.config import Settings
from kernel.errors import ComandaError
from kernel.logging import get_logger

log = get_logger(__name__)

_FILES = Path(__file__).parent
_HEADERS = link_pages.headers()
_REFUSALS = {"tracking_link_unknown": ("unknown", 404), "tracking_link_expired": ("expired", 410)}
# How far along the four steps of a parcel each status is.
_STEPS = {
    "packed": 1, "shipped": 2, "in_transit": 2, "out_for_delivery": 3, "exception": 3, "delivered": 4,
    "returned_to_origin": 0,
}  # fmt: skip


def create_app(settings: Settings, transport: httpx.AsyncBaseTransport | None = None) -> Starlette:
    """The page at `/<token>` and its files below `/static`. Mount it at `/t`: links point there."""
    environment = link_pages.templates_in(_FILES / "templates")

    async def page(request: Request) -> Response:
        language = link_pages.language_of(request, WORDS)
        if not link_pages.TOKEN.fullmatch(request.path_params["token"]):
            return _answer(environment, "refused.html", 404, language, settings, kind="unknown")
        try:
            async with BackendClient(settings.backend_url, "", transport) as oms:
                found = await oms.tracking(request.path_params["token"])
        except ComandaError as refusal:
            kind, status = _REFUSALS.get(refusal.code, ("unavailable", 503))
            if status == 503:
                log.warning("tracking_unavailable", code=refusal.code)
            return _answer(environment, "refused.html", status, language, settings, kind=kind)
        facts = {"found": found, "headline": _headline(found, language), "steps": _STEPS} | _formats(found, language)
        return _answer(environment, "tracking.html", 200, language, settings, **facts)

    return Starlette(
        routes=[Mount("/static", StaticFiles(directory=_FILES / "static")), Route("/{token:str}", page)],
    )


def _answer(
    environment: Environment, template: str, status: int, language: str, settings: Settings, **facts: Any
) -> HTMLResponse:
    html = environment.get_template(template).render(
        language=language, words=WORDS[language], is_demo=settings.is_demo, **facts
    )
    return HTMLResponse(html, status, headers=_HEADERS)


def _formats(found: Tracking, language: str) -> dict[str, Any]:
    zone, locale = ZoneInfo(found.time_zone), LOCALES[language]
    pattern = WORDS[language]["day_pattern"]

    def day(on_date: date) -> str:
        return format_date(on_date, pattern, locale=locale)

    def moment(at: datetime) -> str:
        return format_datetime(at, WORDS[language]["moment_pattern"], tzinfo=zone, locale=locale)

    return {"day": day, "moment": moment, "iso": lambda at: at.astimezone(zone).isoformat(timespec="minutes")}


def _headline(found: Tracking, language: str) -> str:
    """The one sentence that says how things stand."""
    words = WORDS[language]["headlines"]
    if found.status == "cancelled":
        return str(words["cancelled"])
    if not found.parcels:
        return str(words["on_hold" if found.status in ("placed", "on_hold") else "preparing"])
    arrived = sum(parcel.status == "delivered" for parcel in found.parcels)
    of = len(found.parcels) + found.waiting
    if arrived == of:
        return str(words["delivered"])
    if arrived:
        return str(words["some"]).format(arrived=arrived, of=of)
    return str(words[_most_pressing(found.parcels)])


def _most_pressing(parcels: list[TrackedParcel]) -> str:
    statuses = {parcel.status for parcel in parcels}
    pressing = ("exception", "returned_to_origin", "out_for_delivery", "in_transit", "shipped", "packed")
    return next(status for status in pressing if status in statuses)
