"""What browsers are told, by every answer of the public process."""

from __future__ import annotations

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route

from comanda.security_headers import HEADERS, SecurityHeaders


async def plain(_request: Request) -> Response:
    return PlainTextResponse("ok")


async def failing(_request: Request) -> Response:
    raise RuntimeError("a fault of ours")


async def with_own_policy(_request: Request) -> Response:
    return PlainTextResponse("ok", headers={"Content-Security-Policy": "default-src 'none'"})


@pytest.fixture
def client() -> httpx.AsyncClient:
    return visitor(Middleware(SecurityHeaders))


def visitor(middleware: Middleware) -> httpx.AsyncClient:
    part = Starlette(routes=[Route("/failing", failing)])
    app = Starlette(
        routes=[Route("/plain", plain), Route("/own", with_own_policy), Mount("/part", part)], middleware=[middleware]
    )
    return httpx.AsyncClient(transport=httpx.ASGITransport(app, raise_app_exceptions=False), base_url="http://shop")


@pytest.mark.parametrize("path", ["/plain", "/no-such-page", "/part/failing"])
async def test_every_answer_carries_the_headers(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)

    assert "Strict-Transport-Security" not in answer.headers
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS


async def test_a_part_may_name_its_own_policy(client: httpx.AsyncClient) -> None:
    answer = await client.get("/own")

    assert answer.headers.get_list("Content-Security-Policy") == ["default-src 'none'"]


def test_no_script_from_elsewhere_no_inline_script_and_no_frame_is_allowed() -> None:
    policy = dict(part.split(" ", 1) for part in HEADERS["Content-Security-Policy"].split("; "))

    assert policy["default-src"] == "'self'"
    assert "script-src" not in policy
    assert policy["frame-ancestors"] == "'none'"


async def test_a_shop_that_is_reached_by_https_is_never_reached_otherwise_again() -> None:
    answer = await visitor(Middleware(SecurityHeaders, is_encrypted=True)).get("/plain")

    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
