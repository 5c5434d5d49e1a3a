"""A customer of the web channel without a browser: speaks docs/web-chat-protocol.md for `chat` and `say`."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from comanda.failure import Failure
from comanda.readiness import local_url
from kernel.config import Settings

# After a reply, this much silence says that it was the last; less if the assistant also stopped typing.
QUIET_S = 2.0
QUIET_AFTER_TYPING_S = 0.3
# Nobody may answer at once when a person has the conversation.
PATIENCE_WITH_PEOPLE_S = 2.0
RECONNECT_S = 0.5
OPEN_TIMEOUT_S = 10.0

Frame = dict[str, Any]


class ChatFailed(Failure):
    """The channel refused, in its own words, or is not there."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


class NoReply(ChatFailed):
    """The message is stored, but no answer came in time."""


@dataclass
class Visitor:
    """What a browser would keep: who we are to the server, up to where we have read, and the buttons on the screen."""

    token: str | None = None
    last_seq: int = 0
    choices: list[dict[str, str]] = field(default_factory=list)


def told_on(choice: dict[str, str]) -> str:
    """What stands on a button."""
    return " · ".join(filter(None, (choice["title"], choice.get("note"))))


@contextmanager
def remembered_visitor(home: Path, url: str, name: str) -> Iterator[Visitor]:
    """The visitor that goes by `name` at `url`, kept in `home/say/`; two programs of one name take turns."""
    folder = home / "say"
    folder.mkdir(parents=True, exist_ok=True)
    # Any name will do, so it cannot be a file's; and the token in it is a secret.
    path = folder / f"{hashlib.sha256(f'{url} {name}'.encode(errors='surrogatepass')).hexdigest()[:24]}.json"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "r+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        kept = file.read()
        visitor = Visitor(**json.loads(kept)) if kept else Visitor()
        try:
            yield visitor
        finally:
            file.seek(0)
            json.dump(visitor.__dict__, file)
            file.truncate()


def chat_address(settings: Settings, url: str | None) -> tuple[str, str]:
    """The socket to open and the origin to name: this machine's Comanda, or the one at `url`."""
    base = (url or local_url(settings)).rstrip("/")
    scheme, host, path = urlsplit(base)[:3]
    socket = f"{'wss' if scheme == 'https' else 'ws'}://{host}{path}/chat/socket"
    return socket, f"{scheme}://{host}" if url else settings.public_url


class WebChat:
    """One conversation over one socket at a time; a socket that breaks is opened again and nothing is said twice."""

    def __init__(self, socket_url: str, origin: str, visitor: Visitor, language: str = "es") -> None:
        self._url = socket_url
        self._origin = origin
        self._language = language
        self._connection: ClientConnection | None = None
        self.visitor = visitor
        self.conversation_id = ""
        self.owner = "assistant"
        self.shop = ""
        # Messages that the server told us of and nobody has read here.
        self.unread: list[Frame] = []

    def __enter__(self) -> WebChat:
        self.open()
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def open(self) -> None:
        """Raises: ChatFailed when nobody answers or the channel refuses us."""
        try:
            connection = connect(
                self._url,
                origin=Origin(self._origin),
                open_timeout=OPEN_TIMEOUT_S,
                max_size=None,
                proxy=None,
            )
        except (OSError, InvalidHandshake) as error:
            raise ChatFailed("unreachable", f"no chat at {self._url} ({error}); start one with: make up") from None
        self._connection = connection
        hello = {"type": "hello", "token": self.visitor.token, "last_seq": self.visitor.last_seq}
        connection.send(json.dumps(hello | {"locale": self._language}))
        welcome = self._receive(OPEN_TIMEOUT_S)
        if welcome is None or welcome["type"] != "welcome":
            raise ChatFailed(
                (welcome or {}).get("code", "no_welcome"), (welcome or {}).get("detail", "no welcome came")
            )
        self.visitor.token = welcome["token"]
        self.conversation_id = welcome["conversation_id"]
        self.owner = welcome["owner"]
        self.shop = welcome["shop"]["name"]
        for message in welcome["messages"]:
            self._note(message)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def say(self, text: str, timeout_s: float, choice: str | None = None) -> list[Frame]:
        """Send one message and wait for what is answered to it, oldest first.

        With a person in charge of the conversation there may be no answer, which is not a failure.
        Raises: ChatFailed (refused), NoReply (stored, but unanswered after `timeout_s`).
        """
        message: Frame = {"type": "message", "client_id": str(uuid.uuid4()), "text": text}
        if choice is not None:
            message["choice"] = choice
        # What came before is not an answer to this.
        self.unread.clear()
        self._deliver(message, time.monotonic() + timeout_s, lambda turn: turn.is_over(self.owner))
        replies, self.unread = self.unread, []
        return [reply for reply in replies if reply["author"] != "customer"]

    def post(self, text: str, timeout_s: float) -> None:
        """Send one message and wait only until it is stored. Raises: ChatFailed."""
        message = {"type": "message", "client_id": str(uuid.uuid4()), "text": text}
        self._deliver(message, time.monotonic() + timeout_s, lambda turn: turn.is_stored)

    def listen(self, timeout_s: float) -> list[Frame]:
        """What others wrote meanwhile: a late answer, a person of the shop."""
        try:
            self._receive(timeout_s)
        except ConnectionClosed:
            self._reopen(time.monotonic() + OPEN_TIMEOUT_S)
        heard, self.unread = self.unread, []
        return [message for message in heard if message["author"] != "customer"]

    def _deliver(self, message: Frame, deadline: float, is_enough: Callable[[_Turn], bool]) -> None:
        """Send `message` and follow its turn until that `is_enough`, over as many sockets as it takes."""
        turn = _Turn(message["client_id"])
        self._send(message, deadline)
        while not is_enough(turn):
            if time.monotonic() > deadline:
                raise NoReply("no_reply", "no reply in time")
            try:
                frame = self._receive(0.1)
            except ConnectionClosed:
                # It may not have been stored: the same client_id makes saying it again harmless.
                self._reopen(deadline)
                # And if it was, the answer may have come with the welcome.
                for known in self.unread:
                    turn.note(known | {"type": "message"})
                self._send(message, deadline)
            else:
                if frame is not None:
                    turn.note(frame)

    def _send(self, frame: Frame, deadline: float) -> None:
        assert self._connection is not None
        try:
            self._connection.send(json.dumps(frame))
        except ConnectionClosed:
            self._reopen(deadline)
            self._send(frame, deadline)

    def _reopen(self, deadline: float) -> None:
        while True:
            self.close()
            try:
                return self.open()
            except (ChatFailed, ConnectionClosed):
                if time.monotonic() > deadline:
                    raise
                time.sleep(RECONNECT_S)

    def _receive(self, timeout_s: float) -> Frame | None:
        """The next frame, noted, or None when none comes in time. Raises: ConnectionClosed."""
        assert self._connection is not None
        try:
            frame: Frame = json.loads(self._connection.recv(timeout=timeout_s))
        except TimeoutError:
            return None
        if frame["type"] == "message":
            self._note(frame)
        elif frame["type"] == "owner":
            self.owner = frame["owner"]
        return frame

    def _note(self, message: Frame) -> None:
        if message["seq"] <= self.visitor.last_seq:
            return
        self.visitor.last_seq = message["seq"]
        self.unread.append(message)
        if message["author"] != "customer":
            self.visitor.choices = message.get("choices", [])


class _Turn:
    """Has our message been answered? It has when replies came and the other side fell silent."""

    def __init__(self, client_id: str) -> None:
        self._client_id = client_id
        self._acknowledged_at: float | None = None
        self._replied_at: float | None = None
        self._is_typing = False
        self._has_stopped_typing = False

    def note(self, frame: Frame) -> None:
        """Raises: ChatFailed when our message was refused."""
        if frame["type"] == "error" and frame.get("client_id") in (None, self._client_id):
            raise ChatFailed(frame["code"], frame["detail"])
        if frame["type"] == "ack" and frame["client_id"] == self._client_id:
            self._acknowledged_at = time.monotonic()
        elif frame["type"] == "message" and frame["author"] != "customer":
            self._replied_at = time.monotonic()
        elif frame["type"] == "typing":
            self._has_stopped_typing = self._is_typing and not frame["on"]
            self._is_typing = frame["on"]

    @property
    def is_stored(self) -> bool:
        return self._acknowledged_at is not None

    def is_over(self, owner: str) -> bool:
        if self._acknowledged_at is None:
            return False
        now = time.monotonic()
        if self._replied_at is not None:
            enough = QUIET_AFTER_TYPING_S if self._has_stopped_typing else QUIET_S
            return now - self._replied_at > enough
        return owner != "assistant" and now - self._acknowledged_at > PATIENCE_WITH_PEOPLE_S
