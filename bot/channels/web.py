"""The web channel: one WebSocket per open page, speaking docs/web-chat-protocol.md."""

from __future__ import annotations

import asyncio
import ipaddress
import json
import secrets
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from urllib.parse import urlsplit

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from starlette.websockets import WebSocket, WebSocketDisconnect

from bot import history
from bot.channels import web_frames as frames
from bot.channels.base import InboundMessage
from bot.channels.hub import Hub, Listener
from bot.channels.rate import Window, Windows
from bot.channels.site_users import SiteUser, SiteUsers
from bot.conversations import service
from bot.conversations.models import Conversation
from bot.history import Shown
from bot.listening.inbound import Inbox, Receipt
from bot.replies import DEFAULT_LANGUAGE, say
from kernel.config import Settings
from kernel.db import Database
from kernel.errors import ComandaError
from kernel.grouped import GroupedReads, GroupedWrites
from kernel.logging import get_logger

log = get_logger(__name__)

CHANNEL = "web"
HELLO_TIMEOUT_S = 10.0
# A page that has not read anything for so long is gone, or never meant to.
SEND_TIMEOUT_S = 20.0
# A text far too long should be told so, not cut off; 100,000 characters fit however they are escaped.
MAX_FRAME_BYTES = 1024 * 1024
HISTORY_LIMIT = 200
TYPING_NOTED_EVERY_S = 3.0
MESSAGES_PER_VISITOR = (20, 10.0)
ADDRESS_PERIOD_S = 10.0
FRAMES_PER_SOCKET = (100, 10.0)

# Close codes. Source: RFC 6455 §7.4.1 (1008, 1009); 4000-4999 are ours.
POLICY_VIOLATION, TOO_BIG, NO_HELLO, NOT_READING = 1008, 1009, 4408, 4409


class Closed(Exception):
    """We end the socket, with this code."""

    def __init__(self, code: int) -> None:
        super().__init__(str(code))
        self.code = code


class WebChat:
    """The web channel of one web process."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        writes: GroupedWrites,
        inbox: Inbox,
        site_users: SiteUsers,
        hub: Hub,
        shop_name: Callable[[], Awaitable[str]],
    ) -> None:
        self._origins = allowed_origins(settings)
        self.database = database
        self.writes = writes
        self.reads = GroupedReads(database)
        self.inbox = inbox
        self.hub = hub
        self.shop_name = shop_name
        self.site_users = site_users
        self.messages = Windows(*MESSAGES_PER_VISITOR)
        # Who makes visitors by the thousand has few addresses. What providers post is signed, and not bound by this.
        self.addresses = Windows(settings.messages_per_address or sys.maxsize, ADDRESS_PERIOD_S)

    async def serve(self, socket: WebSocket) -> None:
        # Before accept: a page of someone else's site never gets a socket, not even a useless one.
        if socket.headers.get("origin") not in self._origins:
            log.warning("socket_refused", origin=socket.headers.get("origin", "")[:200])
            await socket.close()
            return
        await socket.accept()
        try:
            await _Visit(self, socket).run()
        except Closed as closed:
            with suppress(RuntimeError, OSError):
                await socket.close(closed.code)
        except WebSocketDisconnect:
            pass


def allowed_origins(settings: Settings) -> frozenset[str]:
    """Whose pages may chat, exactly. On loopback a browser may call the same host by either of its names."""
    public = urlsplit(settings.public_url)
    twins = {"127.0.0.1": "localhost", "localhost": "127.0.0.1"}
    twin = twins.get(public.hostname or "")
    port = f":{public.port}" if public.port else ""
    return settings.origins | ({f"{public.scheme}://{twin}{port}"} if twin else set())


class _Visit:
    """One open socket: what its page sends, and what it has been shown."""

    def __init__(self, chat: WebChat, socket: WebSocket) -> None:
        self._chat = chat
        self._socket = socket
        self._frames = Window(*FRAMES_PER_SOCKET)
        self._address = _network(socket.client.host if socket.client else "")
        self._language = DEFAULT_LANGUAGE
        self._listener: Listener
        self._typed_at = float("-inf")
        # The customer's last message, while the page shows that someone is writing an answer to it.
        self._awaited: str | None = None
        self._is_writing = False

    async def run(self) -> None:
        try:
            async with asyncio.timeout(HELLO_TIMEOUT_S):
                hello = await self._hello()
        except TimeoutError:
            raise Closed(NO_HELLO) from None
        await self._welcome(hello)
        self._chat.hub.add(self._listener)
        # Whatever happened between the welcome and now rang no bell.
        self._listener.ring()
        reader = asyncio.create_task(self._read())
        writer = asyncio.create_task(self._write())
        try:
            done, _ = await asyncio.wait((reader, writer), return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            self._chat.hub.remove(self._listener)
            for task in (reader, writer):
                task.cancel()
            await asyncio.gather(reader, writer, return_exceptions=True)

    # the beginning

    async def _hello(self) -> frames.Hello:
        while True:
            try:
                frame = frames.read(await self._receive())
                if isinstance(frame, frames.Hello):
                    return frame
            except ComandaError:
                pass
            await self._refuse("hello_expected")

    async def _welcome(self, hello: frames.Hello) -> None:
        user = self._chat.site_users.read(hello.user)
        if user:
            await self._chat.site_users.vouch(user)
        while True:
            try:
                token, conversation, unseen = await asyncio.to_thread(self._open, hello, user)
                break
            except SQLAlchemyError as error:
                log.error("socket_not_welcomed", error=type(error).__name__)
                await self._refuse("unavailable")
                await asyncio.sleep(1)
        has_more = len(unseen) > HISTORY_LIMIT
        unseen = unseen[:HISTORY_LIMIT]
        self._language = conversation.language
        self._listener = Listener(conversation.id)
        last_seq = unseen[-1].message.seq if unseen else min(hello.last_seq, conversation.last_seq)
        self._listener.seen = (last_seq, conversation.owner, conversation.language)
        shop = await self._chat.shop_name()
        await self._send(frames.welcome(token, conversation, unseen, has_more, shop, user is not None))

    def _open(self, hello: frames.Hello, user: SiteUser | None) -> tuple[str, Conversation, list[Shown]]:
        """The visitor's conversation and what they have not seen of it. Tokens are made here, and kept as hashes."""
        users, token = self._chat.site_users, hello.token
        sender = users.sender_of(token) if token else None
        if user is not None and sender != user.sender:
            # Not the one who chatted from this browser so far: what was said belongs to them.
            sender, token = user.sender, users.session_of(user)
        with self._chat.database.read() as session:
            known = service.find_latest(session, CHANNEL, sender) if sender else None
        language = known.language if known else hello.locale or DEFAULT_LANGUAGE
        if token is None or sender is None or (known is None and user is None):
            token = secrets.token_urlsafe(32)
            sender = users.sender_of(token)
            assert sender is not None, "it is no session's"
        if known is None:
            with self._chat.database.write() as session:
                known = service.open_for(session, CHANNEL, sender, language)
        # A page that knows more than there is has seen another database: it gets everything.
        after = hello.last_seq if hello.last_seq <= known.last_seq else 0
        with self._chat.database.read() as session:
            return token, known, history.after(session, known.id, after, HISTORY_LIMIT + 1)

    # what the page sends

    async def _read(self) -> None:
        while True:
            raw = await self._receive()
            try:
                await self._obey(frames.read(raw))
            except ComandaError as refusal:
                await self._refuse(refusal.code, refusal)
            except SQLAlchemyError as error:
                log.error("message_not_stored", error=type(error).__name__)
                await self._refuse("unavailable", frames.BadFrame(client_id=_client_id(raw)))

    async def _receive(self) -> str | None:
        event = await self._socket.receive()
        if event["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(event.get("code", 1005))
        if not self._frames.allow():
            raise Closed(POLICY_VIOLATION)
        text: str | None = event.get("text")
        if len(text if text is not None else event.get("bytes") or b"") > MAX_FRAME_BYTES:
            raise Closed(TOO_BIG)
        return text

    async def _obey(self, frame: frames.Hello | frames.Say | frames.Signal) -> None:
        match frame:
            case frames.Signal("ping"):
                await self._send({"type": "pong"})
            case frames.Signal():
                await self._note_typing()
            case frames.Hello():
                raise frames.BadFrame("said hello twice")
            case frames.Say():
                await self._take(frame)

    async def _note_typing(self) -> None:
        """The agent who has the conversation sees it; nobody else cares."""
        _seq, owner, _language = self._listener.seen
        now = time.monotonic()
        if owner == "agent" and now - self._typed_at >= TYPING_NOTED_EVERY_S:
            self._typed_at = now
            await asyncio.to_thread(self._chat.inbox.note_typing, self._listener.conversation_id)

    async def _take(self, said: frames.Say) -> None:
        conversation_id = self._listener.conversation_id
        if not (self._chat.messages.allow(conversation_id) and self._chat.addresses.allow(self._address)):
            await self._refuse("rate_limited", frames.BadFrame(client_id=said.client_id))
            return
        inbound = InboundMessage(
            conversation_id,
            frames.provider_message_id(conversation_id, said.client_id),
            said.text,
            said.choice,
            said.attachments,
        )
        try:
            receipt, news = await self._chat.writes.do(
                f"from web {conversation_id}", lambda session: self._chat.inbox.receive_within(session, inbound)
            )
        except ComandaError as refusal:
            refusal.params["client_id"] = said.client_id
            raise
        self._chat.inbox.tell(news)
        await self._send(frames.ack(said.client_id, receipt.seq, receipt.at))
        await self._show_typing(receipt)

    async def _show_typing(self, receipt: Receipt) -> None:
        shown_seq, owner, _language = self._listener.seen
        # With a quick assistant the answer may be on the page before the acknowledgement is.
        if receipt.is_new and owner == "assistant" and shown_seq <= receipt.seq:
            self._awaited = receipt.message_id
            await self._send({"type": "typing", "on": True})

    # what the page is shown

    async def _write(self) -> None:
        while True:
            await self._heard()
            try:
                while await self._show_news():
                    pass
                await self._show_agent_writing()
            except SQLAlchemyError as error:
                # The rows are still there when the sweep rings again.
                log.error("news_not_read", error=type(error).__name__)

    async def _heard(self) -> None:
        """There is news; or the person who was writing has stopped."""
        left_s = self._listener.written_until - time.monotonic() if self._is_writing else None
        with suppress(TimeoutError):
            async with asyncio.timeout(left_s):
                await self._listener.news()

    async def _show_agent_writing(self) -> None:
        is_writing = self._listener.seen[1] == "agent" and self._listener.written_until > time.monotonic()
        if is_writing and not self._is_writing:
            await self._send({"type": "typing", "on": True})
        elif self._is_writing and not is_writing and not self._awaited:
            await self._send({"type": "typing", "on": False})
        self._is_writing = is_writing

    async def _show_news(self) -> bool:
        """Show the next messages. True if there may be more."""
        last_seq, owner, language = self._listener.seen
        now_owner, now_language, messages = await self._chat.reads.do(partial(self._news_after, last_seq))
        if now_language != language:
            self._language = now_language
            await self._send({"type": "language", "language": now_language})
        if now_owner != owner:
            # Before what was said since: the choices of earlier messages end when a person takes over.
            await self._send({"type": "owner", "owner": now_owner})
            await self._stop_typing()
        for shown in messages:
            message = shown.message
            await self._send(frames.message_frame(shown))
            self._listener.seen = (message.seq, now_owner, now_language)
            if message.author == "agent":
                self._listener.written_until = 0.0
            if message.author == "agent" or (message.in_reply_to and message.in_reply_to == self._awaited):
                await self._stop_typing()
        self._listener.seen = (self._listener.seen[0], now_owner, now_language)
        return len(messages) == HISTORY_LIMIT

    def _news_after(self, seq: int, session: Session) -> tuple[str, str, list[Shown]]:
        conversation_id = self._listener.conversation_id
        return (
            *service.state_of(session, conversation_id),
            history.after(session, conversation_id, seq, HISTORY_LIMIT),
        )

    async def _stop_typing(self) -> None:
        if self._awaited:
            self._awaited = None
            await self._send({"type": "typing", "on": False})

    async def _refuse(self, code: str, refusal: ComandaError | None = None) -> None:
        await self._send(frames.error(code, say(code, self._language), refusal))

    async def _send(self, frame: frames.Frame) -> None:
        try:
            async with asyncio.timeout(SEND_TIMEOUT_S):
                await self._socket.send_text(json.dumps(frame, ensure_ascii=False))
        except TimeoutError:
            raise Closed(NOT_READING) from None


def _network(host: str) -> str:
    """What one customer of a provider has: an IPv4 address, or a /64 of IPv6."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    return host if address.version == 4 else str(ipaddress.ip_network((address, 64), strict=False))


def _client_id(raw: str | None) -> str | None:
    frame = frames.read(raw)
    return frame.client_id if isinstance(frame, frames.Say) else None
