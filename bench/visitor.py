"""A customer on the web channel who measures: one socket, one message at a time (docs/web-chat-protocol.md)."""

from __future__ import annotations

import asyncio
import json
import re
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from kernel.config import Settings

# Long past any latency worth measuring: the measurement has failed.
PATIENCE_S = 60.0


@dataclass(frozen=True, slots=True)
class Turn:
    """One message and its answer. `*_at` are seconds since the epoch, comparable with what the rows say.

    `turn_id` is the durable turn's; the latency is by a clock that never jumps.
    """

    turn_id: str
    sent_at: float
    acknowledged_at: float
    replied_at: float
    latency_ms: float


class Visitor:
    def __init__(self, connection: ClientConnection, conversation_id: str) -> None:
        self._connection = connection
        self._conversation_id = conversation_id

    async def say(self, text: str, reply: re.Pattern[str]) -> Turn:
        """Send a message and wait until it is answered as `reply` describes: an apology is fast, and no answer.

        Raises: RuntimeError when it is refused, TimeoutError when the answer does not come in a minute.
        """
        client_id = str(uuid.uuid4())
        frame = json.dumps({"type": "message", "client_id": client_id, "text": text})
        sent_at, began_at = time.time(), time.perf_counter()
        await self._connection.send(frame)
        async with asyncio.timeout(PATIENCE_S):
            seq, acknowledged_at = await self._acknowledgement(client_id)
            await self._answer(seq, reply)
        latency_ms = (time.perf_counter() - began_at) * 1000
        turn_id = f"{self._conversation_id}:{seq:09d}"
        return Turn(turn_id, sent_at, acknowledged_at, time.time(), latency_ms)

    async def _acknowledgement(self, client_id: str) -> tuple[int, float]:
        while (frame := await self._frame()).get("type") != "ack" or frame["client_id"] != client_id:
            if frame["type"] == "error":
                raise RuntimeError(f"the channel refused: {frame}")
        return frame["seq"], time.time()

    async def _answer(self, seq: int, reply: re.Pattern[str]) -> None:
        """Later parts of the turn before have a smaller `seq` than our message."""
        while True:
            frame = await self._frame()
            is_reply = frame["type"] == "message" and frame["author"] != "customer" and frame["seq"] > seq
            if is_reply and reply.search(frame["text"]):
                return

    async def _frame(self) -> dict[str, Any]:
        frame: dict[str, Any] = json.loads(await self._connection.recv())
        return frame


@asynccontextmanager
async def visitor(settings: Settings) -> AsyncIterator[Visitor]:
    """Someone new on the shop's page, Spanish-speaking, welcomed."""
    url = f"ws://127.0.0.1:{settings.port}/chat/socket"
    async with connect(url, origin=settings.public_url, proxy=None, compression=None) as connection:  # type: ignore[arg-type]
        await connection.send(json.dumps({"type": "hello", "token": None, "last_seq": 0, "locale": "es"}))
        async with asyncio.timeout(PATIENCE_S):
            welcome = json.loads(await connection.recv())
        yield Visitor(connection, welcome["conversation_id"])
