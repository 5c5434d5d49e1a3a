"""Very many open web chats: how soon what one of them says is stored and shown, and what an open one holds in memory.

The real `web` process alone, over one database: nobody answers, so it is the channel that is measured. Each socket is
a visitor of its own, with the compression that browsers offer. By an open loop one of them after the other says
something; a latency counts from the moment it was due, to the acknowledgement (it is stored, and its turn enqueued)
and to the message itself coming back by the way that everything comes which the shop says.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import time
from pathlib import Path

import psutil
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin

from bench.arrivals import arrivals
from bench.databases import KINDS
from bench.figures import Figure, percentile
from bench.processes import free_port, listens, process

SOCKETS = int(os.environ.get("SOCKETS", "2000"))
PER_SECOND = float(os.environ.get("SOCKETS_MESSAGES", "200"))
LOAD_S = float(os.environ.get("SOCKETS_SECONDS", "30"))
P99_MS_MOST = 500
OPENING_AT_ONCE = 50
START_S, PATIENCE_S = 120.0, 60.0


def measure() -> list[Figure]:
    figures = []
    for title, open_databases in KINDS.items():
        with tempfile.TemporaryDirectory(prefix="comanda-bench-") as folder, open_databases(Path(folder)) as databases:
            figures += [each.of(title) for each in _measure(Path(folder), databases.create("sockets"))]
    return figures


def _measure(home: Path, database_url: str) -> list[Figure]:
    port = free_port()
    settings = {
        "COMANDA_HOME": str(home),
        "DATABASE_URL": database_url,
        "PORT": str(port),
        "COMANDA_MODE": "demo",
        "COMANDA_TURNS_A_MINUTE": "1000000",
    }
    settings |= {"PUBLIC_URL": "", "BACKEND_URL": "", "LOG_LEVEL": "WARNING", "COMANDA_MESSAGES_PER_ADDRESS": "0"}
    with process([sys.executable, "-m", "comanda.web"], settings, home / "web.log") as web:
        web.wait_until(lambda: listens(port), START_S)
        return asyncio.run(_run(port, psutil.Process(web.pid)))


class _Visitors:
    def __init__(self, port: int) -> None:
        self._port = port
        self._open: list[ClientConnection] = []
        self._due: dict[str, float] = {}
        self.acknowledged_ms: list[float] = []
        self.shown_ms: list[float] = []
        self.cut = 0

    async def open(self, count: int) -> None:
        turnstile = asyncio.Semaphore(OPENING_AT_ONCE)

        async def one() -> None:
            async with turnstile:
                origin = Origin(f"http://127.0.0.1:{self._port}")
                url = f"ws://127.0.0.1:{self._port}/chat/socket"
                socket = await connect(url, origin=origin, open_timeout=PATIENCE_S, proxy=None, ping_interval=None)
                await socket.send(json.dumps({"type": "hello", "token": None, "last_seq": 0, "locale": "es"}))
                await socket.recv()
                self._open.append(socket)

        await asyncio.gather(*(one() for _ in range(count)))

    async def talk(self) -> int:
        """How many messages were said; those that came back are in `acknowledged_ms` and `shown_ms`."""
        readers = [asyncio.create_task(self._read(socket)) for socket in self._open]
        moments = list(arrivals(PER_SECOND, LOAD_S, seed=4))
        began_at = time.perf_counter()
        for number, moment in enumerate(moments):
            await asyncio.sleep(max(0.0, began_at + moment - time.perf_counter()))
            self._due[str(number)] = began_at + moment
            frame = {"type": "message", "client_id": str(number), "text": f"quiero {number} cajas de leche"}
            await self._open[number % len(self._open)].send(json.dumps(frame))
        deadline = time.monotonic() + PATIENCE_S
        while min(len(self.acknowledged_ms), len(self.shown_ms)) < len(moments) and time.monotonic() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        for each in readers:
            each.cancel()
        await asyncio.gather(*readers, return_exceptions=True)
        return len(moments)

    async def _read(self, socket: ClientConnection) -> None:
        try:
            async for raw in socket:
                frame = json.loads(raw)
                if frame["type"] in ("ack", "message"):
                    passed_ms = (time.perf_counter() - self._due[frame["client_id"]]) * 1000
                    (self.acknowledged_ms if frame["type"] == "ack" else self.shown_ms).append(passed_ms)
        except ConnectionClosed:
            self.cut += 1

    async def close(self) -> None:
        await asyncio.gather(*(socket.close() for socket in self._open))


async def _run(port: int, web: psutil.Process) -> list[Figure]:
    visitors = _Visitors(port)
    # The first few pay for what is loaded once.
    await visitors.open(20)
    before = web.memory_info().rss
    began_at = time.perf_counter()
    await visitors.open(SOCKETS - 20)
    opened_s = time.perf_counter() - began_at
    opened = web.memory_info().rss
    cpu_before = sum(web.cpu_times()[:2])
    said = await visitors.talk()
    cpu_s = sum(web.cpu_times()[:2]) - cpu_before
    after = web.memory_info().rss
    await visitors.close()
    return [
        Figure("sockets open", SOCKETS, ""),
        Figure("opened, with a visitor and a conversation each", SOCKETS / opened_s, "/s"),
        Figure("memory of an open socket", (opened - before) / (SOCKETS - 20) / 1000, "kB"),
        Figure("web, resident with all of them open", opened / 1e6, "MB"),
        Figure("web, resident after the load", after / 1e6, "MB"),
        Figure("messages said", said / LOAD_S, "/s"),
        Figure("CPU of web per message", cpu_s / said * 1000, "ms"),
        Figure("acknowledged, p50", percentile(visitors.acknowledged_ms, 50), "ms"),
        Figure("acknowledged, p99", percentile(visitors.acknowledged_ms, 99), "ms", at_most=P99_MS_MOST),
        Figure("shown, p99", percentile(visitors.shown_ms, 99), "ms", at_most=P99_MS_MOST),
        Figure("not acknowledged", said - len(visitors.acknowledged_ms), "", at_most=0),
        Figure("not shown, or twice", abs(said - len(visitors.shown_ms)), "", at_most=0),
        Figure("sockets cut off", visitors.cut, "", at_most=0),
    ]
