"""The console as one app: its pages, its files, and what a page shows when something is refused."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.util import find_spec
from pathlib import Path

import httpx
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from console import live
from console.catalog import file as catalogue_file
from console.desk import Desk, desk_of, root_of, words_of
from console.finance import alerts, bank, books, invoices, pending, receivables
from console.inbox import routes as inbox
from console.insights import doubts, figures
from console.mail import routes as mail
from console.orders import routes as orders
from console.payments import proofs, refunds
from console.privacy import people
from console.sales import holds, order_acts, quotes
from console.session import forget
from console.signin import routes as signin
from console.staff import account, limits, members, trail
from console.warehouse import barcodes, counting, moving, parts, queue, receiving, walks
from console.warehouse import returns as warehouse_returns
from kernel.config import Settings
from kernel.errors import ComandaError, Forbidden, NotFound, Unauthenticated
from kernel.logging import get_logger

log = get_logger(__name__)

_STATIC = Path(__file__).parent / "static"
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)


def create_app(
    settings: Settings,
    backend: httpx.AsyncBaseTransport | None = None,
    bot: httpx.AsyncBaseTransport | None = None,
) -> Starlette:
    """The console, to mount at `/console` or to run alone. `backend` and `bot` are transports for tests."""
    desk = Desk(settings, backend, bot)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        await desk.close()

    app = Starlette(
        lifespan=lifespan,
        routes=[
            Route("/static/htmx.js", _htmx),
            Mount("/static", StaticFiles(directory=_STATIC)),
            *signin.routes,
            *live.routes,
            *inbox.routes,
            *orders.routes,
            *holds.routes,
            *order_acts.routes,
            *quotes.routes,
            *proofs.routes,
            *refunds.routes,
            *invoices.routes,
            *pending.routes,
            *receivables.routes,
            *bank.routes,
            *books.routes,
            *alerts.routes,
            *mail.routes,
            *doubts.routes,
            *figures.routes,
            *queue.routes,
            *parts.routes,
            *walks.routes,
            *receiving.routes,
            *counting.routes,
            *moving.routes,
            *barcodes.routes,
            *warehouse_returns.routes,
            *catalogue_file.routes,
            *account.routes,
            *limits.routes,
            *members.routes,
            *trail.routes,
            *people.routes,
        ],
        middleware=[Middleware(PrivatePages)],
        exception_handlers={ComandaError: refused, HTTPException: _http_refused},
    )
    app.state.desk = desk
    return app


async def _htmx(_request: Request) -> Response:
    """htmx out of the django-htmx wheel, which carries it; Django itself is neither installed nor imported."""
    package = find_spec("django_htmx")
    origin = package.origin if package else None
    assert origin, "django-htmx is a dependency"
    return FileResponse(Path(origin).parent / "static/django_htmx/htmx-2.min.js", media_type="text/javascript")


async def refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, ComandaError)
    words = words_of(request)
    if isinstance(error, Unauthenticated):
        return _to_sign_in(request)
    if isinstance(error, Forbidden):
        return await _message(request, 403, words.forbidden_title, words.forbidden)
    if isinstance(error, NotFound):
        return await _message(request, 404, words.not_found_title, words.not_found)
    log.warning("page_failed", path=request.url.path, code=error.code)
    return await _message(request, error.status, words.unavailable_title, words.unavailable, is_worth_retrying=True)


async def _http_refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    words = words_of(request)
    return await _message(request, error.status_code, words.not_found_title, words.not_found)


async def _message(
    request: Request, status: int, title: str, text: str, *, is_worth_retrying: bool = False
) -> Response:
    desk = desk_of(request)
    return await desk.page(request, "message.html", status, title=title, text=text, is_worth_retrying=is_worth_retrying)


def _to_sign_in(request: Request) -> Response:
    address = signin.sign_in_address(request)
    if "HX-Request" in request.headers:
        # htmx follows a redirect inside the part; the whole page has to go.
        response: Response = Response(status_code=200, headers={"HX-Redirect": address})
    else:
        response = RedirectResponse(address, 303)
    forget(response, path=root_of(request) or "/")
    return response


class PrivatePages:
    """Every answer forbids framing and foreign content, and no page is kept by a cache."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
                headers["X-Frame-Options"] = "DENY"
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "same-origin"
                is_file = headers.get("content-type", "").startswith(("text/css", "text/javascript", "image/"))
                headers["Cache-Control"] = "no-cache" if is_file else "no-store"
            await send(message)

        await self.app(scope, receive, send_guarded)
