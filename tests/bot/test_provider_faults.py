"""Lines cut, answers that are none: what becomes of a message when its provider fails, as mountebank plays it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kernel.db import Database
from tests.bot.line import Line, message
from tests.bot.neighbours import Neighbours
from tests.bot.twilio import Twilio
from tests.peers.mountebank import Mountebank, mountebank

RESET, GARBAGE = {"fault": "CONNECTION_RESET_BY_PEER"}, {"fault": "RANDOM_DATA_THEN_CLOSE"}


@pytest.fixture(scope="module")
def peers() -> Iterator[Mountebank]:
    with mountebank() as found:
        yield found


def answer(status: int, body: str, **headers: str) -> dict[str, Any]:
    return {"is": {"statusCode": status, "headers": headers, "body": body}}


def line_at(url: str, database: Database, neighbours: Neighbours, home: Path) -> Line:
    """The shop's line, with someone else in Twilio's place."""
    twilio = Twilio()
    twilio.stop()
    twilio.url = url
    return Line(database, neighbours, twilio, home)


# case 17
async def test_of_two_hundred_messages_whose_line_is_cut_none_reaches_the_provider_twice(
    peers: Mountebank, database: Database, neighbours: Neighbours, tmp_path: Path
) -> None:
    provider = peers.serve(RESET)
    line = line_at(provider.url, database, neighbours, tmp_path)
    await line.post(message())
    line.run()
    for number in range(200):
        line.say(f"mensaje {number}")
    # The sender's pace lets so many go at once, and the next of them a second later.
    for _ in range(5):
        line.send()
        await asyncio.sleep(1.0)

    copies = Counter(asked["form"]["Body"] for asked in provider.asked())
    states = Counter(status for status, _reason in line.outgoing())
    print(f"copies at the provider: at most {max(copies.values())} of {len(copies)}; told as unknown {states}")
    assert copies == {f"mensaje {number}": 1 for number in range(200)} | {"echo: hola": 1}
    assert states == {"uncertain": 201}

    line.look()

    asked = Counter(each["method"] for each in provider.asked())
    assert asked == {"POST": 201, "GET": 201}
    assert {status for status, _reason in line.outgoing()} == {"uncertain"}


# case 20
@pytest.mark.parametrize(
    ("response", "row"),
    [
        (RESET, "uncertain"),
        (GARBAGE, "uncertain"),
        (answer(200, ""), "uncertain"),
        (answer(201, '{"sid": "SM'), "uncertain"),
        (answer(503, "<html>later</html>"), "queued"),
    ],
)
async def test_only_what_surely_did_not_arrive_is_tried_again(
    peers: Mountebank, database: Database, neighbours: Neighbours, tmp_path: Path, response: dict[str, Any], row: str
) -> None:
    provider = peers.serve(response)
    line = line_at(provider.url, database, neighbours, tmp_path)
    await line.post(message())
    line.run()

    assert [status for status, _reason in line.outgoing()] == [row]
    assert len(provider.asked()) == 1


# case 19
async def test_the_provider_is_not_asked_again_before_it_said(
    peers: Mountebank, database: Database, neighbours: Neighbours, tmp_path: Path
) -> None:
    provider = peers.serve(answer(429, '{"code": 20429, "status": 429, "message": "no"}', **{"Retry-After": "35"}))
    line = line_at(provider.url, database, neighbours, tmp_path)
    await line.post(message(1))
    await line.post(message(2, From="whatsapp:+573009998877"))
    for (message_id,) in line.rows("SELECT message_id FROM bot_turn"):
        line.turns.attempt(message_id)

    first, second = line.send()

    meanwhile = len(provider.asked()) - 1
    print(
        f"asked to wait 35 s: the first waits {first:.0f} s, the next {second:.0f} s; asked meanwhile {meanwhile} times"
    )
    assert first == 35.0
    assert second is not None
    assert 34.0 < second <= 35.0
    assert len(provider.asked()) == 1
