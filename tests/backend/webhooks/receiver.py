"""A subscriber as a real HTTP server, that verifies each signature with the standard's own library."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from standardwebhooks.webhooks import Webhook


class Receiver:
    """`events` are (webhook-id, content) as they came and were verified; `answers` are given in turn, then 204."""

    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.answers: list[int] = []
        self.secret = ""
        self.delay_s = 0.0
        self.requests = 0

    def __enter__(self) -> Self:
        handler = type("Handler", (_Handler,), {"receiver": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/hook"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    receiver: Receiver

    def do_POST(self) -> None:
        receiver = self.receiver
        receiver.requests += 1
        body = self.rfile.read(int(self.headers["Content-Length"]))
        time.sleep(receiver.delay_s)
        status = receiver.answers.pop(0) if receiver.answers else 204
        if status == 204:
            Webhook(receiver.secret).verify(body, dict(self.headers))
            receiver.events.append((self.headers["webhook-id"], json.loads(body)))
        self.send_response(status)
        if 300 <= status < 400:
            self.send_header("Location", "http://169.254.169.254/latest/meta-data")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass
