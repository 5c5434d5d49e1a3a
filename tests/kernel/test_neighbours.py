"""HTTP between our own processes."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

from kernel import neighbours

# More than httpx keeps by itself.
STREAMS = 25


async def test_connections_are_used_again_while_many_streams_are_open() -> None:
    opened = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal opened
        opened += 1
        while request := await reader.readuntil(b"\r\n\r\n"):
            if request.startswith(b"GET /stream"):
                writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n")
            else:
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, AsyncExitStack() as streams, neighbours.client(f"http://127.0.0.1:{port}") as client:
        for _ in range(STREAMS):
            await streams.enter_async_context(client.stream("GET", "stream"))
        for _ in range(10):
            assert (await client.get("news")).text == "ok"

        assert opened == STREAMS + 1
