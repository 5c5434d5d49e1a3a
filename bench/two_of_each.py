"""The distributed set-up in small, on one machine: one and two of each process, and one of each killed under load.

PostgreSQL holds everything, Rasa's trackers too; Redis holds the locks of the Rasa servers; nginx stands before web,
Rasa and actions (docs/scaling.md). Two of each on the same cores answer no more than one: what is compared is that it
works, what the distribution costs in CPU per turn, and that nothing is lost when `kill -9` hits one of each. What is
killed is started again as a supervisor would, under the same name. `locks` hurts the Redis of two of each instead:
emptied, silent for a while, full, gone, while everyone writes two messages at once. What is right never depends on it:
a conversation has one turn at a time in the database already, and its lock only keeps Rasa's servers from thinking
about one conversation at once.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import sqlalchemy
from sqlalchemy import text
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from bench.balancer import Redis, balancer, missing, redis
from bench.databases import Databases, postgres_server
from bench.figures import Figure, percentile
from bench.processes import Process, answers, free_port
from bench.running import COMANDA
from bench.turns import PRICE, THANKS, Message
from comanda import readiness
from comanda.model import ensure_model
from comanda.progress import say
from comanda.project import RASA_ENVIRONMENT, READING_SETTINGS, ROOT
from kernel.config import Settings
from kernel.db import Database

CUSTOMERS = 12
LOAD_S = float(os.environ.get("TWO_OF_EACH_SECONDS", "30"))
TURNS_OF_ONE = 15
READY_PATIENCE_S = 300.0
ANSWER_PATIENCE_S = 90.0
# As soon as a supervisor starts again what died.
AGAIN_AFTER_S = 2.0
# Longer than a turn takes, shorter than Rasa waits for its Redis (10 s).
SILENT_S = 4.0
PARTS = ("web", "worker", "rasa", "actions")
HEALTH = {"web": "/healthz", "rasa": "/status", "actions": "/health"}


@dataclass
class Load:
    """What visitors met: ms from a message to its answer, how often a socket broke, what was never answered."""

    latencies_ms: list[float] = field(default_factory=list)
    broken: int = 0
    unanswered: int = 0
    elapsed_s: float = 0.0


@dataclass
class Server:
    """One process of a set, which can be killed and started again."""

    name: str
    command: list[str]
    environment: dict[str, str]
    log: Path
    running: Process

    @classmethod
    def start(cls, name: str, command: list[str], environment: dict[str, str], folder: Path) -> Server:
        log = folder / f"{name}.log"
        return cls(name, command, environment, log, Process(command, environment, log))

    def kill(self) -> None:
        os.kill(self.running.pid, signal.SIGKILL)

    def end(self) -> None:
        self.running.end()

    def again(self) -> None:
        self.running.end()
        self.running = Process(self.command, self.environment, self.log.with_suffix(".again.log"))


@dataclass
class Set:
    """So many of each, ready."""

    settings: Settings
    servers: list[Server]
    postmaster: psutil.Process
    tracker_url: str

    def commits(self) -> int:
        """Transactions that PostgreSQL has committed for anyone so far."""
        database = Database(self.settings.database_url)
        with database.read() as session:
            count = session.scalar(text("SELECT sum(xact_commit) FROM pg_stat_database"))
        database.dispose()
        return int(count or 0)

    def memory_mb(self) -> dict[str, float]:
        """What one process of each part holds now."""
        first = {server.name.split("-")[0]: server.running.pid for server in reversed(self.servers)}
        return {part: psutil.Process(pid).memory_info().rss / 1e6 for part, pid in first.items()}

    def cpu_s(self) -> dict[str, float]:
        used = dict.fromkeys(PARTS, 0.0)
        for server in self.servers:
            times = psutil.Process(server.running.pid).cpu_times()
            used[server.name.split("-")[0]] += times.user + times.system
        backends = [each.cpu_times() for each in self.postmaster.children(recursive=True)]
        return used | {"PostgreSQL": sum(times.user + times.system for times in backends)}


def measure() -> list[Figure]:
    figures = []
    with _neighbours() as (folder, databases, locks):
        for count in (1, 2):
            with _set_of(count, folder / f"home-{count}", databases, locks.port) as some:
                figures += _throughput(count, some)
                if count == 2:
                    figures += _killed(some)
    return figures


def locks() -> list[Figure]:
    with _neighbours() as (folder, databases, locks), _set_of(2, folder / "home", databases, locks.port) as some:
        say("hurting Redis ...")
        load = asyncio.run(_load(some.settings, LOAD_S, partial(_hurt, locks), at_once=2))
        return [
            Figure("emptied, silent, full, gone: answered all the same", len(load.latencies_ms) / load.elapsed_s, "/s"),
            Figure("p95", percentile(load.latencies_ms, 95), "ms"),
            Figure("messages never answered", load.unanswered, "", at_most=0),
            *_told(some.settings),
            *_heard(some),
        ]


@contextmanager
def _neighbours() -> Iterator[tuple[Path, Databases, Redis]]:
    """A folder, PostgreSQL and Redis."""
    if missing():
        raise RuntimeError(f"needs {' and '.join(missing())}: apt-get install nginx-light redis-server")
    with tempfile.TemporaryDirectory(prefix="comanda-bench-") as name:
        folder = Path(name)
        with postgres_server(folder) as databases, redis(folder) as locks:
            yield folder, databases, locks


def _throughput(count: int, some: Set) -> list[Figure]:
    say(f"{count} of each: {CUSTOMERS} customers …")
    asyncio.run(_load(some.settings, 5.0))
    used_before, committed = some.cpu_s(), some.commits()
    load = asyncio.run(_load(some.settings, LOAD_S))
    used = {part: after - used_before[part] for part, after in some.cpu_s().items()}
    turns = len(load.latencies_ms)
    name = f"{count} of each"
    return [
        Figure(f"{name}: {CUSTOMERS} customers at once", turns / load.elapsed_s, "/s"),
        Figure(f"{name}: p95", percentile(load.latencies_ms, 95), "ms"),
        Figure(f"{name}: CPU of a turn", 1000 * sum(used.values()) / turns, "ms"),
        *(Figure(f"{name}: … of {part}", 1000 * used_s / turns, "ms") for part, used_s in used.items()),
        Figure(f"{name}: transactions of a turn", (some.commits() - committed) / turns, ""),
        *(Figure(f"{name}: memory of one {part}", held, "MB") for part, held in some.memory_mb().items()),
        Figure(f"{name}: unanswered", load.unanswered, "", at_most=0),
    ]


def _killed(some: Set) -> list[Figure]:
    say("killing one of each …")
    load = asyncio.run(_load(some.settings, LOAD_S, partial(_kill_one_of_each, some)))
    return [
        Figure("killed: one of each, answered all the same", len(load.latencies_ms) / load.elapsed_s, "/s"),
        Figure("killed: p95", percentile(load.latencies_ms, 95), "ms"),
        Figure("killed: sockets that broke and came back", load.broken, ""),
        Figure("killed: messages never answered", load.unanswered, "", at_most=0),
        *_told(some.settings),
    ]


def _told(settings: Settings) -> list[Figure]:
    asked, kept, answered, open_turns = _found(settings)
    return [
        Figure("all: messages kept twice", kept - asked, "", at_most=0),
        Figure("all: messages without an answer of their own", kept - answered, "", at_most=0),
        Figure("all: turns without an end", open_turns, "", at_most=0),
        Figure("all: answers out of order", _out_of_order(settings), "", at_most=0),
    ]


def _heard(some: Set) -> list[Figure]:
    """How many of the customers' messages stand in what Rasa remembers, how many more than once, and in what order."""
    trackers, database = Database(some.tracker_url), Database(some.settings.database_url)
    heard = "SELECT sender_id, data::json -> 'metadata' ->> 'message_id' FROM events WHERE type_name = 'user'"
    with trackers.read() as session:
        taken = [(sender, message) for sender, message in session.execute(text(f"{heard} ORDER BY id")) if message]
    with database.read() as session:
        asked = session.execute(text("SELECT id, seq FROM bot_message WHERE author = 'customer'"))
        seqs: dict[str, int] = {row.id: row.seq for row in asked}
    trackers.dispose()
    database.dispose()
    times = Counter(message for _, message in taken)
    latest: Counter[str] = Counter()
    overtaken = 0
    for sender, message in taken:
        overtaken += seqs[message] < latest[sender]
        latest[sender] = max(latest[sender], seqs[message])
    return [
        Figure("messages that Rasa took in", len(times), "", at_least=1),
        Figure("messages that Rasa took in twice", sum(each > 1 for each in times.values()), "", at_most=0),
        Figure("messages that Rasa took in after a later one", overtaken, "", at_most=0),
    ]


async def _load(
    settings: Settings, seconds: float, harm: Callable[[float], Awaitable[None]] | None = None, *, at_once: int = 1
) -> Load:
    """Customers who each write so many messages at once, and the next when all are answered."""
    load = Load()
    began_at = time.perf_counter()
    harming = asyncio.ensure_future(harm(seconds)) if harm is not None else None
    await asyncio.gather(*(_customers(settings, load, began_at + seconds, at_once) for _ in range(CUSTOMERS)))
    load.elapsed_s = time.perf_counter() - began_at
    if harming is not None:
        await harming
    return load


async def _kill_one_of_each(some: Set, seconds: float) -> None:
    for part in PARTS:
        await asyncio.sleep(seconds / (len(PARTS) + 1))
        victim = next(server for server in some.servers if server.name == f"{part}-1")
        victim.kill()
        await asyncio.sleep(AGAIN_AFTER_S)
        await asyncio.to_thread(victim.again)


async def _hurt(locks: Redis, seconds: float) -> None:
    """Emptied, silent, full, and gone for a while, one after the other."""
    pause_s = seconds / 6
    await asyncio.sleep(pause_s)
    locks.say("FLUSHALL")
    await asyncio.sleep(pause_s)
    locks.say(f"CLIENT PAUSE {int(1000 * SILENT_S)} ALL")
    await asyncio.sleep(SILENT_S + pause_s)
    locks.say("CONFIG SET maxmemory 1")
    await asyncio.sleep(pause_s)
    locks.say("CONFIG SET maxmemory 0")
    await asyncio.sleep(pause_s)
    with suppress(ConnectionError):
        locks.say("SHUTDOWN NOSAVE")
    await asyncio.sleep(pause_s)
    await asyncio.to_thread(locks.again)


async def _customers(settings: Settings, load: Load, until: float, at_once: int) -> None:
    while time.perf_counter() < until:
        visit = _Visit(settings, load)
        for number in range(0, TURNS_OF_ONE, at_once):
            if time.perf_counter() >= until:
                break
            await visit.ask(*((THANKS, PRICE)[(number + each) % 2] for each in range(at_once)))
        await visit.close()


class _Visit:
    """One visitor, who comes back when the socket breaks and says again what was not acknowledged, as the page does."""

    def __init__(self, settings: Settings, load: Load) -> None:
        self._settings, self._load = settings, load
        self._token: str | None = None
        self._last_seq = 0
        self._socket: ClientConnection | None = None

    async def ask(self, *messages: Message) -> None:
        """Write them at once, and wait until each has its answer."""
        open_, began_at = {uuid.uuid4().hex: message for message in messages}, time.perf_counter()
        try:
            async with asyncio.timeout(ANSWER_PATIENCE_S):
                while not await self._try(open_, began_at):
                    self._load.broken += 1
                    await asyncio.sleep(0.5)
        except TimeoutError:
            self._load.unanswered += len(open_)

    async def _try(self, open_: dict[str, Message], began_at: float) -> bool:
        """Say what is still open, and wait for the answers, each of which is open no more; False: the socket broke."""
        try:
            missed = await self._open() if self._socket is None else []
            assert self._socket is not None
            for client_id, message in open_.items():
                await self._socket.send(json.dumps({"type": "message", "client_id": client_id, "text": message.text}))
            seqs: dict[str, int] = {}
            while open_:
                frame = json.loads(await self._socket.recv())
                if frame["type"] == "ack" and frame["client_id"] in open_:
                    seqs[frame["client_id"]] = frame["seq"]
                elif frame["type"] == "message":
                    missed.append(frame)
                # What came while nobody listened, or before the acknowledgements, may be an answer.
                for each in missed if open_.keys() <= seqs.keys() else []:
                    self._last_seq = each["seq"]
                    if each["author"] == "assistant" and (answered := _answered(each, open_, seqs)):
                        del open_[answered]
                        self._load.latencies_ms.append((time.perf_counter() - began_at) * 1000)
                missed = [] if open_.keys() <= seqs.keys() else missed
        except (OSError, WebSocketException):
            self._socket = None
            return False
        return True

    async def _open(self) -> list[dict[str, Any]]:
        """The messages that came while nobody listened."""
        url = f"{self._settings.public_url.replace('http', 'ws')}/chat/socket"
        origin = self._settings.public_url
        self._socket = await connect(url, origin=origin, proxy=None, compression=None)  # type: ignore[arg-type]
        hello = {"type": "hello", "token": self._token, "last_seq": self._last_seq, "locale": "es"}
        await self._socket.send(json.dumps(hello))
        welcome = json.loads(await self._socket.recv())
        self._token = welcome["token"]
        return list(welcome["messages"])

    async def close(self) -> None:
        if self._socket is not None:
            await self._socket.close()


def _answered(frame: dict[str, Any], open_: dict[str, Message], seqs: dict[str, int]) -> str | None:
    """The message that an assistant's answers, by its client id."""
    later = (client_id for client_id in open_ if frame["seq"] > seqs[client_id])
    return next((client_id for client_id in later if open_[client_id].reply.search(frame["text"])), None)


def _out_of_order(settings: Settings) -> int:
    """The answers that stand behind one to a later message."""
    database = Database(settings.database_url)
    latest = "max(q.seq) OVER (PARTITION BY a.conversation_id ORDER BY a.seq)"
    answers = f"SELECT q.seq AS asked, {latest} AS latest FROM bot_message a JOIN bot_message q ON q.id = a.in_reply_to"
    with database.read() as session:
        count = session.scalar(text(f"SELECT count(*) FROM ({answers}) AS answers WHERE asked < latest"))
    database.dispose()
    return count or 0


def _found(settings: Settings) -> tuple[int, int, int, int]:
    """Customers' messages that differ, those that are kept, those that have an answer, and turns without an end."""
    database = Database(settings.database_url)
    deadline = time.monotonic() + ANSWER_PATIENCE_S
    with database.read() as session:
        open_turns = text("SELECT count(*) FROM bot_turn WHERE status = 'received'")
        while session.scalar(open_turns) and time.monotonic() < deadline:
            session.rollback()
            time.sleep(1)
        mine = "FROM bot_message m WHERE author = 'customer'"
        asked, kept = session.execute(
            text(f"SELECT count(DISTINCT (conversation_id, provider_message_id)), count(*) {mine}")
        ).one()
        answered = session.scalar(
            text(f"SELECT count(*) {mine} AND EXISTS (SELECT 1 FROM bot_message a WHERE a.in_reply_to = m.id)")
        )
        still_open = session.scalar(open_turns)
    database.dispose()
    return asked, kept, answered or 0, still_open or 0


@contextmanager
def _set_of(count: int, home: Path, databases: Databases, lock_port: int) -> Iterator[Set]:
    """`count` of each process and nginx before them, in a `home` that is not there yet."""
    home.mkdir()
    postmaster = int((home.parent / "postgres" / "postmaster.pid").read_text().split()[0])
    ports = {name: free_port() for name in ("web", "rasa", "actions")}
    servers = {name: [free_port() for _ in range(count)] for name in ports}
    tracker_url = sqlalchemy.make_url(databases.create(f"trackers{count}")).set(drivername="postgresql")
    shared = {
        "COMANDA_HOME": str(home),
        "COMANDA_MODE": "demo",
        "COMANDA_SECRET": secrets.token_urlsafe(48),
        "COMANDA_DEMO_MONTH": "0",
        "COMANDA_TURNS_A_MINUTE": "1000000",
        "COMANDA_MESSAGES_PER_ADDRESS": "0",
        "DATABASE_URL": databases.create(f"comanda{count}"),
        "PUBLIC_URL": f"http://127.0.0.1:{ports['web']}",
        "BACKEND_URL": f"http://127.0.0.1:{ports['web']}/api",
        "BOT_URL": f"http://127.0.0.1:{ports['web']}",
        "RASA_URL": f"http://127.0.0.1:{ports['rasa']}",
        "ACTIONS_URL": f"http://127.0.0.1:{ports['actions']}/webhook",
        "RASA_TRACKER_URL": tracker_url.render_as_string(hide_password=False),
        "RASA_LOCK_HOST": "127.0.0.1",
        "RASA_LOCK_PORT": str(lock_port),
        "RASA_LOCK_PASSWORD": "",
        "TICKET_LOCK_LIFETIME": "10",
    }
    settings = Settings.model_validate(shared)
    for prepare in ("migrate", "seed"):
        subprocess.run([COMANDA, prepare], env=os.environ | shared, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    with ExitStack() as stack:
        started = []
        for number in range(count):
            for name, command, environment in _commands(shared, servers, number):
                server = Server.start(f"{name}-{number + 1}", command, environment, home)
                stack.callback(server.end)
                started.append(server)
        stack.enter_context(balancer(home, ports, servers))
        urls = [f"http://127.0.0.1:{port}{HEALTH[name]}" for name, its in servers.items() for port in its]
        for url in urls:
            started[0].running.wait_until(partial(answers, url), READY_PATIENCE_S)
        started[0].running.wait_until(partial(readiness.worker_is_ready, settings), READY_PATIENCE_S)
        yield Set(settings, started, psutil.Process(postmaster), shared["RASA_TRACKER_URL"])


def _commands(
    shared: dict[str, str], servers: dict[str, list[int]], number: int
) -> Iterator[tuple[str, list[str], dict[str, str]]]:
    """The commands of docs/scaling.md for the set number so and so, with what is its own in the environment."""
    own = shared | {
        "PORT": str(servers["web"][number]),
        "RASA_PORT": str(servers["rasa"][number]),
        "ACTIONS_PORT": str(servers["actions"][number]),
        "COMANDA_EXECUTOR": f"worker-{number + 1}",
    }
    rasa = [
        str(RASA_ENVIRONMENT / "bin" / "python"), "-m", "rasa", "run", "--enable-api", "--interface", "127.0.0.1",
        "--port", own["RASA_PORT"], "--model", str(ensure_model()), "--endpoints", "endpoints.cluster.yml",
    ]  # fmt: skip
    yield "rasa", rasa, own | READING_SETTINGS
    yield "actions", [sys.executable, "-m", "comanda.action_server"], own
    yield "web", [sys.executable, "-m", "comanda.web"], own
    yield "worker", [sys.executable, "-m", "comanda.worker"], own
