"""A customer's page, over a real WebSocket, that checks the promises of docs/web-chat-protocol.md as it goes."""

from __future__ import annotations

import json
import time
from typing import Any, Self
from urllib.parse import quote
from uuid import uuid4

import httpx
from websockets.sync.client import ClientConnection, connect

Frame = dict[str, Any]


class Page:
    """One visitor. `messages` is what the page shows, by seq; a gap or a repeat fails the test."""

    def __init__(self, url: str, *, origin: str | None = None, locale: str = "es", user: str | None = None) -> None:
        self.go_to(url)
        self._origin = origin or url
        self._locale = locale
        # What the shop's own site says of who they are.
        self.user = user
        self.token: str | None = None
        self.conversation_id = ""
        self.welcome: Frame = {}
        self.messages: list[Frame] = []
        self.frames: list[Frame] = []
        self.socket: ClientConnection | None = None

    def __enter__(self) -> Self:
        return self.open()

    def __exit__(self, *_: object) -> None:
        self.close()

    def go_to(self, url: str) -> None:
        """The process that the next socket opens at."""
        self._url = url.replace("http", "ws", 1) + "/chat/socket"

    def connect(self) -> ClientConnection:
        self.socket = connect(self._url, origin=self._origin, proxy=None, max_size=None)
        return self.socket

    def open(self) -> Self:
        self.connect()
        hello = {"type": "hello", "token": self.token, "last_seq": self.last_seq, "locale": self._locale}
        self.send(hello | ({"user": self.user} if self.user else {}))
        self.welcome = self.receive("welcome")
        self.token, self.conversation_id = self.welcome["token"], self.welcome["conversation_id"]
        return self

    def close(self) -> None:
        if self.socket:
            self.socket.close()
            self.socket = None

    def drop(self) -> None:
        """The network is gone: no closing handshake."""
        assert self.socket
        self.socket.socket.close()
        self.socket = None

    @property
    def last_seq(self) -> int:
        return self.messages[-1]["seq"] if self.messages else 0

    @property
    def replies(self) -> list[str]:
        return [m["text"] for m in self.messages if m["author"] == "assistant"]

    def send(self, frame: Any) -> None:
        assert self.socket
        self.socket.send(frame if isinstance(frame, str | bytes) else json.dumps(frame))

    def say(self, text: str, client_id: str | None = None, *, attachments: tuple[Any, ...] = ()) -> str:
        client_id = client_id or str(uuid4())
        frame = {"type": "message", "client_id": client_id, "text": text}
        self.send(frame | ({"attachments": list(attachments)} if attachments else {}))
        return client_id

    def upload(self, content: bytes, name: str = "foto.jpg") -> httpx.Response:
        """Send a file, not yet with a message."""
        headers = {"Authorization": f"Bearer {self.token}", "File-Name": quote(name), "Origin": self._origin}
        url = self._url.replace("ws", "http", 1).replace("/socket", "/attachments/")
        return httpx.post(url, content=content, headers=headers, trust_env=False)

    def press(self, token: str, client_id: str | None = None) -> str:
        client_id = client_id or str(uuid4())
        self.send({"type": "message", "client_id": client_id, "choice": token, "text": "x"})
        return client_id

    def receive(self, kind: str | None = None, timeout_s: float = 15.0, **fields: Any) -> Frame:
        """The next frame of this kind with these fields; what comes before it is kept, too."""
        assert self.socket
        deadline = time.monotonic() + timeout_s
        while True:
            frame: Frame = json.loads(self.socket.recv(timeout=max(deadline - time.monotonic(), 0.001)))
            self.frames.append(frame)
            for message in frame["messages"] if frame["type"] == "welcome" else [frame]:
                if "seq" in message and message.get("author"):
                    assert message["seq"] == self.last_seq + 1, f"seq {message['seq']} after {self.last_seq}"
                    self.messages.append(message)
            if kind in (None, frame["type"]) and all(frame.get(name) == value for name, value in fields.items()):
                return frame

    def until_replies(self, count: int, timeout_s: float = 15.0) -> list[str]:
        """What the assistant said, once it has said `count` things."""
        deadline = time.monotonic() + timeout_s
        while len(self.replies) < count:
            self.receive("message", timeout_s=max(deadline - time.monotonic(), 0.001))
        return self.replies

    def hear(self, seconds: float) -> list[Frame]:
        """Everything that comes within some seconds."""
        heard = []
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            try:
                heard.append(self.receive(timeout_s=left))
            except TimeoutError:
                break
        return heard
