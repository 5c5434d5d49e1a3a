"""Telegram as a small real HTTP server, which takes only what Telegram's own Bot API allows.

Every call is checked against tests/payloads/telegram/bot_api.json, an excerpt of the published interface as data:
the method is known, what it requires is there, nothing else is, and all of it is of the right type. `fail` are the
answers of the next calls that send.
"""

from __future__ import annotations

import email
import json
import re
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

TOKEN = "123456789:AAFakeTokenOfTestsThatIsLongEnough_-"
API = json.loads((Path(__file__).parents[1] / "payloads/telegram/bot_api.json").read_text())
METHODS, TYPES = API["methods"], API["types"]
SENDS = ("sendMessage", "sendDocument")


class Telegram:
    """`fail` items: (status, description, retry_after), "reset" which takes the message and cuts the line, or bytes
    which are answered instead of JSON, with 502.
    """

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.times: list[float] = []
        self.fail: list[Any] = []
        self.violations: list[str] = []
        self.files: dict[str, bytes] = {}
        self.updates: list[dict[str, Any]] = []
        self.hook: dict[str, Any] = {"url": "", "has_custom_certificate": False, "pending_update_count": 0}
        self.lock = threading.Lock()
        self.asking = 0
        self.last_update = 0
        handler = type("Handler", (_Handler,), {"telegram": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def of(self, method: str) -> list[dict[str, Any]]:
        return [call for name, call in self.calls if name == method]

    def texts(self) -> list[str]:
        return [call["text"] for call in self.of("sendMessage")]

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def problems(method: str, call: dict[str, str]) -> list[str]:
    """What Telegram's interface says against a call as it came over the wire."""
    fields = METHODS.get(method)
    if fields is None:
        return [f"{method}: no such method"]
    found = [f"{method}: {name} is missing" for name, (_, is_required, *_c) in fields.items() if is_required]
    found = [each for each in found if each.split()[1] not in call]
    for name, value in call.items():
        if name not in fields:
            found.append(f"{method}: there is no {name}")
        elif not any(_fits_wire(type_, value) for type_ in fields[name][0]):
            found.append(f"{method}: {name} is no {fields[name][0]}: {value[:80]}")
    return found + _beyond(method, call)


def _beyond(method: str, call: dict[str, str]) -> list[str]:
    """What the interface says in words only."""
    found = []
    text = call.get("text", "")
    if method == "sendMessage" and not 1 <= len(text.strip().encode("utf-16-le")) // 2 <= 4_096:
        found.append("a text has 1 to 4,096 characters")
    for row in json.loads(call.get("reply_markup", "{}")).get("inline_keyboard", []):
        found += [
            "callback_data has 1 to 64 bytes" for b in row if not 1 <= len(b.get("callback_data", "").encode()) <= 64
        ]
    return found


def _fits_wire(type_: str, value: str) -> bool:
    if type_ == "String":
        return True
    if type_ == "Integer":
        return re.fullmatch(r"-?\d+", value) is not None
    if type_ in ("Boolean", "True"):
        return value in ("true", "false")
    if type_ == "InputFile":
        return value.startswith("attach://")
    try:
        return _fits(type_, json.loads(value))
    except ValueError:
        return False


def _fits(type_: str, value: Any) -> bool:
    if type_.startswith("Array of "):
        return isinstance(value, list) and all(_fits(type_.removeprefix("Array of "), each) for each in value)
    plain: dict[str, Any] = {"String": str, "Integer": int, "Float": (int, float), "Boolean": bool, "True": bool}
    if type_ in plain:
        return isinstance(value, plain[type_])
    fields = TYPES[type_]
    if "any" in fields:
        return any(_fits(each, value) for each in fields["any"])
    if not isinstance(value, dict) or not value.keys() <= fields.keys():
        return False
    required = {name for name, field in fields.items() if field[1]}
    return required <= value.keys() and all(any(_fits(each, value[name]) for each in fields[name][0]) for name in value)


def example(type_: str, **known: Any) -> Any:
    """The least value of a type: what is required, and what is `known`."""
    if type_.startswith("Array of "):
        return [example(type_.removeprefix("Array of "))]
    plain: dict[str, Any] = {"String": "x", "Integer": 7, "Float": 1.5, "Boolean": False, "True": True}
    if type_ in plain:
        return plain[type_]
    fields = TYPES[type_]
    if "any" in fields:
        return example("String" if "String" in fields["any"] else fields["any"][0])
    own = {"Chat": {"id": 42, "type": "private"}, "User": {"id": 42, "first_name": "Ana"}}.get(type_, {})
    value = {name: field[2] if len(field) > 2 else None for name, field in fields.items() if field[1]}
    return {
        name: known.get(name, own.get(name, given if given is not None else example(fields[name][0][0])))
        for name, given in (value | dict.fromkeys(known)).items()
    }


def _fields(form: str) -> dict[str, str]:
    return {name: each[0] for name, each in parse_qs(form, keep_blank_values=True).items()}


class _Handler(BaseHTTPRequestHandler):
    telegram: Telegram
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        path, _, query = self.path.partition("?")
        call = _fields(query) | self._call(self.rfile.read(int(self.headers["Content-Length"])))
        _, bot, method = path.split("/", 2)
        if bot != f"bot{TOKEN}":
            return self._say(401, {"ok": False, "error_code": 401, "description": "Unauthorized"})
        found = problems(method, call)
        self.telegram.violations += found
        if found:
            return self._no(400, f"Bad Request: {found[0]}")
        failure = self.telegram.fail.pop(0) if self.telegram.fail and method in SENDS else None
        if failure and failure != "reset":
            if isinstance(failure, bytes):
                return self._raw(502, failure)
            return self._no(*failure)
        if method == "getUpdates":
            return self._updates(call)
        with self.telegram.lock:
            self.telegram.calls.append((method, call))
            self.telegram.times.append(time.monotonic())
            number = len(self.telegram.calls)
        if failure == "reset":
            self.close_connection = True
            return self.connection.close()
        return self._yes(self._result(method, call, number))

    def _result(self, method: str, call: dict[str, str], number: int) -> Any:
        telegram = self.telegram
        if method in SENDS:
            return example("Message", message_id=number, chat={"id": int(call["chat_id"]), "type": "private"})
        if method == "getMe":
            return example("User", is_bot=True, username="LaEsquinaBot")
        if method == "setWebhook":
            telegram.hook["url"] = call["url"]
        if method == "deleteWebhook":
            telegram.hook["url"] = ""
        if method == "getWebhookInfo":
            return telegram.hook
        if method == "getFile":
            return {"file_id": call["file_id"], "file_unique_id": "u", "file_path": f"photos/{call['file_id']}"}
        return True

    def _updates(self, call: dict[str, str]) -> None:
        telegram = self.telegram
        if telegram.hook["url"]:
            return self._no(409, "Conflict: can't use getUpdates method while webhook is active")
        with telegram.lock:
            if telegram.asking:
                return self._no(409, "Conflict: terminated by other getUpdates request")
            telegram.asking += 1
        try:
            if "offset" in call:
                with telegram.lock:
                    telegram.updates = [each for each in telegram.updates if each["update_id"] >= int(call["offset"])]
            until = time.monotonic() + 0.3
            while not telegram.updates and time.monotonic() < until:
                time.sleep(0.02)
            return self._yes(list(telegram.updates))
        finally:
            telegram.asking -= 1

    def do_GET(self) -> None:
        content = self.telegram.files.get(self.path.removeprefix(f"/file/bot{TOKEN}/photos/"))
        self._raw(404 if content is None else 200, content or b"")

    def _call(self, body: bytes) -> dict[str, str]:
        kind = self.headers.get("Content-Type", "")
        if not kind.startswith("multipart/"):
            return _fields(body.decode())
        message = email.message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + body)
        call = {}
        for part in message.get_payload():
            assert isinstance(part, email.message.Message)
            name, content = part.get_param("name", header="content-disposition"), part.get_payload(decode=True)
            assert isinstance(content, bytes)
            if part.get_filename():
                self.telegram.files[part.get_filename() or ""] = content
                call[str(name)] = f"attach://{part.get_filename()}"
            else:
                call[str(name)] = content.decode()
        return call

    def _yes(self, result: Any) -> None:
        self._say(200, {"ok": True, "result": result})

    def _no(self, status: int, description: str, retry_after: int = 0) -> None:
        body: dict[str, Any] = {"ok": False, "error_code": status, "description": description}
        self._say(status, body | ({"parameters": {"retry_after": retry_after}} if retry_after else {}))

    def _say(self, status: int, body: dict[str, Any]) -> None:
        self._raw(status, json.dumps(body).encode())

    def _raw(self, status: int, content: bytes) -> None:
        # Who asked may have been killed meanwhile.
        with suppress(ConnectionError):
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        pass
