"""The gate: where providers post what customers send, and what became of what we sent.

Inbox first (R1): verified, stored, then answered 200; what was not stored is answered 503, and comes again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from bot.channels.base import Arrival, Channel, InboundMessage, SignatureWrong, Webhook
from bot.channels.pushed import Channels
from bot.contacts import service as contacts
from bot.contacts.models import Contact
from bot.conversations import service as conversations
from bot.conversations.models import Conversation
from bot.delivery import Delivery
from bot.inbound import MAX_TEXT_LENGTH, ChoiceExpired, Inbox, Receipt
from bot.replies import DEFAULT_LANGUAGE, say
from bot.sending import take_progress
from kernel.db import Database
from kernel.errors import ComandaError, Invalid, NotFound, Unavailable
from kernel.logging import get_logger

log = get_logger(__name__)

# Text of 4,096 characters, each of four bytes and each escaped, and as much again.
BODY_MOST = 128 * 1024


Work = Callable[[Channel, Webhook], None]


class ChannelUnknown(NotFound):
    code, title = "channel_unknown", "The shop has no such channel"


class WebhookTooLarge(Invalid):
    code, status, title = "webhook_too_large", 413, "The webhook is too large"


class Gate:
    def __init__(self, database: Database, delivery: Delivery, channels: Channels) -> None:
        self._database = database
        self._delivery = delivery
        self._inbox = Inbox(delivery)
        self._channels = channels

    def router(self) -> APIRouter:
        router = APIRouter(include_in_schema=False)
        router.add_api_route("/channels/{name}", self.arrive, methods=["POST"])
        router.add_api_route("/channels/{name}/sent/{outgoing_id}", self.progress, methods=["POST"])
        return router

    async def arrive(self, request: Request, name: str) -> Response:
        return await self._answer(request, name, self._take)

    async def progress(self, request: Request, name: str, outgoing_id: str) -> Response:
        def move(channel: Channel, webhook: Webhook) -> None:
            told = channel.progress(webhook)
            with self._database.write() as session:
                if not take_progress(session, channel, outgoing_id, told):
                    log.info("progress_of_nothing", channel=channel.name)

        return await self._answer(request, name, move)

    async def _answer(self, request: Request, name: str, work: Work) -> Response:
        try:
            channel = self._channels.get(name)
            if channel is None:
                raise ChannelUnknown
            query = f"?{request.url.query}" if request.url.query else ""
            raw_path = request.scope.get("raw_path", b"").decode("ascii", "replace") or request.url.path
            webhook = Webhook(raw_path.partition("?")[0] + query, request.headers, await _body(request))
            channel.verify(webhook)
            await run_in_threadpool(work, channel, webhook)
        except SignatureWrong as refusal:
            log.warning("webhook_refused", channel=name)
            return _problem(refusal)
        except ComandaError as refusal:
            return _problem(refusal)
        except SQLAlchemyError as error:
            log.error("webhook_not_stored", error=type(error).__name__)
            return _problem(Unavailable())
        return Response(status_code=200)

    def _take(self, channel: Channel, webhook: Webhook) -> None:
        arrival = channel.parse(webhook)
        person = channel.same_person(arrival.sender)

        def find(session: Session) -> Conversation:
            contact = contacts.ensure(session, channel.name, person, arrival.sender)
            return conversations.open_for(session, channel.name, contact.sender, DEFAULT_LANGUAGE)

        with self._delivery.to_found(find) as (session, conversation):
            contact = session.get_one(Contact, (channel.name, person))
            word = _word(arrival, contact)
            inbound = _inbound(arrival, conversation.id, conversation.language, word)
            choice = arrival.choice or conversations.choice_in_words(session, conversation, arrival.text)
            receipt = self._receive(session, conversation, inbound, None if word else choice)
            if receipt.is_new:
                contacts.hear(contact, receipt.at, word)

    def _receive(
        self, session: Session, conversation: Conversation, inbound: InboundMessage, choice: str | None
    ) -> Receipt:
        if choice:
            try:
                return self._inbox.take(session, conversation, _choosing(inbound, choice))
            except ChoiceExpired:
                # Its words still say what is wanted.
                pass
        return self._inbox.take(session, conversation, inbound)


def _word(arrival: Arrival, contact: Contact) -> Literal["out", "in"] | None:
    """Does the whole message ask for peace, or for its end? "Start" means something only to who has stopped."""
    word = None if arrival.choice or arrival.media else contacts.meaning(arrival.text)
    return None if word == "in" and contact.opted_out_at is None else word


def _inbound(
    arrival: Arrival, conversation_id: str, language: str, word: Literal["out", "in"] | None
) -> InboundMessage:
    text, answer = arrival.text, None
    if word:
        answer = f"opted_{word}"
    elif len(text) > MAX_TEXT_LENGTH:
        text, answer = text[:MAX_TEXT_LENGTH], "text_too_long"
    elif arrival.kind and arrival.kind != "location":
        answer = f"{arrival.kind}_unreadable"
        text = f"{say(f'{arrival.kind}_shown', language)} {text}".rstrip()
    return InboundMessage(conversation_id, arrival.provider_message_id, text, answer=answer, media=arrival.media)


def _choosing(inbound: InboundMessage, choice: str) -> InboundMessage:
    return InboundMessage(inbound.conversation_id, inbound.provider_message_id, inbound.text, choice)


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_MOST:
            raise WebhookTooLarge
    return bytes(body)


def _problem(refusal: ComandaError) -> Response:
    headers = {"Connection": "close"} if isinstance(refusal, WebhookTooLarge) else None
    return JSONResponse(refusal.as_problem(), refusal.status, headers, media_type="application/problem+json")
