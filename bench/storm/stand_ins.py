"""Who Comanda speaks to: the assistant, Twilio, and the line to the payment provider. All of them fail now and then."""

from __future__ import annotations

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

# Longer than the OMS waits for a provider (10 s): it will not know what became of it.
TOO_LATE_S = 11.0
ECHO, BACK = "eco ", "Aquí sigo."


class Server(ThreadingHTTPServer):
    """A stand-in on a free port of loopback; `chance` decides its faults, while `is_failing`."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, handler: type[BaseHTTPRequestHandler], seed: int) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self.chance, self.is_failing = random.Random(seed), False
        self.lock = threading.Lock()
        self.faults: Counter[str] = Counter()
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def draw(self, *faults: tuple[str, float]) -> str | None:
        """The fault that happens now, each with its likelihood, or none."""
        with self.lock:
            lot = self.chance.random()
            if not self.is_failing:
                return None
            for name, likelihood in faults:
                if lot < likelihood:
                    self.faults[name] += 1
                    return name
                lot -= likelihood
        return None

    def handle_error(self, *_: Any) -> None:
        """Whoever called was killed: that is the storm."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Any

    def body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def answer(self, status: int, content: Any, **headers: str) -> None:
        raw = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def cut(self) -> None:
        self.close_connection = True
        self.connection.close()

    def log_message(self, *_: Any) -> None:
        pass


class Assistant(Server):
    """Says each message back, and remembers it, as Rasa's tracker does."""

    def __init__(self, seed: int) -> None:
        super().__init__(_AssistantHandler, seed)
        self.events: dict[str, list[dict[str, Any]]] = {}
        self.failed: set[str] = set()


class _AssistantHandler(_Handler):
    def do_GET(self) -> None:
        parts = self.path.split("?")[0].split("/")
        if parts[1] == "conversations":
            return self.answer(200, {"events": self.server.events.get(parts[2], []), "slots": {}})
        return self.answer(200, {"model_file": "storm"})

    def do_POST(self) -> None:
        body = json.loads(self.body() or b"null")
        if not self.path.startswith("/webhooks/rest/webhook"):
            return self.answer(200, {})
        metadata, reply = body["metadata"], f"{ECHO}{body['message']}"
        if metadata.get("handed_back"):
            # Nobody said anything: a person has given the conversation back.
            reply = BACK
        fault = self.server.draw(("assistant: cut off", 0.03), ("assistant: error", 0.02), ("assistant: silent", 0.02))
        if fault and metadata["message_id"] in self.server.failed:
            # It fails once at each message: a third failure would be the customer's way to a person.
            fault = None
        if fault:
            self.server.failed.add(metadata["message_id"])
        if fault in ("assistant: error", "assistant: silent"):
            return self.answer(500 if fault == "assistant: error" else 200, [])
        said = [
            {"event": "user", "text": body["message"], "metadata": metadata},
            {"event": "bot", "text": reply, "data": {}},
        ]
        with self.server.lock:
            self.server.events.setdefault(body["sender"], []).extend(said)
        return self.cut() if fault else self.answer(200, [{"text": reply}])


class Gateway(Server):
    """Twilio: takes messages. `taken` counts the copies of each, by the address that its progress is told to."""

    def __init__(self, seed: int) -> None:
        super().__init__(_GatewayHandler, seed)
        self.taken: Counter[str] = Counter()


class _GatewayHandler(_Handler):
    def do_POST(self) -> None:
        form = parse_qs(self.body().decode())
        fault = self.server.draw(("Twilio: cut off", 0.03), ("Twilio: busy", 0.03), ("Twilio: down", 0.02))
        if fault == "Twilio: busy":
            return self.answer(429, {"code": 20429, "message": "no", "status": 429}, **{"Retry-After": "1"})
        if fault == "Twilio: down":
            return self.answer(503, {"code": 20503, "message": "no", "status": 503})
        with self.server.lock:
            self.server.taken[urlsplit(form["StatusCallback"][0]).path] += 1
            sid = f"SM{self.server.taken.total():032x}"
        return self.cut() if fault else self.answer(201, {"sid": sid, "status": "queued", "to": "", "body": ""})


class Line(Server):
    """The wire to our own web process; what goes to the payment provider over it is lost or late now and then."""

    def __init__(self, port: int, seed: int) -> None:
        super().__init__(_LineHandler, seed)
        self.port = port


class _LineHandler(_Handler):
    def do_GET(self) -> None:
        self._pass_on()

    def do_POST(self) -> None:
        self._pass_on()

    def _pass_on(self) -> None:
        body, fault = self.body(), None
        if self.path.startswith("/demo-pay/payments"):
            fault = self.server.draw(
                ("provider: too late", 0.03), ("provider: cut off", 0.06), ("provider: error", 0.06)
            )
        elif self.path.startswith("/internal/events"):
            fault = self.server.draw(("event: answer lost", 0.03))
        if fault == "provider: error":
            return self.answer(500, {})
        try:
            connection = HTTPConnection("127.0.0.1", self.server.port, timeout=15)
            passed = {name: value for name, value in self.headers.items() if name.lower() not in ("host", "connection")}
            connection.request(self.command, self.path, body or None, passed)
            answer = connection.getresponse()
            content = answer.read()
            connection.close()
        except (OSError, HTTPException):
            return self.cut()
        if fault == "provider: too late":
            time.sleep(TOO_LATE_S)
        if fault:
            return self.cut()
        return self.answer(answer.status, content, **{"Content-Type": answer.headers.get("Content-Type", "")})


@contextmanager
def serving(server: Server) -> Iterator[None]:
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
