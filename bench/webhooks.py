"""Signed webhooks by an open loop while processes die: how soon each is acknowledged, and what becomes of it.

As a provider's are: of every four one is a message, and three tell that an answer was sent, delivered and read.
`WEBHOOKS_MESSAGES=1` posts messages alone, which cost more.

`comanda up` with a line at Twilio's: signatures made by Twilio's own signer, and a stand-in that takes what we send.
What is not acknowledged is posted again, after ever longer waits, as providers do. Most messages ask the bot itself, so
that all of them can be answered within the patience; every twentieth asks the assistant.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlencode

from sqlalchemy import insert, text
from twilio.request_validator import RequestValidator

from bench.arrivals import arrivals
from bench.databases import KINDS
from bench.figures import Figure, percentile
from bench.running import Running, running
from bot.conversations.models import Conversation, Message
from bot.outbox.models import Outgoing
from comanda.progress import say
from kernel import clock
from kernel.db import Database
from kernel.rows import table_of

PER_SECOND = 320.0
ACKNOWLEDGED_MS_MOST = 250
# Minutes of load: one, unless told otherwise.
LOAD_S = float(os.environ.get("WEBHOOKS_SECONDS", "60"))
WEB_KILLED_AT_S = LOAD_S / 3
# The share of messages.
MESSAGES = float(os.environ.get("WEBHOOKS_MESSAGES", "0.25"))
STATES = ("sent", "delivered", "read")
SENDERS = 4_000
# After that time, then after twice as long each time, and any time up to as long again: not all at one moment.
AGAIN_S, AGAIN_MOST_S = 0.5, 8.0
PATIENCE_S = 900
ACCOUNT, TOKEN = "AC" + "b" * 32, "a token of a bench"
PUBLIC, PATH, FROM = "https://tienda.example", "/channels/whatsapp", "whatsapp:+14155238886"
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass
class Met:
    """What the load met: ms from the moment a webhook was due to its 200, and what came instead of a 200."""

    at_once_ms: list[float] = field(default_factory=list)
    again_ms: list[float] = field(default_factory=list)
    refusals: Counter[str] = field(default_factory=Counter)


def measure() -> list[Figure]:
    figures = []
    for title, open_databases in KINDS.items():
        with (
            tempfile.TemporaryDirectory(prefix="comanda-bench-") as folder,
            open_databases(Path(folder)) as databases,
            _provider() as provider,
            running(Path(folder) / "home", _line(databases.create("webhooks"), provider.url)) as comanda,
        ):
            figures += [each.of(title) for each in _measure(comanda, provider)]
    return figures


def _line(database_url: str, provider_url: str) -> dict[str, str]:
    """The settings of a shop with a line at Twilio's."""
    return {
        "DATABASE_URL": database_url,
        "PUBLIC_URL": PUBLIC,
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_WHATSAPP_FROM": "+14155238886",
        "TWILIO_API_BASE": provider_url,
    }


def _measure(comanda: Running, provider: Provider) -> list[Figure]:
    moments = list(arrivals(PER_SECOND, LOAD_S, seed=1))
    chance = random.Random(2)
    are_messages = [chance.random() < MESSAGES for _ in moments]
    messages, told = sum(are_messages), len(moments) - sum(are_messages)
    _send_before(comanda, -(-told // len(STATES)))
    of_messages, of_answers = map(_message, range(messages)), map(_callback, range(told))
    requests = [next(of_messages if is_message else of_answers) for is_message in are_messages]
    killers = [_killer(comanda, "web", WEB_KILLED_AT_S), _killer(comanda, "worker", LOAD_S / 2)]
    for each in killers:
        each.start()
    met = asyncio.run(post_all(comanda.settings.port, requests, moments))
    for each in killers:
        each.join()
    say(f"{len(requests):,} webhooks taken; waiting for their answers …")
    drained_s = _drain(comanda)
    stored, doubled, open_turns, unfinished, read = _found(comanda)
    sent_twice = sum(count - 1 for count in provider.sent.values())
    return [
        Figure("webhooks posted", len(requests) / LOAD_S, "/s"),
        Figure("acknowledged, p50", percentile(met.at_once_ms, 50), "ms"),
        Figure("acknowledged, p99", percentile(met.at_once_ms, 99), "ms", at_most=ACKNOWLEDGED_MS_MOST),
        Figure("not acknowledged at once, posted again", len(met.again_ms), ""),
        Figure("messages lost", messages - stored, "", at_most=0),
        Figure("messages kept twice", doubled, "", at_most=0),
        Figure("answers whose having been read was lost", told // len(STATES) - read, "", at_most=0),
        Figure("messages without an end", open_turns, "", at_most=0),
        Figure("answers sent twice", sent_twice, "", at_most=0),
        Figure("answers that may not have left, by a kill", unfinished, ""),
        Figure("from the last webhook to the last answer", drained_s, "s"),
    ]


def _send_before(comanda: Running, count: int) -> None:
    """Answers that left before the load, each of a conversation of its own: what the callbacks tell of."""
    at = clock.now()
    conversation = {"channel": "whatsapp", "owner": "assistant", "version": 1, "language": "es", "last_seq": 1}
    conversation |= {"is_queue_told": False, "is_card_warned": False, "is_outage_told": False, "created_at": at}
    message = {"seq": 1, "channel": "whatsapp", "author": "assistant", "text": "Listo.", "at": at}
    part = {"position": 0, "channel": "whatsapp", "part": {"body": "Listo."}, "status": "sending", "attempts": 1}
    part |= {"created_at": at, "changed_at": at}
    ids_ = [_id(number) for number in range(count)]
    database = Database(comanda.settings.database_url)
    with database.write() as session:
        for model, rows in (
            (Conversation, [conversation | {"id": each, "sender": f"+5731{each[-8:]}"} for each in ids_]),
            (Message, [message | {"id": each, "conversation_id": each} for each in ids_]),
            (Outgoing, [part | {"id": each, "message_id": each} for each in ids_]),
        ):
            session.execute(insert(table_of(model)), rows)
    database.dispose()


def _id(number: int) -> str:
    return f"00000000-0000-7000-8000-{number:012d}"


def _message(number: int) -> bytes:
    sender = f"whatsapp:+57300{number % SENDERS:07d}"
    body = "¿cuánto vale la leche entera?" if number % 20 == 0 else ""
    fields = {"MessageSid": f"SM{number:032x}", "From": sender, "To": FROM, "NumMedia": "0", "Body": body}
    return _request(PATH, fields)


def _callback(number: int) -> bytes:
    part, state = divmod(number, len(STATES))
    fields = {
        "MessageSid": f"SM{part:032x}",
        "MessageStatus": STATES[state],
        "From": FROM,
        "To": "whatsapp:+573001112233",
    }
    return _request(f"{PATH}/sent/{_id(part)}", fields)


def _request(path: str, fields: dict[str, str]) -> bytes:
    content = urlencode(fields | {"AccountSid": ACCOUNT})
    signature = RequestValidator(TOKEN).compute_signature(f"{PUBLIC}{path}", fields | {"AccountSid": ACCOUNT})
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Twilio-Signature: {signature}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    return (head + content).encode()


def _killer(comanda: Running, name: str, after_s: float) -> Thread:
    def kill() -> None:
        time.sleep(after_s)
        os.kill(comanda.processes()[name].pid, signal.SIGKILL)

    return Thread(target=kill)


async def post_all(port: int, requests: list[bytes], moments: list[float]) -> Met:
    """Post each at its moment, in seconds from the start, whatever became of the others, and again until it is
    acknowledged: over a connection that is open and idle, or else a new one, as a provider's senders do.
    """
    met, idle = Met(), list[Connection]()
    began_at = time.perf_counter()
    posting = []
    for request, moment in zip(requests, moments, strict=True):
        await asyncio.sleep(max(0.0, began_at + moment - time.perf_counter()))
        posting.append(asyncio.create_task(_deliver(port, request, began_at + moment, idle, met)))
    await asyncio.gather(*posting)
    for _reader, writer in idle:
        writer.close()
    return met


async def _deliver(port: int, request: bytes, due_at: float, idle: list[Connection], met: Met) -> None:
    wait_s = AGAIN_S
    while (status := await _try(port, request, idle)) != "200":
        met.refusals[status] += 1
        await asyncio.sleep(wait_s * (1 + random.random()))
        wait_s = min(2 * wait_s, AGAIN_MOST_S)
    passed_ms = (time.perf_counter() - due_at) * 1000
    (met.at_once_ms if wait_s == AGAIN_S else met.again_ms).append(passed_ms)


async def _try(port: int, request: bytes, idle: list[Connection]) -> str:
    """The status of the answer, or what happened instead."""
    try:
        connection = idle.pop() if idle else await asyncio.open_connection("127.0.0.1", port)
        status = await _post(*connection, request)
    except (OSError, EOFError):
        return "cut off"
    idle.append(connection)
    return status


async def _post(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> str:
    writer.write(request)
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    await reader.readexactly(int(head.partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0]))
    return head[9:12].decode()


def _drain(comanda: Running) -> float:
    """Seconds until every turn has ended and every answer has left, or the patience is over."""
    began_at = time.monotonic()
    database = Database(comanda.settings.database_url)
    waiting = text(
        "SELECT (SELECT count(*) FROM bot_turn WHERE status = 'received')"
        " + (SELECT count(*) FROM bot_outgoing WHERE status IN ('queued', 'sending'))"
    )
    while time.monotonic() - began_at < PATIENCE_S:
        with database.read() as session:
            if session.scalar(waiting) == 0:
                break
        time.sleep(1)
    database.dispose()
    return time.monotonic() - began_at


def _found(comanda: Running) -> tuple[int, int, int, int, int]:
    database = Database(comanda.settings.database_url)
    with database.read() as session:
        kept, different = session.execute(
            text(
                "SELECT count(*), count(DISTINCT provider_message_id) FROM bot_message"
                " WHERE author = 'customer' AND channel = 'whatsapp'"
            )
        ).one()
        open_turns = session.scalar(text("SELECT count(*) FROM bot_turn WHERE status = 'received'"))
        end = "SELECT count(*) FROM bot_outgoing WHERE status"
        unfinished = session.scalar(text(f"{end} NOT IN ('sent', 'delivered', 'read', 'skipped')"))
        read = session.scalar(text(f"{end} = 'read'"))
    database.dispose()
    return different, kept - different, open_turns or 0, unfinished or 0, read or 0


class _QuietServer(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        """Whoever called was killed: that is the measurement."""


class Provider:
    """Takes every message; `sent` counts the copies of each, by the address that its progress is to be told to."""

    def __init__(self) -> None:
        self.sent: Counter[str] = Counter()
        handler = type("Handler", (_Handler,), {"provider": self})
        self._server = _QuietServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    provider: Provider

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.provider.sent[form["StatusCallback"][0]] += 1
        content = f'{{"sid": "SM{self.provider.sent.total():032x}", "status": "queued"}}'.encode()
        self.send_response(201)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def _provider() -> Iterator[Provider]:
    provider = Provider()
    try:
        yield provider
    finally:
        provider.close()
