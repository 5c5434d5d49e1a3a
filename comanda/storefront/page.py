"""The pages of the demo shop, in two languages: its goods with what to try in the chat, and its privacy policy."""

from __future__ import annotations

from pathlib import Path

import httpx
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from backend.schemas.base import Money
from comanda.storefront import policy
from comanda.storefront.shelf import Shelf
from comanda.storefront.words import WORDS
from kernel.config import Settings
from kernel.errors import ComandaError
from kernel.logging import get_logger
from kernel.money import format_money

log = get_logger(__name__)

_FILES = Path(__file__).parent
FIRST_OF_EACH = 6
# Nothing inline, nothing from elsewhere: the chat must live under it, as it has to on a careful shop's page.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
_LOCALES = {"es": "es_CO", "en": "en_US"}


def create_app(settings: Settings, transport: httpx.AsyncBaseTransport | None = None) -> Starlette:
    """The pages at `/` and `/privacy`, their files below `/static`. Serve it at `/` and mount it at `/shop`: they
    point there.
    """
    environment = Environment(
        loader=FileSystemLoader(_FILES / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    shelf = Shelf(settings, transport)

    async def page(request: Request) -> Response:
        language = _language(request)
        try:
            shelves = await shelf.shelves()
        except ComandaError as refusal:
            # The chat works without the shelves; the page says so and looks again at the next visit.
            log.warning("shelves_empty", code=refusal.code)
            shelves = None
        wanted = request.query_params.get("category", "")
        html = environment.get_template("shop.html").render(
            language=language,
            words=WORDS[language],
            is_demo=settings.is_demo,
            shelves=shelves,
            wanted=wanted if shelves and wanted in shelves.variants else "",
            first_of_each=FIRST_OF_EACH,
            price=lambda money: _price(money, language),
        )
        return HTMLResponse(html, headers={"Content-Security-Policy": CONTENT_SECURITY_POLICY, **_HEADERS})

    async def privacy(request: Request) -> Response:
        language = _language(request)
        found = None
        try:
            found = await policy.in_force(settings, transport)
        except ComandaError as refusal:
            log.warning("policy_unavailable", code=refusal.code)
        html = environment.get_template("privacy.html").render(
            language=language,
            words=WORDS[language],
            is_demo=settings.is_demo,
            version=found.version if found else None,
            paragraphs=policy.paragraphs(found, language) if found else [],
        )
        headers = {"Content-Security-Policy": CONTENT_SECURITY_POLICY, **_HEADERS}
        return HTMLResponse(html, 200 if found else 503, headers=headers)

    return Starlette(
        routes=[
            Route("/", page),
            Route("/privacy", privacy),
            Mount("/static", StaticFiles(directory=_FILES / "static")),
        ]
    )


_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Vary": "Accept-Language",
    "Cache-Control": "no-cache",
    # The chat on it sends a customer's place, if they press the pin.
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(self)",
}


def _language(request: Request) -> str:
    """The one asked for by `?lang=`, else English for browsers that put it before Spanish, else Spanish."""
    wish = request.query_params.get("lang")
    if wish in WORDS:
        return wish
    accepted = [part.split(";")[0].strip()[:2] for part in request.headers.get("accept-language", "").split(",")]
    return next((language for language in accepted if language in WORDS), "es")


def _price(money: Money, language: str) -> str:
    return format_money(money.value, _LOCALES[language])
