import asyncio
import json
import threading
from collections import Counter
from collections.abc import Iterator

import pytest

from bench.http_load import post, send_all


class CountingServer:
    """Answers 200 to what has a body and 422 to what has none, and counts its connections and requests."""

    def __init__(self) -> None:
        self.connections = 0
        self.bodies: list[bytes] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        while head := await reader.readline():
            length = 0
            while (line := await reader.readline()) != b"\r\n":
                if line.lower().startswith(b"content-length:"):
                    length = int(line.partition(b":")[2])
            self.bodies.append(await reader.readexactly(length))
            status = b"200 OK" if length else b"422 Unprocessable Content"
            assert head == b"POST /orders HTTP/1.1\r\n"
            writer.write(b"HTTP/1.1 " + status + b"\r\nContent-Length: 2\r\n\r\n{}")
        writer.close()


@pytest.fixture
def server() -> Iterator[tuple[CountingServer, int]]:
    counting, loop = CountingServer(), asyncio.new_event_loop()
    listening = loop.run_until_complete(asyncio.start_server(counting.serve, "127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield counting, listening.sockets[0].getsockname()[1]
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    listening.close()
    loop.close()


def test_every_request_is_sent_once_over_the_given_connections(server: tuple[CountingServer, int]):
    counting, port = server

    load = send_all(port, [post("/orders", {"number": number}) for number in range(100)], connections=4)

    assert sorted(json.loads(body)["number"] for body in counting.bodies) == list(range(100))
    assert counting.connections == 4
    assert len(load.latencies_ms) == 100
    assert load.statuses == Counter({200: 100})


def test_refusals_are_counted_as_such(server: tuple[CountingServer, int]):
    _counting, port = server

    load = send_all(port, [post("/orders"), post("/orders", {"number": 1}), post("/orders")], connections=1)

    assert load.statuses == Counter({422: 2, 200: 1})
