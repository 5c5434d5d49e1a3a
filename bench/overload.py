"""Three times as many messages as can be answered, for `OVERLOAD_SECONDS` (60), over all of Comanda.

Open loop: customers come when they come, each with a socket and something to say. What is acknowledged must be answered
in the end, what is too much must be refused at once, and soon after it someone new is answered as ever.
"""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import text
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from bench.arrivals import arrivals
from bench.databases import KINDS
from bench.figures import Figure, percentile
from bench.running import running
from bench.turns import PER_SECOND_LEAST, PRICE, THANKS
from bench.visitor import visitor
from kernel.config import Settings
from kernel.db import Database

SECONDS = float(os.environ.get("OVERLOAD_SECONDS", "60"))
PER_S = 3 * PER_SECOND_LEAST
VISITORS = 200
ACKNOWLEDGED_MS_MOST = 1_000
RECOVERY_S_MOST = 30.0
PATIENCE_S = 30.0
DRAIN_S_MOST = 600.0


@dataclass
class Met:
    """What customers met: ms from the moment they came to the acknowledgement; and how many got none."""

    acknowledged_ms: list[float] = field(default_factory=list)
    refused: int = 0
    unheard: int = 0


def measure() -> list[Figure]:
    figures = []
    for title, open_databases in KINDS.items():
        with tempfile.TemporaryDirectory(prefix="comanda-bench-") as folder, open_databases(Path(folder)) as databases:
            figures += [each.of(title) for each in _measure(Path(folder) / "home", databases.create("overload"))]
    return figures


def _measure(home: Path, database_url: str) -> list[Figure]:
    with running(home, {"DATABASE_URL": database_url}) as comanda:
        met = asyncio.run(_crowd(comanda.settings))
        over_at = time.monotonic()
        first_ms = asyncio.run(_someone_new(comanda.settings))
        drained_s, kept, answered, alerts = _drained(comanda.settings, over_at)
    return [
        Figure("messages a second, by themselves", PER_S, "/s"),
        Figure("acknowledged", len(met.acknowledged_ms), ""),
        Figure("… p99 from the moment they came", percentile(met.acknowledged_ms, 99), "ms", ACKNOWLEDGED_MS_MOST),
        Figure("refused at once", met.refused, ""),
        Figure("neither, in half a minute", met.unheard, "", at_most=0),
        Figure("acknowledged and lost", max(len(met.acknowledged_ms) - kept, 0), "", at_most=0),
        Figure("kept and left without an answer", kept - answered, "", at_most=0),
        Figure("turns that failed", alerts, "", at_most=0),
        Figure("someone new, right after it, is answered after", first_ms / 1000, "s", at_most=RECOVERY_S_MOST),
        Figure("all of it is answered after", drained_s, "s"),
    ]


async def _crowd(settings: Settings) -> Met:
    met = Met()
    url, origin = f"ws://127.0.0.1:{settings.port}/chat/socket", settings.public_url
    due: list[asyncio.Queue[float]] = [asyncio.Queue() for _ in range(VISITORS)]
    began_at = time.perf_counter()

    async def customer(mine: asyncio.Queue[float]) -> None:
        async with connect(url, origin=origin, proxy=None, compression=None) as socket:  # type: ignore[arg-type]
            await socket.send(json.dumps({"type": "hello", "token": None, "last_seq": 0, "locale": "es"}))
            await socket.recv()
            while (at := await mine.get()) >= 0:
                await _say(socket, at, met)

    async def safely(mine: asyncio.Queue[float]) -> None:
        try:
            await customer(mine)
        except (OSError, WebSocketException):
            met.unheard += mine.qsize()

    async with asyncio.TaskGroup() as group:
        for mine in due:
            group.create_task(safely(mine))
        for number, moment in enumerate(arrivals(PER_S, SECONDS, seed=1)):
            await asyncio.sleep(max(began_at + moment - time.perf_counter(), 0))
            due[number % VISITORS].put_nowait(began_at + moment)
        for mine in due:
            mine.put_nowait(-1.0)
    return met


async def _say(socket: ClientConnection, came_at: float, met: Met) -> None:
    client_id = uuid.uuid4().hex
    said = (THANKS, PRICE)[len(met.acknowledged_ms) % 2].text
    await socket.send(json.dumps({"type": "message", "client_id": client_id, "text": said}))
    try:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                frame = json.loads(await socket.recv())
                if frame.get("client_id") == client_id and frame["type"] == "ack":
                    met.acknowledged_ms.append((time.perf_counter() - came_at) * 1000)
                    return
                if frame.get("client_id") == client_id and frame["type"] == "error":
                    met.refused += 1
                    return
    except TimeoutError:
        met.unheard += 1


async def _someone_new(settings: Settings) -> float:
    began_at = time.perf_counter()
    async with visitor(settings) as customer:
        await customer.say(THANKS.text, THANKS.reply)
    return (time.perf_counter() - began_at) * 1000


def _drained(settings: Settings, over_at: float) -> tuple[float, int, int, int]:
    """Seconds until no turn is open; messages that are kept, those that have an answer, turns that failed."""
    database = Database(settings.database_url)

    def count(query: str) -> int:
        with database.read() as session:
            return int(session.scalar(text(query)) or 0)

    while (
        count("SELECT count(*) FROM bot_turn WHERE status = 'received'") and time.monotonic() < over_at + DRAIN_S_MOST
    ):
        time.sleep(0.5)
    drained_s = time.monotonic() - over_at
    mine = "SELECT count(*) FROM bot_message m WHERE author = 'customer'"
    kept = count(mine) - 1  # someone new's
    answered = count(f"{mine} AND EXISTS (SELECT 1 FROM bot_message a WHERE a.in_reply_to = m.id)") - 1
    failed = count("SELECT count(*) FROM bot_turn WHERE status = 'failed'")
    database.dispose()
    return drained_s, kept, answered, failed
