"""How soon agents see what customers write: open consoles over many conversations that go on all at once.

The real `web` process alone: console, bot and OMS behind one port. Each conversation is a web chat of its own that
waits for a person; each agent has a page open as a browser has it: the stream of news, the list, and one conversation
of their own, asking again whenever `live.js` would, one request of a part at a time. Customers write by an open loop;
a latency counts from the moment a message was due, to the event that names its conversation and to its words standing
in the thread of the agent who has it open.
"""

from __future__ import annotations

import asyncio
import gzip
import html
import json
import os
import random
import re
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import psutil
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin

from backend.client import BackendClient
from backend.staff import service as staff
from bench.arrivals import arrivals
from bench.databases import KINDS
from bench.figures import Figure, percentile
from bench.http_load import HOST
from bench.processes import free_port, listens, process
from bot.conversations import service as conversations
from bot.handoff import service as handoffs
from bot.handoff.acts import Doer
from comanda.database import migrate, seed_demo_shop
from kernel.config import Settings
from kernel.db import Database

AGENTS = int(os.environ.get("INBOX_AGENTS", "20"))
CONVERSATIONS = int(os.environ.get("INBOX_CONVERSATIONS", "500"))
PER_SECOND = float(os.environ.get("INBOX_MESSAGES", "50"))
LOAD_S = float(os.environ.get("INBOX_SECONDS", "60"))
SHOWN_MS_MOST, LIST_MS_MOST = 1000, 300
START_S, PATIENCE_S, SETTLE_S = 120.0, 30.0, 3.0
OPENING_AT_ONCE = 50
# As `live.js` has it: what a part waits that asks again, and how often a list is drawn at most.
AGAIN_S, LIST_EVERY_S, LIST_SPREAD_S, LIST_REST = 0.05, 1.0, 0.5, 8
PASSWORD = "cuatro caballos verdes"
_LIST = re.compile(r'hx-get="([^"]*/conversations/list[^"]*)"')
_TAIL = re.compile(r'hx-get="([^"]*/messages\?[^"]*)"')
_STATE = re.compile(r'id="state" name="state" value="([^"]*)"')


def measure() -> list[Figure]:
    figures = []
    for title, open_databases in KINDS.items():
        with tempfile.TemporaryDirectory(prefix="comanda-bench-") as folder, open_databases(Path(folder)) as databases:
            figures += [each.of(title) for each in _measure(Path(folder), databases.create("inbox"))]
    return figures


def _measure(home: Path, database_url: str) -> list[Figure]:
    port = free_port()
    environment = {
        "COMANDA_HOME": str(home),
        "DATABASE_URL": database_url,
        "PORT": str(port),
        "COMANDA_MODE": "demo",
        "COMANDA_DEMO_MONTH": "0",
        "COMANDA_TURNS_A_MINUTE": "1000000",
        "COMANDA_MESSAGES_PER_ADDRESS": "0",
    }
    environment |= {"PUBLIC_URL": "", "BACKEND_URL": "", "LOG_LEVEL": "WARNING"}
    settings = Settings.model_validate(environment)
    migrate(settings)
    seed_demo_shop(settings)
    with process([sys.executable, "-m", "comanda.web"], environment, home / "web.log") as web:
        web.wait_until(lambda: listens(port), START_S)
        return asyncio.run(_run(settings, psutil.Process(web.pid)))


async def _run(settings: Settings, web: psutil.Process) -> list[Figure]:
    chats = _Chats(settings)
    await chats.open(CONVERSATIONS)
    agents = await _hired(settings, chats.ids)
    before = web.memory_info().rss
    listening = [asyncio.create_task(agent.work(chats)) for agent in agents]
    await asyncio.sleep(SETTLE_S)
    opened = web.memory_info().rss
    for agent in agents:
        agent.forget()
    cpu_before, began_at = sum(web.cpu_times()[:2]), time.perf_counter()
    said = await chats.talk()
    await asyncio.sleep(SETTLE_S)
    cpu_s, passed_s = sum(web.cpu_times()[:2]) - cpu_before, time.perf_counter() - began_at
    for task in listening:
        task.cancel()
    for ended in await asyncio.gather(*listening, return_exceptions=True):
        if not isinstance(ended, asyncio.CancelledError):
            raise RuntimeError("an agent left") from ended
    await chats.close()
    heard = [ms for agent in agents for ms in agent.heard_ms]
    shown = [ms for agent in agents for ms in agent.shown_ms]
    listed = [ms for agent in agents for ms in agent.list_ms]
    mine = sum(chats.said_to(agent.conversation_id) for agent in agents)
    return [
        Figure("messages", said / LOAD_S, "/s"),
        Figure("event of a message, p50", percentile(heard, 50), "ms"),
        Figure("event of a message, p95", percentile(heard, 95), "ms", at_most=SHOWN_MS_MOST),
        Figure("on the screen of who has it open, p95", percentile(shown, 95), "ms", at_most=SHOWN_MS_MOST),
        Figure("the list, p50", percentile(listed, 50), "ms"),
        Figure("the list, p95", percentile(listed, 95), "ms", at_most=LIST_MS_MOST),
        Figure("lists asked for", len(listed) / passed_s, "/s"),
        Figure("memory of an agent", (opened - before) / AGENTS / 1000, "kB"),
        Figure("web, resident after it", web.memory_info().rss / 1e6, "MB"),
        Figure("CPU of web", 100 * cpu_s / passed_s, "%"),
        Figure("events not heard", said * AGENTS - len(heard), "", at_most=0),
        Figure("messages not shown", mine - len(shown), "", at_most=0),
    ]


class _Chats:
    """Customers at the web channel, each in a conversation that waits for a person."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._sockets: list[ClientConnection] = []
        self.ids: list[str] = []
        # When each message was due: by its words, and in the order of its conversation.
        self.due: dict[str, float] = {}
        self.due_in: dict[str, list[float]] = defaultdict(list)

    async def open(self, count: int) -> None:
        turnstile = asyncio.Semaphore(OPENING_AT_ONCE)

        async def one() -> None:
            async with turnstile:
                origin = Origin(self._settings.public_url)
                url = f"ws://{HOST}:{self._settings.port}/chat/socket"
                socket = await connect(url, origin=origin, open_timeout=PATIENCE_S, proxy=None, ping_interval=None)
                await socket.send(json.dumps({"type": "hello", "token": None, "last_seq": 0, "locale": "es"}))
                welcome = json.loads(await socket.recv())
                await socket.send(json.dumps({"type": "message", "client_id": "first", "text": "hola, ¿hay alguien?"}))
                while json.loads(await socket.recv())["type"] != "ack":
                    pass
                self._sockets.append(socket)
                self.ids.append(welcome["conversation_id"])

        await asyncio.gather(*(one() for _ in range(count)))

    async def talk(self) -> int:
        """How many messages were said."""
        readers = [asyncio.create_task(_drain(socket)) for socket in self._sockets]
        moments, chance = list(arrivals(PER_SECOND, LOAD_S, seed=4)), random.Random(4)
        began_at = time.perf_counter()
        for number, moment in enumerate(moments):
            await asyncio.sleep(max(0.0, began_at + moment - time.perf_counter()))
            # By chance: in turns, those that the agents have open would all be spoken in at the same moment.
            text, at = f"mensaje {number:06d} del cliente", chance.randrange(len(self._sockets))
            self.due[text] = began_at + moment
            self.due_in[self.ids[at]].append(began_at + moment)
            await self._sockets[at].send(json.dumps({"type": "message", "client_id": str(number), "text": text}))
        await asyncio.sleep(SETTLE_S)
        for each in readers:
            each.cancel()
        await asyncio.gather(*readers, return_exceptions=True)
        return len(moments)

    def said_to(self, conversation_id: str) -> int:
        return len(self.due_in[conversation_id])

    async def close(self) -> None:
        await asyncio.gather(*(socket.close() for socket in self._sockets))


async def _drain(socket: ClientConnection) -> None:
    with suppress(ConnectionClosed):  # whoever says something there next will notice
        async for _ in socket:
            pass


async def _hired(settings: Settings, ids: list[str]) -> list[_Agent]:
    """Every conversation waits in the queue; each agent is signed in and has one of them."""
    database = Database(settings.database_url)
    with database.write() as session:
        for id_ in ids:
            handoffs.ask(session, conversations.lock(session, id_), "requested")
    members = []
    for number in range(AGENTS):
        with database.write() as session:
            member = staff.add_member(session, f"agent-{number}@laesquina.co", f"Ana {number}", "agent", PASSWORD)
            conversation = conversations.lock(session, ids[number])
            handoffs.claim(session, conversation, Doer(member.id, member.name, "", "", False), conversation.version)
        members.append(member)
    database.dispose()
    agents = []
    async with BackendClient(settings.backend_url) as oms:
        for member, id_ in zip(members, ids, strict=False):
            signed_in = await oms.sign_in(member.email, PASSWORD, "bench")
            agents.append(_Agent(settings.port, signed_in.token, id_))
    return agents


class _Connection:
    """One keep-alive connection of a browser that takes gzip."""

    def __init__(self, port: int, token: str) -> None:
        self._port, self._cookie = port, f"comanda_staff={token}; comanda_staff_name=Ana"
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def get(self, path: str, accept: str = "text/html") -> tuple[int, str]:
        reader, headers = await self._ask(path, accept)
        body = await _body(reader, headers)
        if headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        return int(headers["status"]), body.decode()

    async def events(self, path: str) -> AsyncIterator[list[str]]:
        """The conversations that each event names; [] for `ready`."""
        reader, headers = await self._ask(path, "text/event-stream")
        assert headers["status"] == "200", headers
        said = ""
        async for chunk in _chunks(reader):
            said += chunk.decode()
            while (end := re.search(r"\r?\n\r?\n", said)) is not None:
                event, said = said[: end.start()], said[end.end() :]
                data = re.search(r"^data: ?(.*)$", event, re.MULTILINE)
                if data:
                    yield json.loads(data[1])

    async def _ask(self, path: str, accept: str) -> tuple[asyncio.StreamReader, dict[str, str]]:
        is_used = self._streams is not None
        try:
            return await self._ask_once(path, accept)
        except (asyncio.IncompleteReadError, ConnectionError):
            if not is_used:
                raise
        # The server ends a connection that lies idle; a browser opens another.
        self._streams = None
        return await self._ask_once(path, accept)

    async def _ask_once(self, path: str, accept: str) -> tuple[asyncio.StreamReader, dict[str, str]]:
        if self._streams is None:
            self._streams = await asyncio.open_connection(HOST, self._port)
        reader, writer = self._streams
        lines = [f"GET {path} HTTP/1.1", f"Host: {HOST}", f"Cookie: {self._cookie}", f"Accept: {accept}"]
        # No compression of a stream: what is in it must leave at once.
        lines += ["HX-Request: true", *(["Accept-Encoding: gzip"] if accept == "text/html" else [])]
        writer.write("\r\n".join([*lines, "", ""]).encode())
        status, *rest = (await reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in rest)}
        return reader, headers | {"status": status.split()[1]}


async def _body(reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
    if headers["status"] == "204":
        return b""
    if "content-length" in headers:
        return await reader.readexactly(int(headers["content-length"]))
    return b"".join([chunk async for chunk in _chunks(reader)])


async def _chunks(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    while True:
        size = int((await reader.readuntil(b"\r\n")).split(b";")[0], 16)
        chunk = await reader.readexactly(size)
        await reader.readexactly(2)
        if not size:
            return
        yield chunk


class _Agent:
    """A page of the inbox, with `conversation_id` open in it."""

    def __init__(self, port: int, token: str, conversation_id: str) -> None:
        self._port, self._token, self.conversation_id = port, token, conversation_id
        self.heard_ms: list[float] = []
        self.shown_ms: list[float] = []
        self.list_ms: list[float] = []
        self._chance = random.Random(conversation_id)
        self._seen: set[str] = set()
        self._list_news, self._thread_news = asyncio.Event(), asyncio.Event()

    def forget(self) -> None:
        """What was measured before the load is none of it."""
        self.heard_ms, self.shown_ms, self.list_ms = [], [], []

    async def work(self, chats: _Chats) -> None:
        page = await _Connection(self._port, self._token).get(f"/console/conversations/{self.conversation_id}")
        assert page[0] == 200, page
        await asyncio.gather(self._listen(chats), self._list(page[1]), self._thread(page[1], chats))

    async def _listen(self, chats: _Chats) -> None:
        heard: Counter[str] = Counter()
        async for ids in _Connection(self._port, self._token).events("/console/events"):
            now = time.perf_counter()
            for each in ids:
                due = chats.due_in[each]
                self.heard_ms += [(now - at) * 1000 for at in due[heard[each] :]]
                heard[each] = len(due)
            self._list_news.set()
            if self.conversation_id in ids or not ids:
                self._thread_news.set()

    async def _list(self, page: str) -> None:
        address, connection = _address(_LIST, page), _Connection(self._port, self._token)
        while True:
            await self._list_news.wait()
            self._list_news.clear()
            began_at = time.perf_counter()
            status, part = await connection.get(address)
            self.list_ms.append((time.perf_counter() - began_at) * 1000)
            if status == 200:
                address = _address(_LIST, part)
            took_s = time.perf_counter() - began_at
            pause_s = LIST_EVERY_S + self._chance.random() * LIST_SPREAD_S
            await asyncio.sleep(max(AGAIN_S, pause_s - took_s, LIST_REST * took_s))

    async def _thread(self, page: str, chats: _Chats) -> None:
        address, state, connection = _address(_TAIL, page), _state(page), _Connection(self._port, self._token)
        while True:
            await self._thread_news.wait()
            self._thread_news.clear()
            status, part = await connection.get(f"{address}&state={state}&mode=mine")
            now = time.perf_counter()
            if status == 200:
                address, state = _address(_TAIL, part), _state(part) or state
                for text in re.findall(r"mensaje \d{6} del cliente", part):
                    if text not in self._seen:
                        self._seen.add(text)
                        self.shown_ms.append((now - chats.due[text]) * 1000)
            await asyncio.sleep(AGAIN_S)


def _address(pattern: re.Pattern[str], page: str) -> str:
    found = pattern.search(page)
    assert found, page[:2000]
    return html.unescape(found[1])


def _state(page: str) -> str:
    found = _STATE.search(page)
    return found[1] if found else ""
