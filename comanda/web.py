"""The public process: bot, OMS, console, the demo shop's page and the pages behind links, behind one port."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from socket import socket

import uvicorn
from sqlalchemy import text
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route

import backend.app
import bot.app
import console.app
import office.app
from bot.channels.web import MAX_FRAME_BYTES
from comanda import demo_provider, documents, open_files, purchase, readiness, storefront, telemetry, tracking
from comanda.admission import Admission
from comanda.bounded_http import BoundedHttp
from comanda.security_headers import SecurityHeaders
from comanda.soundness import stop_if_unsound
from comanda.telemetry import Traced
from kernel import garbage
from kernel.config import Settings, get_settings
from kernel.db import Database
from kernel.logging import configure

# Streams of events stay open until then: a page that listens is to hear within five seconds that we restart.
STOP_PATIENCE_S = 3
STARTUP_FAILED = 3


def main(listener: socket | None = None) -> None:
    """Serve at the port of the settings, or at one that a parent has opened (comanda/prefork.py)."""
    settings = get_settings()
    configure("web", settings.log_level)
    telemetry.configure("web", settings)
    stop_if_unsound(settings)
    open_files.allow_many()
    app = create_app(settings)
    garbage.spare_what_stays()
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_level="warning",
        access_log=False,
        http=BoundedHttp,
        # A chat that stays open must not keep the process from ending.
        timeout_graceful_shutdown=STOP_PATIENCE_S,
        # The server refuses what the web chat would refuse anyway, before it has read it all.
        ws_max_size=MAX_FRAME_BYTES,
        # What is said is short: packing it saves nothing and costs every open chat a dictionary of its own.
        ws_per_message_deflate=False,
        server_header=False,
    )
    server = uvicorn.Server(config)
    with suppress(KeyboardInterrupt):
        server.run(sockets=[listener] if listener else None)
    if not server.started:
        sys.exit(STARTUP_FAILED)


def create_app(settings: Settings) -> Starlette:
    """Everything the public reaches, over one database. Each part also runs alone; here their lifespans meet."""
    # One for all parts: SQLite lets one writer in at a time, and they queue best at one lock.
    database = Database(settings.database_url)
    oms = backend.app.create_app(settings, database)
    chat = bot.app.create_app(settings, database)
    staff = console.app.create_app(settings)
    tables = office.app.create_app(settings, database.engine)
    shop = storefront.create_app(settings)
    tracked = tracking.create_app(settings)
    bought = purchase.create_app(settings)
    linked = documents.create_app(settings)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            stack.callback(database.dispose)
            for part in (oms, chat, staff, tables, shop, tracked, bought, linked):
                await stack.enter_async_context(part.router.lifespan_context(part))
            yield

    parts = ("api", "bot", "channels", "chat", "console", "demo-pay", "f", "p", "shop", "t", "widget")
    answering = (
        Middleware(SecurityHeaders, is_encrypted=settings.public_url.startswith("https://")),
        Middleware(Admission, parts=frozenset(parts)),
        Middleware(GZipMiddleware, minimum_size=1_000),
    )
    return Starlette(
        routes=[
            # First, and past what FastAPI does for a request: webhooks are most of what comes.
            *chat.state.gate.routes,
            Route("/healthz", _healthz),
            Route("/readyz", _readyz(settings, database)),
            Route("/api", _to("/api/docs")),
            Mount("/api", oms),
            Route("/console", _to("/console/")),
            Mount(f"/console{office.app.PATH}", tables),
            Mount("/console", staff),
            Route("/", shop),
            Mount("/shop", shop),
            Mount("/t", tracked),
            *([Mount("/demo-pay", demo_provider.create_app(settings))] if settings.is_demo else []),
            Mount("/p", bought),
            Mount("/f", linked),
            Mount("/", chat),
        ],
        middleware=[Middleware(Traced), *answering],
        lifespan=lifespan,
    )


def _to(path: str) -> Callable[[Request], Awaitable[Response]]:
    async def redirect(_request: Request) -> Response:
        return RedirectResponse(path, 308)

    return redirect


async def _healthz(_request: Request) -> Response:
    """This process lives; of its neighbours it says nothing."""
    return JSONResponse({"status": "ok"})


def _readyz(settings: Settings, database: Database) -> Callable[[Request], Awaitable[Response]]:
    def database_is_ready() -> bool:
        with database.read() as session:
            return bool(session.scalar(text("SELECT 1")))

    questions: dict[str, Callable[[], bool]] = {
        "database": database_is_ready,
        "rasa": lambda: readiness.rasa_is_ready(settings) and readiness.rasa_remembers(settings),
        "actions": lambda: readiness.actions_are_ready(settings),
        "worker": lambda: readiness.worker_is_ready(settings),
    }

    def ask_all() -> dict[str, bool]:
        return {name: question() for name, question in questions.items()}

    async def readyz(_request: Request) -> Response:
        """200 when a customer's message would be answered now, else 503; either way which parts are well."""
        parts = await run_in_threadpool(ask_all)
        is_ready = all(parts.values())
        body = {"status": "ready" if is_ready else "not_ready", "parts": parts}
        return JSONResponse(body, status_code=200 if is_ready else 503, headers={"Cache-Control": "no-store"})

    return readyz


if __name__ == "__main__":
    main()
