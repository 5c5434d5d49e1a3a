"""A shop that speaks the web chat protocol and says exactly what a test tells it, when the test tells it.

The widget's own duties (resend, order, replay, refusals) need a server that misbehaves on cue; the journey test
drives the same widget against the real one.
"""

from __future__ import annotations

import asyncio
import io
import json
import secrets
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self
from urllib.parse import unquote

import uvicorn
from fastapi import FastAPI, Request, WebSocket, WebSocketDisconnect
from fastapi.responses import HTMLResponse, JSONResponse, Response
from PIL import Image

from bot.widget import widget_files

# As strict a page as a shop may run: no inline script, no inline style, nothing from elsewhere.
STRICT_CSP = (
    "default-src 'none'; script-src {server}; connect-src {server} {socket}; base-uri 'none'; form-action 'none'"
)
PAGE = (
    '<!doctype html><html lang="{language}"><meta charset="utf-8"><title>Una tienda</title>'
    '<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">'
    '<script src="{server}/widget/comanda-chat.js" defer {options}></script>'
    '<h1>Mercado La Esquina</h1><p><button id="before">Comprar</button></p>'
)


@dataclass
class Conversation:
    id: str
    token: str
    language: str = "es"
    owner: str = "assistant"
    messages: list[dict[str, Any]] = field(default_factory=list)
    sockets: list[WebSocket] = field(default_factory=list)


class ScriptedShop:
    """One server on a free loopback port. `heard` is every message frame that came in, resends included."""

    def __init__(self) -> None:
        self.conversations: dict[str, Conversation] = {}
        self.heard: list[dict[str, Any]] = []
        self.frames: list[dict[str, Any]] = []
        self.refusals: list[str] = []
        self.files: dict[str, tuple[dict[str, Any], bytes]] = {}
        self.file_refusals: list[tuple[int, str]] = []
        self.is_holding_files = False
        self.losing_messages = False
        self.losing_acks = False
        self.cutting_after_ack = False
        self.is_slow = False
        self.is_shut = False
        self.name = "Mercado La Esquina"
        self.keeps: Callable[[str], str] = str
        self.page_size = 200
        self._app = FastAPI()
        self._app.mount("/widget", widget_files())
        self._app.get("/")(self._page)
        self._app.websocket("/chat/socket")(self._serve)
        self._app.post("/chat/attachments/")(self._take_file)
        self._app.get("/chat/attachments/{file_id}")(self._give_file)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        config = uvicorn.Config(
            self._app, log_level="warning", ws="websockets-sansio", lifespan="off", timeout_graceful_shutdown=1
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        wait_until(lambda: self._server.started)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(5)
        self._listener.close()

    # -- what a test tells the shop -------------------------------------------------------------------------------

    @property
    def conversation(self) -> Conversation:
        """The one the last visitor holds."""
        wait_until(lambda: self.conversations)
        return next(reversed(self.conversations.values()))

    @property
    def texts(self) -> list[str]:
        """What the customer said, as stored: each once, in order."""
        return [message["text"] for message in self.conversation.messages if message["author"] == "customer"]

    def say(
        self,
        text: str,
        *choices: str,
        author: str = "assistant",
        enclosed: dict[str, str] | None = None,
        notes: dict[str, str] | None = None,
    ) -> None:
        """`notes` tell more of the choices that have these titles."""
        told = {title: {"note": note} for title, note in (notes or {}).items()}
        message: dict[str, Any] = {
            "text": text,
            "author": author,
            "choices": [{"title": each, "token": secrets.token_urlsafe(16), **told.get(each, {})} for each in choices],
        }
        if enclosed:
            message["enclosures"] = [enclosed]
        self._send({"type": "message", **self._store(self.conversation, message)})

    def hand_to(self, owner: str) -> None:
        self.conversation.owner = owner
        self._send({"type": "owner", "owner": owner})

    def send(self, **frame: Any) -> None:
        self._send(frame)

    def shut(self) -> None:
        """Close every socket and take no new one, as a dead server or a lost network does, until `reopen`."""
        self.is_shut = True
        self.cut()

    def reopen(self) -> None:
        self.is_shut = False

    def cut(self) -> None:
        """Close every socket, as a restart does."""
        for each in self.conversations.values():
            for websocket in list(each.sockets):
                self._run_there(websocket.close(1001))

    # -- the protocol ---------------------------------------------------------------------------------------------

    def _run(self) -> None:
        asyncio.run(self._server.serve(sockets=[self._listener]))

    def _page(self, language: str = "es", options: str = "", server: str = "", policy: bool = True) -> HTMLResponse:
        server = server or self.url
        page = PAGE.format(language=language, options=options, server=server)
        strict = STRICT_CSP.format(server=server, socket=server.replace("http", "ws"))
        return HTMLResponse(page, headers={"Content-Security-Policy": strict} if policy else {})

    async def _take_file(self, request: Request) -> JSONResponse:
        content = await request.body()
        while self.is_holding_files:  # noqa: ASYNC110  the test that ends it runs in another thread
            await asyncio.sleep(0.01)
        if self.file_refusals:
            status, code = self.file_refusals.pop(0)
            return JSONResponse({"code": code, "detail": "La tienda no lo recibe."}, status)
        assert request.headers["Authorization"].removeprefix("Bearer ") in self.conversations
        picture = None if content.startswith(b"%PDF") else Image.open(io.BytesIO(content))
        width, height = picture.size if picture else (None, None)
        file = {
            "id": f"file-{len(self.files) + 1}",
            "name": unquote(request.headers["File-Name"]),
            "type": "image/jpeg" if picture else "application/pdf",
            "size_bytes": len(content),
            "width": width,
            "height": height,
        }
        self.files[str(file["id"])] = (file, content)
        return JSONResponse(file, 201)

    async def _give_file(self, file_id: str, request: Request) -> Response:
        if request.headers.get("Authorization", "").removeprefix("Bearer ") not in self.conversations:
            return Response(status_code=401)
        file, content = self.files[file_id]
        return Response(content, media_type=file["type"], headers={"Content-Disposition": "attachment"})

    async def _serve(self, websocket: WebSocket) -> None:
        self._loop = asyncio.get_running_loop()
        if self.is_shut:
            await websocket.close()
            return
        await websocket.accept()
        conversation: Conversation | None = None
        try:
            while True:
                frame = json.loads(await websocket.receive_text())
                self.frames.append(frame)
                if frame["type"] == "hello":
                    conversation = self._greet(frame)
                    if websocket not in conversation.sockets:
                        conversation.sockets.append(websocket)
                    unseen = self._unseen(conversation, frame["last_seq"])
                    await websocket.send_json(self._welcome(conversation, unseen))
                    for message in unseen[self.page_size :]:
                        await websocket.send_json({"type": "message", **message})
                elif frame["type"] == "message":
                    assert conversation
                    await self._take(conversation, websocket, frame)
                elif frame["type"] == "ping":
                    await websocket.send_json({"type": "pong"})
        except (WebSocketDisconnect, RuntimeError):
            pass
        finally:
            if conversation and websocket in conversation.sockets:
                conversation.sockets.remove(websocket)

    def _greet(self, frame: dict[str, Any]) -> Conversation:
        token = frame["token"]
        if token not in self.conversations:
            token = secrets.token_urlsafe(32)
            self.conversations[token] = Conversation(secrets.token_hex(8), token, frame["locale"])
        return self.conversations[token]

    def _unseen(self, conversation: Conversation, last_seq: int) -> list[dict[str, Any]]:
        """What the page has not seen, all if it saw more than there is; choices that were answered since are over."""
        answered = max((each["seq"] for each in conversation.messages if each["author"] == "customer"), default=0)
        if last_seq > len(conversation.messages):
            last_seq = 0
        return [
            {**message, "choices": message["choices"] if message["seq"] > answered else []}
            for message in conversation.messages
            if message["seq"] > last_seq
        ]

    def _welcome(self, conversation: Conversation, unseen: list[dict[str, Any]]) -> dict[str, Any]:
        return {
            "type": "welcome",
            "token": conversation.token,
            "conversation_id": conversation.id,
            "language": conversation.language,
            "owner": conversation.owner,
            "messages": unseen[: self.page_size],
            "has_more": len(unseen) > self.page_size,
            "shop": {"name": self.name},
        }

    async def _take(self, conversation: Conversation, websocket: WebSocket, frame: dict[str, Any]) -> None:
        self.heard.append(frame)
        while self.is_slow:  # noqa: ASYNC110  the test that ends it runs in another thread
            await asyncio.sleep(0.01)
        client_id = frame["client_id"]
        if self.refusals:
            error = {"type": "error", "code": self.refusals.pop(0), "detail": "No se pudo.", "client_id": client_id}
            await websocket.send_json(error)
            return
        if self.losing_messages:
            await websocket.close(1001)
            return
        known = next((each for each in conversation.messages if each.get("client_id") == client_id), None)
        words = {"author": "customer", "client_id": client_id, "text": self.keeps(frame["text"])}
        if frame.get("attachments"):
            words["attachments"] = [self.files[each][0] for each in frame["attachments"]]
        stored = known or self._store(conversation, words)
        if self.losing_acks:
            await websocket.close(1001)
            return
        await websocket.send_json({"type": "ack", "client_id": client_id, "seq": stored["seq"], "at": stored["at"]})
        if self.cutting_after_ack:
            await websocket.close(1001)
            return
        for each in conversation.sockets:
            if not known:
                await each.send_json({"type": "message", **stored})

    def _store(self, conversation: Conversation, message: dict[str, Any]) -> dict[str, Any]:
        seq = len(conversation.messages) + 1
        stored = {"id": f"m{seq}", "seq": seq, "at": datetime.now(UTC).isoformat(), "choices": [], **message}
        conversation.messages.append(stored)
        return stored

    def _send(self, frame: dict[str, Any]) -> None:
        for websocket in list(self.conversation.sockets):
            self._run_there(websocket.send_json(frame))

    def _run_there(self, coroutine: Any) -> None:
        assert self._loop
        asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(5)


def wait_until(is_true: Any, within_s: float = 20) -> None:
    """Wait for a condition of another thread or process; fail with its name when it does not come."""
    deadline = time.monotonic() + within_s
    while not is_true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)
