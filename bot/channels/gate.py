"""The gate: where providers post what customers send, and what became of what we sent.

Inbox first (R1): verified, stored, then answered 200; what was not stored is answered 503, and comes again.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, Router

from bot.channels.arrivals import Arrivals, Came, note_presence
from bot.channels.base import Arrival, Channel, Presence, SignatureWrong, Webhook
from bot.channels.pushed import Channels
from bot.delivery import Delivery
from bot.telling.progress import Told, take_progress
from kernel import telemetry
from kernel.db import Database
from kernel.errors import ComandaError, Invalid, NotFound, Unavailable
from kernel.grouped import GroupedWrites
from kernel.logging import get_logger

log = get_logger(__name__)
_lasted = telemetry.meter().create_histogram(
    "comanda.webhook.duration",
    "s",
    "From a webhook to what it is answered.",
    explicit_bucket_boundaries_advisory=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15),
)

# Text of 4,096 characters, each of four bytes and each escaped, and as much again.
BODY_MOST = 128 * 1024
RETRY_AFTER_S = "2"

# What it gives back is a message whose provider waits to hear that it was stored.
Work = Callable[[Channel, Webhook], Awaitable[Arrival | None]]


class ChannelUnknown(NotFound):
    code, title = "channel_unknown", "The shop has no such channel"


class WebhookTooLarge(Invalid):
    code, status, title = "webhook_too_large", 413, "The webhook is too large"


class Gate:
    def __init__(self, database: Database, writes: GroupedWrites, delivery: Delivery, channels: Channels) -> None:
        self._writes = writes
        self._delivery = delivery
        self._arrivals = Arrivals(database, delivery)
        self._channels = channels

    def router(self) -> Router:
        """Plain routes: what FastAPI would do beside for each request is as much as its signature costs."""
        return Router(
            [
                Route("/channels/{name}", self.arrive, methods=["POST"]),
                # As a shop may have written it: providers follow no redirect with what they post.
                Route("/channels/{name}/", self.arrive, methods=["POST"]),
                Route("/channels/{name}/sent/{outgoing_id}", self.progress, methods=["POST"]),
            ]
        )

    async def arrive(self, request: Request) -> Response:
        async def store(channel: Channel, webhook: Webhook) -> Arrival | None:
            arrival = channel.parse(webhook)
            if arrival is None:
                return None
            key = f"from {channel.name} {channel.same_person(arrival.sender)}"
            if isinstance(arrival, Presence):
                await self._writes.do(key, lambda session: note_presence(session, channel, arrival))
                return None
            news = await self._writes.do_alike(key, Came(channel, arrival), self._arrivals.store)
            self._delivery.tell(news)
            return arrival

        return await self._answer(request, store)

    async def progress(self, request: Request) -> Response:
        outgoing_id = request.path_params["outgoing_id"]

        async def move(channel: Channel, webhook: Webhook) -> Arrival | None:
            told = Told(channel, outgoing_id, channel.progress(webhook))
            conversation_id = await self._writes.do_alike(f"to {outgoing_id}", told, self._move)
            if conversation_id is None:
                log.info("progress_of_nothing", channel=channel.name)
            else:
                self._delivery.tell([conversation_id])
            return None

        return await self._answer(request, move)

    def _move(self, session: Session, told: list[Told]) -> list[str | None]:
        conversations = take_progress(session, told)
        self._delivery.fates_changed(session, set(filter(None, conversations)))
        return conversations

    async def _answer(self, request: Request, work: Work) -> Response:
        began_at, name = time.perf_counter(), request.path_params["name"]
        response = await self._respond(request, name, work)
        # What names no channel of ours may be anything.
        told = {"channel": name if name in self._channels else "", "status": response.status_code}
        _lasted.record(time.perf_counter() - began_at, told)
        return response

    async def _respond(self, request: Request, name: str, work: Work) -> Response:
        try:
            channel = self._channels.get(name)
            if channel is None:
                raise ChannelUnknown
            query = f"?{request.url.query}" if request.url.query else ""
            raw_path = request.scope.get("raw_path", b"").decode("ascii", "replace") or request.url.path
            webhook = Webhook(raw_path.partition("?")[0] + query, request.headers, await _body(request))
            channel.verify(webhook)
            arrival = await work(channel, webhook)
        except SignatureWrong as refusal:
            log.warning("webhook_refused", channel=name)
            return _problem(refusal)
        except ComandaError as refusal:
            return _problem(refusal)
        except SQLAlchemyError as error:
            log.error("webhook_not_stored", error=type(error).__name__)
            return _problem(Unavailable())
        seen = BackgroundTask(channel.acknowledge, arrival) if arrival and arrival.press else None
        return Response(status_code=200, background=seen)


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_MOST:
            raise WebhookTooLarge
    return bytes(body)


def _problem(refusal: ComandaError) -> Response:
    headers = {}
    if isinstance(refusal, WebhookTooLarge):
        headers["Connection"] = "close"
    if isinstance(refusal, Unavailable):
        headers["Retry-After"] = RETRY_AFTER_S
    return JSONResponse(refusal.as_problem(), refusal.status, headers, media_type="application/problem+json")
