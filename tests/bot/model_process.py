"""A language model's endpoint as a process of its own: what it answers is the name of the model that is asked for.

`say:…` answers those words; `slow` waits, `drip` sends a byte at a time, `broken` is an HTTP 500, `garbage` no JSON,
`wordless` an answer without words, `huge` far too much, `elsewhere` a redirect; `told` is as the last `PUT /told` named
it. `GET /seen` tells what it was asked, and whether it has answered.
"""

from __future__ import annotations

import json
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SLOW_S = 20.0
SEEN: list[dict[str, Any]] = []
TOLD = {"model": "say:NONE"}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._send(200, json.dumps(SEEN).encode())

    def do_POST(self) -> None:
        asked = self._read()
        seen = {"path": self.path, "key": self.headers.get("Authorization"), "is_answered": False, **asked}
        SEEN.append(seen)
        self._answer(TOLD["model"] if asked["model"] == "told" else asked["model"])
        seen["is_answered"] = True

    def do_PUT(self) -> None:
        TOLD.update(self._read())
        self._send(200, b"{}")

    def _read(self) -> dict[str, Any]:
        return dict(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def _answer(self, model: str) -> None:
        if model == "slow":
            time.sleep(SLOW_S)
        if model == "elsewhere":
            self.send_response(307)
            self.send_header("Location", "/elsewhere/chat/completions")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        words = "x" * 1_000_000 if model == "huge" else model.removeprefix("say:")
        content = None if model == "wordless" else words
        body = json.dumps({"choices": [{"message": {"role": "assistant", "content": content}}]}).encode()
        if model == "drip":
            self._drip(body)
        else:
            self._send(500 if model == "broken" else 200, b"<html>" if model == "garbage" else body)

    def _drip(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        for byte in body:
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
            time.sleep(0.2)

    def _send(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_address[1], flush=True)
    try:
        server.serve_forever(poll_interval=0.05)
    except KeyboardInterrupt:
        sys.exit(0)
