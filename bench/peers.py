"""A turn of Comanda beside what else answers messages: stock Rasa, Rasa that only parses, and an echo.

On loopback, message in to reply out, in one run and in turns, so that a disturbance meets them all. Stock Rasa is asked
through its REST channel, over connections that stay open; so is Comanda's Rasa alone, with no Comanda around it. The
whole of Comanda has its web chat's socket. They do not do the same: stock Rasa keeps its conversations in memory and
answers from its file of texts; a turn of Comanda is stored before it is acknowledged, survives `kill -9` at any moment,
is answered once, in order, and has a whole shop behind it. What that costs is the difference.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import httpx
import psutil
from websockets.asyncio.client import connect

from bench.figures import Figure, percentile, rate
from bench.processes import free_port, listens, process
from bench.running import Running, running
from bench.stock_rasa import stock_rasa
from bench.turns import HELLO, THANKS
from bench.visitor import visitor

ROUNDS = 3
TURNS = 9
CUSTOMERS = 4
PARSE, REST = "/model/parse", "/webhooks/rest/webhook"
START_PATIENCE_S = 20.0


class Talker(Protocol):
    async def say(self, text: str) -> float:
        """Send it, wait for the answer; how many ms that took."""
        ...


@dataclass
class Peer:
    """Who answers: someone new to talk to, what is said to it, and the processes that work for it."""

    name: str
    newcomer: Callable[[], AbstractAsyncContextManager[Talker]]
    text: str
    processes: list[psutil.Process]
    latencies_ms: list[float] = field(default_factory=list)
    per_second: list[float] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)

    def figures(self) -> list[Figure]:
        return [
            Figure(f"{self.name}: median", statistics.median(self.latencies_ms), "ms"),
            Figure(f"{self.name}: p95", percentile(self.latencies_ms, 95), "ms"),
            Figure(f"{self.name}: {CUSTOMERS} customers at once", rate(self.per_second), "/s"),
            # Of an echo the system's clock sees nothing.
            *(
                [Figure(f"{self.name}: CPU of a turn", cpu_ms, "ms")]
                if (cpu_ms := statistics.median(self.cpu_ms))
                else []
            ),
        ]


def measure() -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="comanda-bench-") as name:
        home = Path(name)
        with stock_rasa(home / "stock.log") as (stock_port, stock), _echo(home) as echo, running(home) as comanda:
            stock_url, stock_process = f"http://127.0.0.1:{stock_port}", psutil.Process(stock.pid)
            ours, all_of_it = comanda.settings.rasa_url, comanda.processes()
            thinking = [all_of_it["rasa"], all_of_it["actions"]]
            peers = [
                Peer("echo over HTTP", partial(_poster, echo.url, "/", "gracias"), "gracias", [echo.process]),
                Peer("echo over a socket", partial(_echoed, echo.url), "gracias", [echo.process]),
                Peer("stock Rasa, parsing alone", partial(_poster, stock_url, PARSE, "bye"), "bye", [stock_process]),
                Peer("stock Rasa, REST", partial(_poster, stock_url, REST, "Bye"), "bye", [stock_process]),
                Peer("our Rasa, parsing alone", partial(_poster, ours, PARSE, "thank"), "gracias", [all_of_it["rasa"]]),
                Peer("our Rasa, REST", partial(_poster, ours, REST, "gusto"), "gracias", thinking),
                Peer("Comanda, web chat", partial(_customer, comanda), THANKS.text, list(all_of_it.values())),
            ]
            for number in range(ROUNDS + 1):
                for peer in peers:
                    asyncio.run(_round(peer, is_warm=number > 0))
    return [figure for peer in peers for figure in peer.figures()]


async def _round(peer: Peer, *, is_warm: bool) -> None:
    """One customer alone, then several at once; the first message of each, which makes the conversation, apart."""
    async with AsyncExitStack() as stack:
        talkers = [await stack.enter_async_context(peer.newcomer()) for _ in range(CUSTOMERS)]
        await asyncio.gather(*(talker.say(peer.text) for talker in talkers))
        latencies_ms = await _talk(talkers[0], peer.text)
        began_at, used_before = time.perf_counter(), _cpu_s(peer)
        crowd = await asyncio.gather(*(_talk(talker, peer.text) for talker in talkers))
        count = sum(len(each) for each in crowd)
        if is_warm:
            peer.latencies_ms += latencies_ms
            peer.per_second.append(count / (time.perf_counter() - began_at))
            peer.cpu_ms.append(1000 * (_cpu_s(peer) - used_before) / count)


async def _talk(talker: Talker, text: str) -> list[float]:
    return [await talker.say(text) for _ in range(TURNS)]


def _cpu_s(peer: Peer) -> float:
    times = [process.cpu_times() for process in peer.processes]
    return sum(each.user + each.system for each in times)


class _Poster:
    """Who sends messages over HTTP; every answer has `expected` in it."""

    def __init__(self, client: httpx.AsyncClient, path: str, expected: str) -> None:
        self._client, self._path, self._expected = client, path, expected
        self._sender = uuid.uuid4().hex

    async def say(self, text: str) -> float:
        metadata = {"conversation_id": self._sender, "message_id": uuid.uuid4().hex, "channel": "web", "locale": "es"}
        body = {"sender": self._sender, "message": text, "text": text, "metadata": metadata | {"via": "text"}}
        began_at = time.perf_counter()
        answer = await self._client.post(self._path, json=body)
        taken_ms = (time.perf_counter() - began_at) * 1000
        assert self._expected in answer.text, answer.text
        return taken_ms


@asynccontextmanager
async def _poster(url: str, path: str, expected: str) -> AsyncIterator[Talker]:
    async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=60, verify=False) as client:
        yield _Poster(client, path, expected)


class _Customer:
    def __init__(self, say: Callable[..., Awaitable[Any]]) -> None:
        self._say = say

    async def say(self, text: str) -> float:
        turn = await self._say(text, THANKS.reply)
        return float(turn.latency_ms)


@asynccontextmanager
async def _customer(comanda: Running) -> AsyncIterator[Talker]:
    async with visitor(comanda.settings) as someone:
        await someone.say(HELLO.text, HELLO.reply)
        yield _Customer(someone.say)


class _Echoed:
    def __init__(self, connection: Any) -> None:
        self._connection = connection

    async def say(self, text: str) -> float:
        began_at = time.perf_counter()
        await self._connection.send(text)
        assert await self._connection.recv() == text
        return (time.perf_counter() - began_at) * 1000


@asynccontextmanager
async def _echoed(url: str) -> AsyncIterator[Talker]:
    async with connect(url.replace("http", "ws"), proxy=None, compression=None) as connection:
        yield _Echoed(connection)


@dataclass(frozen=True)
class Echo:
    url: str
    process: psutil.Process


@contextmanager
def _echo(home: Path) -> Iterator[Echo]:
    port = free_port()
    with process([sys.executable, "-m", "bench.echo_server", str(port)], {}, home / "echo.log") as server:
        server.wait_until(lambda: listens(port), START_PATIENCE_S)
        yield Echo(f"http://127.0.0.1:{port}", psutil.Process(server.pid))
