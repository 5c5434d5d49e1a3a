"""Twilio as a small real HTTP server, which takes only what Twilio's own OpenAPI allows.

The form of a call is checked by jsonschema-rs against tests/payloads/twilio/create_message.json, an excerpt of the
published specification. `fail` are the answers of the next calls; a copy that was taken is remembered whatever is
answered.
"""

from __future__ import annotations

import base64
import email.utils
import json
import re
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import jsonschema_rs

ACCOUNT = "AC" + "a" * 32
TOKEN = "a token that Twilio and we know"
SPECIFICATION = json.loads((Path(__file__).parents[1] / "payloads/twilio/create_message.json").read_text())
_COMPONENTS = {"components": SPECIFICATION["components"]}
REQUEST = jsonschema_rs.Draft202012Validator(SPECIFICATION["request"] | _COMPONENTS | {"additionalProperties": False})
LISTING = jsonschema_rs.Draft202012Validator(SPECIFICATION["list"]["response"] | _COMPONENTS)
_FILTERS = {each["name"] for each in SPECIFICATION["list"]["parameters"]}
RESPONSE = jsonschema_rs.Draft202012Validator(SPECIFICATION["response"] | _COMPONENTS)
_PATH = re.compile(SPECIFICATION["path"].replace("{AccountSid}", "(AC[0-9a-f]{32})") + "$")
_LISTS = ("MediaUrl", "PersistentAction")


class Twilio:
    """`fail` items: (status, error code, Retry-After), (status, body) for an answer that is none of Twilio's, "reset",
    which takes the message and cuts the line, "lost", which cuts it before, or None. `copies` is what it has, newest
    first, as its list shows it; `listed` the filters that it was asked with. While `is_listing` is False it lists none.
    `contents` and `senders` are what the shop set up there, as Twilio lists them.
    Once `is_answering` is cleared it takes calls, and says nothing until it is set again: `hanging` are so many now.
    """

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.times: list[float] = []
        self.fail: list[Any] = []
        self.copies: list[dict[str, Any]] = []
        self.listed: list[dict[str, str]] = []
        self.is_listing = True
        self.contents: list[dict[str, Any]] = []
        self.senders: list[dict[str, Any]] = []
        self.is_answering = threading.Event()
        self.is_answering.set()
        self.hanging = 0
        self.lock = threading.Lock()
        self.violations: list[str] = []
        self.media: dict[str, tuple[int, bytes]] = {}
        handler = type("Handler", (_Handler,), {"twilio": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def bodies(self) -> list[str]:
        return [each["Body"] for each in self.sent if "Body" in each]

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    twilio: Twilio

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode(), keep_blank_values=True)
        self._hang()
        call: dict[str, Any] = {name: each if name in _LISTS else each[0] for name, each in form.items()}
        found = [str(error) for error in REQUEST.iter_errors(call)]
        if not _PATH.match(self.path) or len([v for v in form.values() if len(v) > 1]):
            found.append(f"{self.path} {form}")
        if not {"Body", "MediaUrl", "ContentSid"} & call.keys() or len(call.get("Body", "")) > 1_600:
            found.append("21602 or 21617: no body, or one that is too long")
        self.twilio.violations += found
        if found:
            return self._send(400, {"code": 21602, "message": found[0], "status": 400})
        if not self._is_known():
            return self._send(401, {"code": 20003, "message": "Authenticate", "status": 401})
        failure = self.twilio.fail.pop(0) if self.twilio.fail else None
        if failure in ("reset", "lost"):
            if failure == "reset":
                self._take(call)
            self.connection.close()
            return None
        if failure and isinstance(failure[1], bytes):
            return self._raw(failure[0], failure[1], {})
        if failure:
            status, code, retry_after = failure
            headers = {"Retry-After": str(retry_after)} if retry_after else {}
            return self._send(status, {"code": code, "message": "no", "status": status}, headers)
        self.twilio.times.append(time.monotonic())
        answer = {"sid": self._take(call), "status": "queued", "to": call["To"], "body": ""}
        assert RESPONSE.is_valid(answer)
        return self._send(201, answer)

    def _hang(self) -> None:
        with self.twilio.lock:
            self.twilio.hanging += 1
        self.twilio.is_answering.wait()
        with self.twilio.lock:
            self.twilio.hanging -= 1

    def _take(self, call: dict[str, Any]) -> str:
        """The new message's SID."""
        self.twilio.sent.append(call)
        sid = f"SM{len(self.twilio.sent):032x}"
        values = list(json.loads(call.get("ContentVariables", "{}")).values())
        # Of what asks, with titles and tokens, only the question is listed.
        body = call.get("Body") or (values[0] if len(values) > 2 else ": ".join(values))
        at = email.utils.formatdate(usegmt=True)
        told = {"sid": sid, "to": call["To"], "from": call["From"], "body": body, "status": "delivered"}
        told |= {"num_media": str(len(call.get("MediaUrl", []))), "direction": "outbound-api"}
        self.twilio.copies.insert(0, told | {"date_created": at, "date_sent": at})
        return sid

    def _list(self, filters: dict[str, str]) -> None:
        self.twilio.listed.append(filters)
        if not self.twilio.is_listing:
            return self._send(503, {"code": 20503, "message": "no", "status": 503})
        if not filters.keys() <= _FILTERS:
            self.twilio.violations.append(str(filters))
        wanted = {"to": filters["To"], "from": filters["From"]}
        found = [each for each in self.twilio.copies if wanted.items() <= each.items()]
        answer = {"messages": found[: int(filters["PageSize"])], "page": 0}
        assert LISTING.is_valid(answer)
        return self._send(200, answer)

    def do_GET(self) -> None:
        if not self._is_known():
            return self._send(401, {"code": 20003, "message": "Authenticate", "status": 401})
        if self.path in self.twilio.media:
            status, content = self.twilio.media[self.path]
            self.send_response(status)
            if status == 307:
                self.send_header("Location", content.decode())
                content = b""
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
            return None
        if self.path == f"/2010-04-01/Accounts/{ACCOUNT}.json":
            return self._send(200, {"sid": ACCOUNT, "status": "active"})
        asked = urlsplit(self.path)
        if self.twilio.is_listing and asked.path == "/v1/ContentAndApprovals":
            return self._page("contents", self.twilio.contents)
        if (
            self.twilio.is_listing
            and asked.path == "/v2/Channels/Senders"
            and asked.query.startswith("Channel=whatsapp")
        ):
            return self._page("senders", self.twilio.senders)
        if _PATH.match(asked.path):
            return self._list(dict(parse_qsl(asked.query)))
        return self._send(404, {"code": 20404, "message": "not found", "status": 404})

    def _page(self, name: str, listed: list[dict[str, Any]]) -> None:
        meta = {"key": name, "page": 0, "page_size": 50, "next_page_url": None, "previous_page_url": None}
        return self._send(200, {name: listed, "meta": meta})

    def _is_known(self) -> bool:
        told = base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
        return bool(self.headers.get("Authorization") == f"Basic {told}")

    def _send(self, status: int, body: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        self._raw(status, json.dumps(body).encode(), headers or {})

    def _raw(self, status: int, payload: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in ({"Content-Type": "application/json"} | headers).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def log_message(self, *_: Any) -> None:
        pass
