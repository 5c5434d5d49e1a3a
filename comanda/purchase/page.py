"""The page of a purchase order, in the partner's language: it shows what the OMS says and passes their answers on."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx
from babel.dates import format_date
from jinja2 import Environment
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from backend.client import BackendClient
from backend.schemas.partners import LinkedPurchaseOrder
from comanda import link_pages
from comanda.purchase.words import LOCALES, WORDS
from kernel.config import Settings
from kernel.errors import ComandaError
from kernel.logging import get_logger
from kernel.quantities import counted

log = get_logger(__name__)

_FILES = Path(__file__).parent
_HEADERS = link_pages.headers(form_action="'self'")
_REFUSALS = {"purchase_link_unknown": ("unknown", 404), "purchase_link_expired": ("expired", 410)}
# A note of 300 characters, percent-encoded, with room for a hundred lines.
_MAX_BODY_BYTES = 16_000
_MAX_FIELDS = 120

Form = dict[str, list[str]]
Answer = Callable[[BackendClient, str, Form, int, str], Awaitable[LinkedPurchaseOrder]]


class _Unreadable(ValueError):
    """A form that this page did not make."""


def create_app(settings: Settings, transport: httpx.AsyncBaseTransport | None = None) -> Starlette:
    """The page at `/<token>`, answers below it, its files below `/static`. Mount it at `/p`: links point there."""
    environment = link_pages.templates_in(_FILES / "templates")

    async def show(request: Request, problem: ComandaError | None = None) -> Response:
        token = request.path_params["token"]
        try:
            found = await _ask(settings, transport, token)
        except ComandaError as refusal:
            return _refused(environment, request, refusal)
        language = link_pages.wished_language(request, WORDS) or found.language
        words, said = WORDS[language], request.query_params.get("done")
        facts = {
            "found": found,
            "token": token,
            "key": secrets.token_urlsafe(16),
            "done": words["done"].get(said) if problem is None else None,
            "problem": None if problem is None else words["problems"].get(problem.code, words["problems"]["other"]),
            "day": lambda on_date: format_date(on_date, words["day_pattern"], locale=LOCALES[language]),
            "counted": lambda quantity, unit: counted(quantity, unit, language),
            "query": f"?lang={language}" if language != found.language else "",
        }
        status = 200 if problem is None else problem.status
        return _answer(environment, "purchase_order.html", status, language, **facts)

    async def answer(request: Request) -> Response:
        token, step = request.path_params["token"], request.path_params["step"]
        try:
            form = await _form(request)
            version, key = int(_one(form, "version")), _one(form, "key")
            if step not in _ANSWERS or not link_pages.TOKEN.fullmatch(token) or not link_pages.TOKEN.fullmatch(key):
                raise _Unreadable(step)
            async with BackendClient(settings.backend_url, "", transport) as oms:
                await _ANSWERS[step](oms, token, form, version, f"page:{key}")
        except ValueError:
            return await show(request, _Nonsense())
        except ComandaError as refusal:
            return await show(request, refusal)
        language = link_pages.wished_language(request, WORDS)
        also = f"&lang={language}" if language else ""
        return RedirectResponse(f"{request.scope.get('root_path', '')}/{token}?done={step}{also}", 303, _HEADERS)

    return Starlette(
        routes=[
            Mount("/static", StaticFiles(directory=_FILES / "static")),
            Route("/{token:str}", show),
            Route("/{token:str}/{step:str}", answer, methods=["POST"]),
        ],
    )


class _Nonsense(ComandaError):
    code, status, title = "invalid_request", 422, "The form cannot be read"


async def _ask(settings: Settings, transport: httpx.AsyncBaseTransport | None, token: str) -> LinkedPurchaseOrder:
    if not link_pages.TOKEN.fullmatch(token):
        raise _NoLink()
    async with BackendClient(settings.backend_url, "", transport) as oms:
        return await oms.linked_purchase_order(token)


class _NoLink(ComandaError):
    code, status, title = "purchase_link_unknown", 404, "This link opens nothing"


async def _form(request: Request) -> Form:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MAX_BODY_BYTES:
            raise _Unreadable("too long")
    return parse_qs(body.decode(), max_num_fields=_MAX_FIELDS)


def _one(form: Form, name: str) -> str:
    values = form.get(name, [])
    if len(values) != 1:
        raise _Unreadable(name)
    return values[0].strip()


async def _confirm(oms: BackendClient, token: str, form: Form, version: int, key: str) -> LinkedPurchaseOrder:
    return await oms.confirm_linked(token, date.fromisoformat(_one(form, "ships_on")), version, key=key)


async def _reject(oms: BackendClient, token: str, form: Form, version: int, key: str) -> LinkedPurchaseOrder:
    return await oms.reject_linked(token, _one(form, "note"), version, key=key)


async def _ship(oms: BackendClient, token: str, form: Form, version: int, key: str) -> LinkedPurchaseOrder:
    typed = "".join(form.get("tracking_number", [])).strip()
    # Nothing chosen is not everything.
    if "chosen" in form and "lines" not in form:
        raise _Unreadable("no lines")
    return await oms.ship_linked(token, _one(form, "carrier"), typed or None, form.get("lines"), version, key=key)


_ANSWERS: dict[str, Answer] = {"confirm": _confirm, "reject": _reject, "ship": _ship}


def _refused(environment: Environment, request: Request, refusal: ComandaError) -> Response:
    kind, status = _REFUSALS.get(refusal.code, ("unavailable", 503))
    if status == 503:
        log.warning("purchase_order_unavailable", code=refusal.code)
    return _answer(environment, "refused.html", status, link_pages.language_of(request, WORDS), kind=kind)


def _answer(environment: Environment, template: str, status: int, language: str, **facts: Any) -> HTMLResponse:
    html = environment.get_template(template).render(language=language, words=WORDS[language], **facts)
    return HTMLResponse(html, status, headers=_HEADERS)
