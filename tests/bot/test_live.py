"""The staff's stream of news: told that it listens, told what changed, and nothing to anyone else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import httpx
import pytest

from bot.conversations import service
from bot.hints import LoopbackHints
from kernel import tokens
from tests.bot.conftest import Running
from tests.bot.neighbours import wait_until


def token(bot: Running, role: tokens.Role) -> dict[str, str]:
    principal = tokens.Principal(role=role, subject="somebody", grants=frozenset({"role:agent"}))
    return {"Authorization": f"Bearer {tokens.mint(principal, bot.settings.signing_key(), timedelta(minutes=1))}"}


@contextmanager
def listening(bot: Running) -> Iterator[Iterator[tuple[str, list[str]]]]:
    """What a member hears: (event, data), as it comes."""

    def events(lines: Iterator[str]) -> Iterator[tuple[str, list[str]]]:
        name = ""
        for line in lines:
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: "):
                yield name, json.loads(line.removeprefix("data: "))

    with httpx.stream("GET", f"{bot.url}/bot/api/events", headers=token(bot, "staff"), timeout=10) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        yield events(response.iter_lines())


def test_who_listens_is_told_so_and_then_what_changes(bot: Running) -> None:
    with bot.database.write() as session:
        ids = [service.open_for(session, "web", sender, "es").id for sender in ("a", "b")]
    hints = LoopbackHints(bot.url, bot.settings.signing_key())

    with listening(bot) as events:
        first = next(events)
        for conversation_id in ids:
            hints.after(conversation_id)
        told: set[str] = set()
        while told != set(ids):
            name, changed = next(events)
            assert name == "conversations"
            told |= set(changed)

    assert first == ("ready", [])


@pytest.mark.parametrize("role", ["customer", "service", "partner"])
def test_the_stream_is_for_staff_only(bot: Running, role: tokens.Role) -> None:
    assert httpx.get(f"{bot.url}/bot/api/events", headers=token(bot, role)).status_code == 403


def test_a_stranger_hears_nothing(bot: Running) -> None:
    assert httpx.get(f"{bot.url}/bot/api/events").status_code == 401


def test_who_listens_is_there(bot: Running) -> None:
    def who_is_there() -> list[str]:
        answer = httpx.get(f"{bot.url}/bot/api/agents", headers=token(bot, "staff"), timeout=10)
        return [each["id"] for each in answer.json() if each["is_present"]]

    with listening(bot) as heard:
        assert next(heard) == ("ready", [])
        assert wait_until(who_is_there, what="the sign of life") == ["somebody"]
