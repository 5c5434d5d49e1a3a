"""Heads of requests that go on and on are cut off, by length and by time."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from comanda import bounded_http
from comanda.bounded_http import BoundedHttp
from tests.bot.neighbours import wait_until

BEGUN = b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: "
POST = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n"


async def _length(request: Request) -> PlainTextResponse:
    return PlainTextResponse(str(len(await request.body())))


@pytest.fixture
def port() -> Iterator[int]:
    listener = socket.create_server(("127.0.0.1", 0))
    app = Starlette(routes=[Route("/", _length, methods=["GET", "POST"])])
    server = uvicorn.Server(uvicorn.Config(app, http=BoundedHttp, log_level="critical", lifespan="off"))
    thread = threading.Thread(target=lambda: server.run([listener]), daemon=True)
    thread.start()
    wait_until(lambda: server.started)
    yield listener.getsockname()[1]
    server.should_exit = True
    thread.join(10)
    listener.close()


def dial(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=15)


def is_cut_off(line: socket.socket) -> bool:
    try:
        return line.recv(1) == b""
    except ConnectionError:
        return True


def test_a_head_without_an_end_is_cut_off(port: int) -> None:  # case 103
    with dial(port) as line:
        try:
            for _ in range(200):
                line.sendall(BEGUN if _ == 0 else b"x" * 16_384)
        except ConnectionError:
            return
        raise AssertionError("three megabytes of a head were taken")


@pytest.mark.parametrize("said", [b"", BEGUN], ids=["nothing", "half a head"])
def test_a_head_that_does_not_come_is_not_waited_for(
    port: int, monkeypatch: pytest.MonkeyPatch, said: bytes
) -> None:  # case 103
    monkeypatch.setattr(bounded_http, "HEAD_WITHIN_S", 0.3)
    with dial(port) as line:
        line.sendall(said)
        assert is_cut_off(line)


def test_a_slow_body_and_the_request_after_it_are_taken(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded_http, "HEAD_WITHIN_S", 0.5)
    with dial(port) as line:
        for _ in range(2):
            line.sendall(POST + b"x" * 100_000)
            threading.Event().wait(0.8)
            line.sendall(b"x" * 100_000)
            answer = b""
            while not answer.endswith(b"200000"):
                answer += (piece := line.recv(4096))
                assert piece, "the line was cut"
            assert answer.startswith(b"HTTP/1.1 200 OK")
