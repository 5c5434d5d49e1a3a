"""What good customers notice of a flood: how long they wait for answers while others do their worst.

The whole of Comanda, asked by a few customers without a pause, first alone and then during each kind of flood, which
comes from another address (127.0.0.2): one visitor who never stops, a thousand of them, and very many connections
that are idle, slow, or carry far too large a head.
"""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from bench.figures import Figure, percentile
from bench.running import running
from bench.turns import PRICE, THANKS
from bench.visitor import visitor
from comanda.progress import say
from kernel.config import Settings

FLOOD_S = float(os.environ.get("FLOOD_SECONDS", "20"))
IDENTITIES = int(os.environ.get("FLOOD_IDENTITIES", "1000"))
IDLE = int(os.environ.get("FLOOD_IDLE", "2000"))
SLOW, HUGE_BYTES = 200, 256 * 1024
# Of one visitor, and of a thousand together, each second.
ONE_PER_S, MANY_PER_S = 100.0, 200.0
CUSTOMERS, PAUSE_S = 5, 0.5
P95_MS_MOST, ERRORS_PERCENT_MOST = 2_000, 0.5
ELSEWHERE = ("127.0.0.2", 0)
OPENING_AT_ONCE = 50
Flood = Callable[[Settings, Counter[str]], AbstractAsyncContextManager[None]]


def measure() -> list[Figure]:
    floods: dict[str, Flood] = {
        "alone": _nothing,
        "one visitor who never stops": lambda settings, met: _talkers(settings, met, 1, ONE_PER_S),
        f"{IDENTITIES:,} visitors who never stop": lambda settings, met: _talkers(
            settings, met, IDENTITIES, MANY_PER_S
        ),
        f"{IDLE:,} idle sockets": _idle,
        f"{SLOW} slow requests and huge heads": _slow,
    }
    figures = []
    with (
        tempfile.TemporaryDirectory(prefix="comanda-bench-") as folder,
        running(Path(folder), {"COMANDA_MESSAGES_PER_ADDRESS": "100"}) as comanda,
    ):
        for name, flood in floods.items():
            say(f"good customers, and: {name} …")
            figures += asyncio.run(_during(name, flood, comanda.settings))
    return figures


async def _during(name: str, flood: Flood, settings: Settings) -> list[Figure]:
    met, waits_ms, failed = Counter[str](), [], 0
    async with flood(settings, met):
        began_at = time.monotonic()
        customers = await asyncio.gather(*(_customer(settings, began_at + FLOOD_S) for _ in range(CUSTOMERS)))
        lasted_s = time.monotonic() - began_at
    for waits, failures in customers:
        waits_ms += waits
        failed += failures
    asked = len(waits_ms) + failed
    return [
        Figure(f"{name}: p95", percentile(waits_ms or [0.0], 95), "ms", at_most=P95_MS_MOST),
        Figure(f"{name}: unanswered", 100 * failed / asked, "%", at_most=ERRORS_PERCENT_MOST),
        *(Figure(f"{name}: {what}", count / lasted_s, "/s") for what, count in sorted(met.items())),
    ]


async def _customer(settings: Settings, ends_at: float) -> tuple[list[float], int]:
    waits_ms, failed, number = [], 0, 0
    async with visitor(settings) as customer:
        while time.monotonic() < ends_at:
            message = (THANKS, PRICE)[number % 2]
            number += 1
            try:
                waits_ms.append((await customer.say(message.text, message.reply)).latency_ms)
            except (RuntimeError, TimeoutError):
                failed += 1
            await asyncio.sleep(PAUSE_S)
    return waits_ms, failed


@asynccontextmanager
async def _nothing(_settings: Settings, _met: Counter[str]) -> AsyncIterator[None]:
    yield


@asynccontextmanager
async def _talkers(settings: Settings, met: Counter[str], count: int, per_second: float) -> AsyncIterator[None]:
    sockets = await _open(settings, count)

    async def hear(socket: ClientConnection) -> None:
        with suppress(WebSocketException, OSError):
            async for raw in socket:
                frame: dict[str, Any] = json.loads(raw)
                if frame["type"] in ("ack", "error"):
                    met["of theirs taken" if frame["type"] == "ack" else "of theirs put off"] += 1

    async def talk() -> None:
        began_at, number = time.monotonic(), 0
        while True:
            frame = {"type": "message", "client_id": str(number), "text": "hola"}
            with suppress(WebSocketException, OSError):
                await sockets[number % count].send(json.dumps(frame))
            number += 1
            await asyncio.sleep(max(0.0, began_at + number / per_second - time.monotonic()))

    async with _running([hear(each) for each in sockets] + [talk()]):
        yield
    await _close(sockets)


@asynccontextmanager
async def _idle(settings: Settings, _met: Counter[str]) -> AsyncIterator[None]:
    sockets = await _open(settings, IDLE)
    yield
    await _close(sockets)


@asynccontextmanager
async def _slow(settings: Settings, met: Counter[str]) -> AsyncIterator[None]:
    async def trickle() -> None:
        """A byte of a head each second, for as long as it is let."""
        while True:
            with suppress(OSError):
                _reader, writer = await asyncio.open_connection("127.0.0.1", settings.port, local_addr=ELSEWHERE)
                writer.write(b"POST /channels/whatsapp HTTP/1.1\r\nHost: x\r\nX-Slow: ")
                while not writer.is_closing():
                    writer.write(b"x")
                    await writer.drain()
                    await asyncio.sleep(1)
            await asyncio.sleep(1)

    async def shout() -> None:
        while True:
            with suppress(OSError):
                reader, writer = await asyncio.open_connection("127.0.0.1", settings.port, local_addr=ELSEWHERE)
                writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nX-Huge: " + b"x" * HUGE_BYTES + b"\r\n\r\n")
                met[f"huge heads answered {(await reader.read(12))[9:12].decode() or 'by a cut'}"] += 1
                writer.close()
            await asyncio.sleep(0.1)

    async with _running([trickle() for _ in range(SLOW)] + [shout() for _ in range(4)]):
        yield


@asynccontextmanager
async def _running(works: list[Any]) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(work) for work in works]
    yield
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _open(settings: Settings, count: int) -> list[ClientConnection]:
    turnstile = asyncio.Semaphore(OPENING_AT_ONCE)

    async def one() -> ClientConnection:
        async with turnstile:
            url = f"ws://127.0.0.1:{settings.port}/chat/socket"
            more: dict[str, Any] = {"origin": settings.public_url, "proxy": None, "local_addr": ELSEWHERE}
            socket = await connect(url, open_timeout=60, ping_interval=None, **more)
            await socket.send(json.dumps({"type": "hello", "token": None, "last_seq": 0, "locale": "es"}))
            await socket.recv()
            return socket

    return list(await asyncio.gather(*(one() for _ in range(count))))


async def _close(sockets: list[ClientConnection]) -> None:
    for start in range(0, len(sockets), OPENING_AT_ONCE):
        await asyncio.gather(
            *(each.close() for each in sockets[start : start + OPENING_AT_ONCE]), return_exceptions=True
        )
