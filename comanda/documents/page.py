"""The document page: asked of the OMS anew at every visit and kept nowhere; its answers go there, too."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
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
from backend.schemas.invoices import InvoiceAnswer, LinkedInvoice
from comanda import link_pages
from comanda.documents.words import LOCALES, WORDS
from kernel import tokens
from kernel.config import Settings
from kernel.errors import ComandaError
from kernel.logging import get_logger
from kernel.money import Money, format_money

log = get_logger(__name__)

_FILES = Path(__file__).parent
_TOKEN_LIFETIME = timedelta(minutes=5)
_HEADERS = link_pages.headers(form_action="'self'")
_REFUSALS = {
    "invoice_link_unknown": ("unknown", 404),
    "invoice_link_expired": ("expired", 410),
    "label_link_over": ("label", 404),
    "receipt_link_over": ("receipt", 404),
    # It came, or is not wanted back any more.
    "return_step_illegal": ("label", 410),
}
_MOST_BYTES = 4_000
_MOST_REASON = 300


def create_app(settings: Settings, transport: httpx.AsyncBaseTransport | None = None) -> Starlette:
    """The page at `/<token>`, its files at `/<token>/pdf` and `/xml`; of a return its label at `/label/<token>`, of a
    refund its receipt at `/receipt/<token>`.

    Mount it at `/f`: links point there.
    """
    environment = link_pages.templates_in(_FILES / "templates")

    def oms() -> BackendClient:
        principal = tokens.Principal(role="service", subject="documents")
        proof = tokens.mint(principal, settings.signing_key(), _TOKEN_LIFETIME)
        return BackendClient(settings.backend_url, proof, transport)

    def refused(request: Request, refusal: ComandaError) -> Response:
        kind, status = _REFUSALS.get(refusal.code, ("unavailable", 503))
        if status == 503:
            log.warning("document_unavailable", code=refusal.code)
        return _answer(environment, "refused.html", status, link_pages.language_of(request, WORDS), settings, kind=kind)

    async def page(request: Request, *, is_reason_missing: bool = False) -> Response:
        token = _token(request)
        try:
            async with oms() as client:
                found = await client.linked_invoice(token)
        except ComandaError as refusal:
            return refused(request, refusal)
        language = link_pages.wished_language(request, WORDS) or found.language
        status = 422 if is_reason_missing else 200
        facts = _facts(found, language) | {"token": token, "is_reason_missing": is_reason_missing}
        return _answer(environment, "document.html", status, language, settings, **facts)

    async def file(request: Request) -> Response:
        try:
            async with oms() as client:
                content, media_type, name = await client.linked_invoice_file(_token(request), _last(request))
        except ComandaError as refusal:
            return refused(request, refusal)
        headers = _HEADERS | {"Content-Disposition": name}
        return Response(content, media_type=media_type, headers=headers)

    async def label(request: Request) -> Response:
        return await sheet(request, BackendClient.linked_label, "label.pdf")

    async def receipt(request: Request) -> Response:
        return await sheet(request, BackendClient.linked_receipt, "receipt.pdf")

    async def sheet(request: Request, ask: Callable[[BackendClient, str], Awaitable[bytes]], name: str) -> Response:
        try:
            async with oms() as client:
                content = await ask(client, _token(request))
        except ComandaError as refusal:
            return refused(request, refusal)
        headers = _HEADERS | {"Content-Disposition": f'inline; filename="{name}"'}
        return Response(content, media_type="application/pdf", headers=headers)

    async def answer(request: Request) -> Response:
        token, said = _token(request), _last(request)
        reason = await _reason(request) if said == "rejected" else None
        if said == "rejected" and reason is None:
            return await page(request, is_reason_missing=True)
        try:
            async with oms() as client:
                given = InvoiceAnswer(answer=said, reason=reason)
                # One act for each answer: pressed twice it is one, and changed in between it is not replayed.
                await client.answer_invoice(token, given, key=_act(token, said, reason))
        except ComandaError as refusal:
            if refusal.code != "invoice_answered":
                return refused(request, refusal)
        return RedirectResponse(f"/f/{token}?lang={link_pages.language_of(request, WORDS)}", 303, headers=_HEADERS)

    return Starlette(
        routes=[
            Mount("/static", StaticFiles(directory=_FILES / "static")),
            *(Route(f"/label/{{token:str}}{form}", label) for form in ("", "/pdf")),
            *(Route(f"/receipt/{{token:str}}{form}", receipt) for form in ("", "/pdf")),
            Route("/{token:str}", page),
            *(Route(f"/{{token:str}}/{form}", file, methods=["GET"]) for form in ("pdf", "xml")),
            *(Route(f"/{{token:str}}/{said}", answer, methods=["POST"]) for said in ("accepted", "rejected")),
        ],
    )


def _answer(
    environment: Environment, template: str, status: int, language: str, settings: Settings, **facts: Any
) -> HTMLResponse:
    html = environment.get_template(template).render(
        language=language, words=WORDS[language], is_demo=settings.is_demo, **facts
    )
    return HTMLResponse(html, status, headers=_HEADERS)


def _facts(found: LinkedInvoice, language: str) -> dict[str, Any]:
    def day(on_date: date) -> str:
        return format_date(on_date, WORDS[language]["day_pattern"], locale=LOCALES[language])

    total = format_money(Money(found.payable.amount_minor, found.payable.currency), LOCALES[language])
    return {"found": found, "day": day, "total": total}


def _token(request: Request) -> str:
    """The token of the address; what no link looks like becomes one that opens nothing."""
    token = request.path_params["token"]
    return token if link_pages.TOKEN.fullmatch(token) else "-"


def _last(request: Request) -> Any:
    return request.url.path.rpartition("/")[2]


async def _reason(request: Request) -> str | None:
    """What the customer wrote, in one line and of a length that is kept."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _MOST_BYTES:
            return None
    written = parse_qs(body.decode(errors="replace")).get("reason", [""])[0]
    return " ".join("".join(c if c.isprintable() else " " for c in written).split())[:_MOST_REASON] or None


def _act(token: str, said: str, reason: str | None) -> str:
    """Names the answer: pressed twice it is one."""
    return hashlib.sha256(f"{token}:{said}:{reason}".encode()).hexdigest()
