"""What is refused at the door when more is asked at once than can be answered in time."""

from __future__ import annotations

import asyncio
from collections import Counter

import httpx
import pytest
import structlog
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from comanda.admission import AT_ONCE_MOST, AT_ONCE_MOST_OF, Admission


class Held:
    """An app whose answers wait for `go`; `most` is how many were in work at once."""

    def __init__(self) -> None:
        self.go, self.now, self.most = asyncio.Event(), 0, 0
        app = Starlette(routes=[Route("/{path:path}", self.answer)])
        self.door = Admission(app, frozenset({"api", "channels", "console"}))
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(self.door), base_url="http://shop")

    async def answer(self, _request: Request) -> Response:
        self.now, self.most = self.now + 1, max(self.most, self.now + 1)
        await self.go.wait()
        self.now -= 1
        return PlainTextResponse("ok")

    def ask(self, path: str, times: int = 1) -> list[asyncio.Task[httpx.Response]]:
        return [asyncio.create_task(self.client.get(path)) for _ in range(times)]


# case 115
@pytest.mark.parametrize(
    ("path", "most"), [("/console/orders", AT_ONCE_MOST), ("/channels/x", AT_ONCE_MOST_OF["channels"])]
)
async def test_of_three_times_as_many_as_can_be_answered_two_thirds_are_refused_at_once(path: str, most: int) -> None:
    shop = Held()

    asked = shop.ask(path, 3 * most)
    refused = await asyncio.wait_for(asyncio.gather(*asked[most:]), 30)
    shop.go.set()
    answered = await asyncio.gather(*asked[:most])

    print(f"{len(asked)} at once: {len(refused)} refused before any was answered, {len(answered)} answered")
    assert (len(refused), len(answered), shop.most) == (2 * most, most, most)
    assert Counter((each.status_code, each.headers["Retry-After"]) for each in refused) == {(503, "1"): 2 * most}
    assert refused[0].json()["code"] == "unavailable"
    assert {each.status_code for each in answered} == {200}
    assert (await shop.client.get(path)).status_code == 200


async def test_one_part_that_is_full_holds_up_no_other_and_no_question_how_we_are() -> None:
    shop = Held()
    full = shop.ask("/api/orders", AT_ONCE_MOST_OF["api"] + 1)
    done, _ = await asyncio.wait(full, return_when=asyncio.FIRST_COMPLETED)

    others = [*shop.ask("/channels/x"), *shop.ask("/console/"), *shop.ask("/elsewhere"), *shop.ask("/readyz", 99)]
    await asyncio.sleep(0)
    shop.go.set()

    assert [each.result().status_code for each in done] == [503]
    assert {each.status_code for each in await asyncio.gather(*others)} == {200}
    await asyncio.gather(*full)


async def test_pages_that_listen_take_no_place() -> None:
    shop = Held()
    streams = shop.ask("/console/events", 2 * AT_ONCE_MOST)

    page = shop.ask("/console/orders")
    await asyncio.sleep(0.1)

    assert (shop.now, shop.door.in_work) == (2 * AT_ONCE_MOST + 1, {"console": 1})
    shop.go.set()
    assert {each.status_code for each in await asyncio.gather(*page, *streams)} == {200}
    assert +shop.door.in_work == Counter()


async def test_however_many_are_refused_the_log_says_so_once_a_second() -> None:
    shop = Held()
    with structlog.testing.capture_logs() as said:
        asked = shop.ask("/console/orders", AT_ONCE_MOST + 50)
        await asyncio.wait_for(asyncio.gather(*asked[AT_ONCE_MOST:]), 30)
    shop.go.set()
    await asyncio.gather(*asked)

    assert said[0] == {"event": "requests_put_off", "parts": {"console": 1}, "log_level": "warning"}
    assert len(said) < 50
