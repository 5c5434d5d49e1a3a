"""What is posted to a channel, however broken, is read or refused: never a fault, and never for much memory."""

from __future__ import annotations

import json
import random
import resource
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from bot.channels.base import Arrival, Channel, Presence, Webhook
from bot.channels.pushed import open_channels
from kernel.config import Settings
from kernel.errors import Invalid
from tests.bot import telegram, twilio
from tests.bot.telegram import TYPES, example

COUNT = 10_000
MEMORY_MOST_KB = 50_000
# A depth at which careless readers fall over, and what no text should have.
DEEP = "[" * 10_000
ODD: list[Any] = [
    None, True, -1, 0, 2**70, 1.5, float("inf"), "", "\0", "\ud800", "x" * 5_000, "😀" * 500, [], {}, [[]], {"id": {}},
    ["x"] * 200, "' OR 1=1 --", "{{7*7}}", "../../etc/passwd", "/start", "２", "\u202e",
]  # fmt: skip
FORM = {
    "MessageSid": "SM1", "From": "whatsapp:+573001112233", "To": "whatsapp:+14155238886", "Body": "hola",
    "NumMedia": "1",
    "MediaUrl0": "https://api.twilio.com/x", "MediaContentType0": "image/jpeg", "Latitude": "1", "Longitude": "2",
    "ButtonPayload": "x", "ListId": "y", "MessageStatus": "sent", "ErrorCode": "63016",
}  # fmt: skip


@pytest.fixture
def channels(tmp_path: Path) -> Iterator[dict[str, Channel]]:
    given = {
        "COMANDA_HOME": tmp_path, "TWILIO_ACCOUNT_SID": twilio.ACCOUNT, "TWILIO_AUTH_TOKEN": twilio.TOKEN,
        "TWILIO_WHATSAPP_FROM": "+14155238886", "TELEGRAM_BOT_TOKEN": telegram.TOKEN,
        "TELEGRAM_API_BASE": "http://127.0.0.1:9",
    }  # fmt: skip
    opened = open_channels(Settings.model_validate(given))
    yield dict(opened)
    for channel in opened.values():
        channel.close()


def broken(value: Any, chance: random.Random) -> Any:
    """A copy of a piece of JSON with one or a few of its values replaced, dropped or added."""
    if isinstance(value, dict) and value and chance.random() < 0.9:
        name = chance.choice(list(value))
        kept = dict(value)
        if chance.random() < 0.15:
            del kept[name]
        else:
            kept[name] = broken(value[name], chance)
        return kept
    if isinstance(value, list) and value and chance.random() < 0.8:
        return [broken(each, chance) for each in value]
    return chance.choice(ODD)


def updates(chance: random.Random) -> Iterator[bytes]:
    fields = TYPES["Update"]
    kinds = [(name, field[0][0]) for name, field in fields.items() if name != "update_id"]
    while True:
        name, type_ = chance.choice(kinds)
        whole = {"update_id": 1, name: example(type_)}
        if chance.random() < 0.5:
            whole["message"] = example("Message", text="hola", chat={"id": 42, "type": "private"})
        yield _spoilt(json.dumps(broken(whole, chance)).encode(), chance)


def forms(chance: random.Random) -> Iterator[bytes]:
    while True:
        fields = broken(FORM, chance)
        if chance.random() < 0.3 or not isinstance(fields, dict):
            yield _spoilt(json.dumps(fields).encode(), chance)
        else:
            told = {name: str(value) for name, value in fields.items()}
            yield _spoilt(urlencode(told, errors="replace").encode(), chance)


def _spoilt(body: bytes, chance: random.Random) -> bytes:
    what = chance.random()
    if what < 0.1:
        return body[: chance.randrange(len(body) + 1)]
    if what < 0.2:
        return bytes(chance.randrange(256) for _ in range(chance.randrange(200)))
    if what < 0.22:
        nested = b'{"a":' * 5_000
        return chance.choice([b"", b"\0" * 100, DEEP.encode(), nested, b"\xff\xfe" + body, b"\x1f\x8b\x08" + body])
    return body


@pytest.mark.parametrize("name", ["telegram", "whatsapp"])
def test_ten_thousand_broken_bodies_are_read_or_refused(channels: dict[str, Channel], name: str) -> None:  # case 12
    chance = random.Random(12)
    bodies = updates(chance) if name == "telegram" else forms(chance)
    kinds = ("application/json", "application/x-www-form-urlencoded", "text/plain", "")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    read = 0
    for _ in range(COUNT):
        body = next(bodies)
        if name == "whatsapp":
            # No signature is good for what is no UTF-8: nobody reads it.
            body = body.decode(errors="replace").encode()
        webhook = Webhook(f"/channels/{name}", {"Content-Type": chance.choice(kinds)}, body)
        found: Arrival | Presence | None = None
        # Any other exception is a fault.
        with suppress(Invalid):
            found = channels[name].parse(webhook)
        assert found is None or isinstance(found, Arrival | Presence)
        if isinstance(found, Arrival):
            # A database takes neither half an emoji nor a NUL.
            kept = "".join((found.sender, found.provider_message_id, found.text, found.choice or "", *found.media))
            assert "\0" not in kept
            kept.encode()
        read += found is not None
    grown_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before

    print(f"{name}: {COUNT} broken bodies, {read} read, faults 0, memory + {grown_kb // 1024} MB")
    assert read > 0
    assert grown_kb < MEMORY_MOST_KB
