"""The bot's web side as one FastAPI app: the chat socket, the widget, the API for staff."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request, WebSocket
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from starlette.concurrency import run_in_threadpool

from bot import events, hints, migrations
from bot.answering.assistant import Assistant
from bot.answering.customers import Customers
from bot.api import agents, canned, conversations, files, handoff, insights, queue, ratings, wake
from bot.attachments.intake import Intake
from bot.channels.gate import RETRY_AFTER_S, Gate
from bot.channels.hub import Hub
from bot.channels.pushed import open_channels
from bot.channels.site_users import SiteUsers
from bot.channels.web import WebChat
from bot.channels.web_files import WebFiles
from bot.delivery import Delivery
from bot.desk import live
from bot.desk.context import Contexts
from bot.desk.desk import Desk
from bot.desk.presence import Signs
from bot.desk.staff_sessions import StaffSessions
from bot.handoff import hours, policy
from bot.handoff.hours import OpeningHours
from bot.listening.inbound import Inbox
from bot.shop_name import ShopName
from bot.widget import widget_files
from kernel import links, pseudonyms
from kernel.config import Settings
from kernel.db import Database
from kernel.errors import ComandaError, Invalid, Unavailable
from kernel.grouped import GroupedWrites
from kernel.links import Links
from kernel.logging import get_logger

log = get_logger(__name__)

# Taking in is one transaction at a time, and now and then a second beside it.
INTAKE_CONNECTIONS = 2


def create_app(settings: Settings, database: Database | None = None) -> FastAPI:
    """The bot over `database` (by default the one of the settings); runs alone, or mounted at the root of `web`.

    It stores messages and the work of answering them; the answering is `comanda.worker`'s.
    """
    database = database or Database(settings.database_url)
    pseudonyms.carry(database, settings.signing_key())
    policy.carry(database, policy.read(settings.handoff_policy))
    hours.carry(database, OpeningHours(settings.backend_url, settings.signing_key()))
    own_links = Links(settings.public_url, settings.signing_key())
    links.carry(database, own_links)
    hub = Hub(database)
    channels = open_channels(settings)
    delivery = Delivery(database, hints.for_web(database, hub.wake), channels)
    intake = Intake(settings, database)
    customers = Customers(settings.backend_url, settings.signing_key())
    contexts = Contexts(Assistant(settings.rasa_url), customers, channels)
    inbox = Inbox(delivery)
    # What customers write is taken in whatever uses up the other connections.
    intake_only = database.with_own_pool(INTAKE_CONNECTIONS)
    writes = GroupedWrites(intake_only)
    site_users = SiteUsers(settings)
    chat = WebChat(settings, database, writes, inbox, site_users, hub, ShopName(settings))

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await run_in_threadpool(migrations.upgrade, settings.database_url)
        hub.start()
        listener = None if database.is_sqlite else hints.PostgresListener(database, hub.wake)
        if listener:
            listener.start()
        yield
        if listener:
            await run_in_threadpool(listener.stop)
        await hub.stop()
        contexts.close()
        for channel in channels.values():
            await run_in_threadpool(channel.close)
        intake_only.dispose()

    app = FastAPI(title="Comanda bot", version="0.1.0", lifespan=lifespan, docs_url=None, redoc_url=None)
    app.state.database = database
    app.state.settings = settings
    app.state.signing_key = settings.signing_key()
    app.state.staff_sessions = StaffSessions(settings)
    app.state.hub = hub
    app.state.channels = channels
    app.state.intake = intake
    app.state.contexts = contexts
    app.state.links = own_links
    app.state.signs = Signs(database)
    app.state.delivery = delivery
    app.state.desk = Desk(database, delivery, channels)
    app.state.gate = Gate(database, writes, delivery, channels).router()
    parts = (conversations, queue, handoff, agents, canned, ratings, insights, files, wake, live, events)
    for router in (app.state.gate, *(part.router for part in parts)):
        app.router.routes.extend(router.routes)  # not `include_router`: see backend/app.py
    app.add_exception_handler(ComandaError, _problem)
    app.add_exception_handler(RequestValidationError, _invalid)
    for away in (OperationalError, InterfaceError, PoolExhausted):
        app.add_exception_handler(away, _database_away)

    @app.websocket("/chat/socket")
    async def chat_socket(socket: WebSocket) -> None:
        await chat.serve(socket)

    @app.get("/healthz", include_in_schema=False)
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    app.mount("/chat/attachments", WebFiles(settings, database, site_users, intake).app())
    app.mount("/widget", widget_files())
    return app


class RequestInvalid(Invalid):
    code, title = "request_invalid", "The request is not as the API describes it"


async def _invalid(_request: Request, error: Exception) -> JSONResponse:
    """Says where it is wrong, and nothing of what was sent."""
    assert isinstance(error, RequestValidationError)
    fields = [".".join(map(str, each["loc"])) for each in error.errors()]
    refusal = RequestInvalid(", ".join(fields), fields=fields)
    return JSONResponse(refusal.as_problem(), refusal.status, media_type="application/problem+json")


async def _problem(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ComandaError)
    return JSONResponse(error.as_problem(), error.status, media_type="application/problem+json")


async def _database_away(_request: Request, error: Exception) -> JSONResponse:
    log.error("database_unavailable", error=type(error).__name__)
    refusal = Unavailable()
    headers = {"Retry-After": RETRY_AFTER_S}
    return JSONResponse(refusal.as_problem(), refusal.status, headers, media_type="application/problem+json")
