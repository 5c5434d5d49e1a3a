"""A closed-loop HTTP/1.1 load over keep-alive connections, light enough not to be what is measured.

A full HTTP client costs more than the empty endpoint it would time, on the same cores. The requests are bytes made
beforehand; of each answer only the status and the length are read.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Load:
    """What a load met: `latencies_ms` one per request, `statuses` how often each HTTP status came."""

    elapsed_s: float
    latencies_ms: list[float]
    statuses: Counter[int]

    @property
    def per_second(self) -> float:
        return len(self.latencies_ms) / self.elapsed_s


def post(path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> bytes:
    """A whole POST request with a JSON body, ready to send."""
    content = b"" if body is None else json.dumps(body).encode()
    lines = [f"POST {path} HTTP/1.1", f"Host: {HOST}", f"Content-Length: {len(content)}"]
    if content:
        lines.append("Content-Type: application/json")
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join([*lines, "", ""]).encode() + content


def send_all(port: int, requests: Sequence[bytes], connections: int) -> Load:
    """Send every request once, over `connections` connections that each wait for their answer."""
    return asyncio.run(_send_all(port, requests, connections))


async def _send_all(port: int, requests: Sequence[bytes], connections: int) -> Load:
    waiting = iter(requests)
    # Every connection stands before the clock starts.
    streams = [await asyncio.open_connection(HOST, port) for _ in range(connections)]
    began_at = time.perf_counter()
    answers = await asyncio.gather(*(_send_in_turn(*stream, waiting) for stream in streams))
    elapsed_s = time.perf_counter() - began_at
    for _, writer in streams:
        writer.close()
    each = [answer for of_one in answers for answer in of_one]
    return Load(elapsed_s, [latency for latency, _ in each], Counter(status for _, status in each))


async def _send_in_turn(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, waiting: Iterator[bytes]
) -> list[tuple[float, int]]:
    """Send what waits, each after the answer to the one before; latency in ms and HTTP status of each."""
    answers = []
    for request in waiting:
        sent_at = time.perf_counter()
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        await reader.readexactly(_length(head))
        answers.append(((time.perf_counter() - sent_at) * 1000, int(head[9:12])))
    return answers


def _length(head: bytes) -> int:
    return int(head.partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0])
