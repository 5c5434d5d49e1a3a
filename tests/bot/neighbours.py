"""The bot's neighbours as a small real HTTP server: Rasa's REST channel with its tracker, and the OMS's customers.

It stands in for Rasa where the real one would be too slow to start and could not be made to fail at will; the journeys
(tests/journeys) run the real ones. It answers "echo: <text>" unless told otherwise, remembers every question, and can
fall silent, break, hang, or be stopped and started again on the same port, with its memory or without.
"""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Items = list[dict[str, Any]]
Question = dict[str, Any]


def echo(question: Question) -> Items:
    return [{"text": f"echo: {question['message']}"}]


class Neighbours:
    """One port for both. `answer` makes the reply of a question; raise `Broken` in it for an HTTP 500."""

    def __init__(self) -> None:
        self.answer: Callable[[Question], Items] = echo
        self.questions: list[Question] = []
        self.identities: list[dict[str, str]] = []
        # Whom the shop's own site vouched for.
        self.signed_in: list[dict[str, str | None]] = []
        self.events: dict[str, Items] = {}
        # The numbers that a channel vouched for.
        self.phones: list[dict[str, str]] = []
        # By whom a link was opened (as the OMS is told), its token, and what the OMS says to it.
        self.opened: list[tuple[str, str]] = []
        self.opening: tuple[int, dict[str, Any]] = 200, {"customer_id": "ana", "is_new": True, "channels": ["web"]}
        # Conversations that Rasa was told to forget.
        self.forgotten: list[str] = []
        self.slots: dict[str, dict[str, Any]] = {}
        # Who is one person with others, or was not seen today: the OMS's answer, by the channel's id.
        self.known: dict[str, dict[str, Any]] = {}
        # What customers want to hear of, by their id; who is not here said nothing.
        self.preferences: dict[str, dict[str, Any]] = {}
        # What the shop's own pages give out, by their path.
        self.pages: dict[str, tuple[int, bytes]] = {}
        # What Rasa makes of a text that nobody says: its intent and confidence.
        self.parse: Callable[[str], list[tuple[str, float]]] = lambda _text: [("nlu_fallback", 0.2)]
        self.port = 0
        self._server: ThreadingHTTPServer | None = None
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        handler = type("Handler", (_Handler,), {"neighbours": self})
        self._server = _Server(("127.0.0.1", self.port), handler)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stop(self) -> None:
        """Gone, as after kill -9: connections are refused, and what was being answered is cut off."""
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server.close_connections()
            self._server = None

    def asked(self, conversation_id: str | None = None) -> list[str]:
        """The texts of the questions so far, in order."""
        with self._lock:
            return [q["message"] for q in self.questions if conversation_id in (None, q["sender"])]

    def reply(self, question: Question) -> Items:
        with self._lock:
            self.questions.append(question)
        items = self.answer(question)
        # As Rasa does: the tracker is saved when the answer is complete.
        with self._lock:
            events = self.events.setdefault(question["sender"], [])
            events.append({"event": "user", "text": question["message"], "metadata": question["metadata"]})
            events += [{"event": "bot", "text": i.get("text"), "data": _data(i), "metadata": {}} for i in items]
        return items


UNSAID = {
    "order_updates": True,
    "marketing": False,
    "quiet_from": "21:00:00",
    "quiet_until": "07:00:00",
    "time_zone": "America/Bogota",
}


class Broken(Exception):
    """Answer with an HTTP 500."""


def _data(item: dict[str, Any]) -> dict[str, Any]:
    return {name: item.get(name) for name in ("elements", "quick_replies", "buttons", "attachment", "image", "custom")}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._open: set[Any] = set()

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass  # a connection that was cut off is what some tests are about

    def close_connections(self) -> None:
        for request in list(self._open):
            with suppress(OSError):
                request.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    neighbours: Neighbours

    def do_POST(self) -> None:
        question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        path = self.path.partition("?")[0]
        if path.startswith("/conversations/") and path.endswith("/tracker/events"):
            slots = self.neighbours.slots.setdefault(path.split("/")[2], {})
            if any(event["event"] == "restart" for event in question):
                self.neighbours.forgotten.append(path.split("/")[2])
                slots.clear()
            slots |= {event["name"]: event["value"] for event in question if event["event"] == "slot"}
            return self._send(200, {"slots": slots})
        if path == "/model/parse":
            whole, *wishes = (
                {"name": name, "confidence": sure} for name, sure in self.neighbours.parse(question["text"])
            )
            return self._send(200, {"intent": whole, "wishes": [{"intent": each} for each in wishes]})
        if path == "/customers/me/links/opened":
            self.neighbours.opened.append((self.headers["Authorization"], question["token"]))
            return self._send(*self.neighbours.opening)
        if path != "/webhooks/rest/webhook":
            return self._send(404, {})
        try:
            return self._send(200, self.neighbours.reply(question))
        except Broken:
            return self._send(500, {})

    def do_PUT(self) -> None:
        identity = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/customers/identities/phone":
            self.neighbours.phones.append(identity)
            return self._send(200, {"customer_id": "ana", "is_new": True, "channels": ["telegram", "whatsapp"]})
        if self.path == "/customers/identities/site":
            self.neighbours.signed_in.append(identity)
            return self._send(200, {"customer_id": "c-site", "is_new": True, "channels": ["site", "web"]})
        if self.path != "/customers/identities":
            return self._send(404, {})
        self.neighbours.identities.append(identity)
        return self._send(200, {"customer_id": f"c-{identity['external_id'][:8]}"})

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path.startswith("/conversations/") and path.endswith("/tracker"):
            conversation_id = path.split("/")[2]
            events = self.neighbours.events.get(conversation_id, [])
            return self._send(200, {"events": events, "slots": self.neighbours.slots.get(conversation_id, {})})
        if path == "/customers/identities":
            return self._identity(parse_qs(urlsplit(self.path).query))
        if path.startswith("/customers/") and path.endswith("/preferences"):
            return self._send(200, UNSAID | self.neighbours.preferences.get(path.split("/")[2], {}))
        if path in self.neighbours.pages:
            return self._raw(*self.neighbours.pages[path])
        return self._send(404, {"code": "not_found", "detail": "", "params": {}})

    def _identity(self, asked: dict[str, list[str]]) -> None:
        [channel], [sender] = asked["channel"], asked["external_id"]
        is_known = any(
            (each["channel"], each["external_id"]) == (channel, sender) for each in self.neighbours.identities
        )
        if not is_known and sender not in self.neighbours.known:
            return self._send(404, {"code": "identity_not_found", "detail": "", "params": {}})
        own = f"c-{sender[:8]}"
        known = {"customer_id": own, "customer_ids": [own], "is_fresh": True}
        return self._send(200, known | self.neighbours.known.get(sender, {}))

    def _send(self, status: int, body: Any) -> None:
        self._raw(status, json.dumps(body).encode())

    def _raw(self, status: int, payload: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def log_message(self, *_: Any) -> None:
        pass


def wait_until(condition: Callable[[], Any], *, timeout_s: float = 20.0, what: str = "") -> Any:
    """The condition's value once it is true. Fails the test when it does not come to be."""
    deadline = time.monotonic() + timeout_s
    while not (value := condition()):
        assert time.monotonic() < deadline, f"still waiting after {timeout_s} s: {what or condition}"
        time.sleep(0.02)
    return value
