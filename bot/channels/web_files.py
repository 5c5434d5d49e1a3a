"""The files of the web channel: taken in from the visitor's page, and given back to it (docs/web-chat-protocol.md)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import unquote

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect

from bot.attachments import service as attachments
from bot.attachments import serving
from bot.attachments.errors import LIMIT_BYTES, AttachmentCutOff, AttachmentsTooFast, AttachmentTooLarge
from bot.attachments.intake import Intake
from bot.attachments.models import Attachment
from bot.channels.rate import Windows
from bot.channels.site_users import SiteUsers
from bot.channels.web import CHANNEL, allowed_origins
from bot.channels.web_frames import attachment_frame
from bot.conversations import service as conversations
from bot.conversations.models import Conversation
from bot.replies import DEFAULT_LANGUAGE, say
from kernel.config import Settings
from kernel.db import Database
from kernel.errors import ComandaError, Unauthenticated
from kernel.logging import get_logger

log = get_logger(__name__)

FILES_PER_VISITOR = (10, 60.0)
# A slow line brings 15 MB in that time; a page that only holds the connection is let go.
TIMEOUT_S = 180.0


class VisitorUnknown(Unauthenticated):
    code, title = "visitor_unknown", "The token is not that of a visitor"


class WebFiles:
    """Where a page sends files to, and where it sees those of its conversations again."""

    def __init__(self, settings: Settings, database: Database, site_users: SiteUsers, intake: Intake) -> None:
        self._database = database
        self._intake = intake
        self._site_users = site_users
        self._windows = Windows(*FILES_PER_VISITOR)
        self._origins = allowed_origins(settings)

    def app(self) -> FastAPI:
        """An ASGI app to mount at `/chat/attachments`."""
        app = FastAPI(title="Comanda web chat files", docs_url=None, redoc_url=None, openapi_url=None)
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(self._origins),
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "Content-Type", "File-Name"],
        )
        app.add_api_route("/", self.upload, methods=["POST"], status_code=201)
        app.add_api_route("/{attachment_id}", self.download, methods=["GET"])
        return app

    async def upload(self, request: Request) -> Response:
        """Take in the body as a file of the visitor's conversation."""
        language = DEFAULT_LANGUAGE
        try:
            conversation = await run_in_threadpool(self._conversation, request)
            language = conversation.language
            self._check(request, conversation)
            async with asyncio.timeout(TIMEOUT_S):
                name = unquote(request.headers.get("File-Name", ""))
                attachment = await self._intake.take(conversation.id, name, _body(request))
        except (TimeoutError, ClientDisconnect):
            return _refuse(AttachmentCutOff(), language)
        except ComandaError as refusal:
            return _refuse(refusal, language)
        return JSONResponse(attachment_frame(attachment), 201)

    async def download(self, request: Request, attachment_id: str) -> Response:
        """The content, to a visitor in one of whose conversations it is."""
        try:
            attachment = await run_in_threadpool(self._owned, request, attachment_id)
            return serving.answer(attachment, self._intake.content(attachment))
        except ComandaError as refusal:
            return _refuse(refusal, DEFAULT_LANGUAGE)

    def _conversation(self, request: Request) -> Conversation:
        with self._database.read() as session:
            found = conversations.find_latest(session, CHANNEL, self._sender(request))
        if found is None:
            raise VisitorUnknown
        return found

    def _owned(self, request: Request, attachment_id: str) -> Attachment:
        with self._database.read() as session:
            own = conversations.ids_of_sender(session, CHANNEL, self._sender(request))
            return attachments.find(session, attachment_id, conversation_ids=own)

    def _sender(self, request: Request) -> str:
        sender = self._site_users.sender_of(_token(request))
        if sender is None:
            raise VisitorUnknown
        return sender

    def _check(self, request: Request, conversation: Conversation) -> None:
        """What can be refused before the body is read."""
        if not self._windows.allow(conversation.id):
            raise AttachmentsTooFast
        told = request.headers.get("Content-Length", "")
        if told.isdecimal() and int(told) > LIMIT_BYTES:
            raise AttachmentTooLarge


def _token(request: Request) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise VisitorUnknown
    return token


async def _body(request: Request) -> AsyncIterator[bytes]:
    async for chunk in request.stream():
        yield chunk


def _refuse(refusal: ComandaError, language: str) -> Response:
    log.info("attachment_refused", code=refusal.code)
    body = refusal.as_problem() | {"detail": say(refusal.code, language)}
    # What was not read of the body must not be taken for the next request.
    headers = {"Connection": "close"}
    return JSONResponse(body, refusal.status, headers, media_type="application/problem+json")
