"""The shop's bot on Telegram, of which a test does each step: its updates, its turns and its sends."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.channels.arrivals import Arrivals
from bot.channels.base import Channel
from bot.channels.pushed import open_channels
from kernel.config import Settings
from kernel.db import Database
from tests.bot.neighbours import Neighbours
from tests.bot.pushed_chat import KEY, PushedChat
from tests.bot.telegram import TOKEN, Telegram, example

ANA = 42
HEADER = "X-Telegram-Bot-Api-Secret-Token"
_numbers = itertools.count(1)


def message(**fields: Any) -> dict[str, Any]:
    """What Telegram tells of a message of Ana's."""
    who = {"id": ANA, "is_bot": False, "first_name": "Ana", "language_code": "es-CO"}
    return example("Message", **{"message_id": next(_numbers), "from": who} | fields)


def update(kind: str = "message", content: Any = None, **fields: Any) -> dict[str, Any]:
    return {"update_id": next(_numbers), kind: content or message(**fields)}


def press(token: str, title: str | None = None, number: int | None = None) -> dict[str, Any]:
    keyboard = {"inline_keyboard": [[{"text": title, "callback_data": token}]]}
    asked = message(text="¿Cuál?", reply_markup=keyboard) if title else message(text="¿Cuál?")
    who = {"id": ANA, "is_bot": False, "first_name": "Ana"}
    query = {"id": str(number or next(_numbers)), "from": who, "chat_instance": "1", "data": token, "message": asked}
    return update("callback_query", query)


class Chat(PushedChat):
    """The shop's bot: its updates, its turns and its sends, each done when the test says so."""

    def __init__(self, database: Database, neighbours: Neighbours, telegram: Telegram, home: Path) -> None:
        given = {"COMANDA_SECRET": KEY, "COMANDA_HOME": home, "DATABASE_URL": database.url}
        given |= {"TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_API_BASE": telegram.url, "BOT_URL": neighbours.url}
        super().__init__(Settings.model_validate(given), database, neighbours)
        self.telegram = telegram
        self.channel = self.channels["telegram"]
        self.arrivals = Arrivals(database, self.delivery)
        self._is_paced = False
        self.opened = [self.channel, self.app.state.channels["telegram"]]

    def open_with(self, **settings: Any) -> Channel:
        """The channel of a shop that is set up otherwise."""
        self.opened.append(open_channels(self.settings.model_copy(update=settings))["telegram"])
        return self.opened[-1]

    async def post(self, told: dict[str, Any] | bytes, headers: dict[str, str] | None = None) -> int:
        body = told if isinstance(told, bytes) else json.dumps(told).encode()
        known = {HEADER: self.settings.telegram_secret()} if headers is None else headers
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://inside:8080") as http:
            return (await http.post("/channels/telegram", content=body, headers=known)).status_code

    def send(self, *, paced: bool = False) -> list[float | None]:
        """By default as if every chat had been quiet for a while."""
        self._is_paced = paced
        return super().send()

    def _attempt(self, message_id: str) -> float | None:
        if not self._is_paced:
            self.sends._chat_paces["telegram"]._windows.clear()
        return super()._attempt(message_id)


@pytest.fixture
def chat(database: Database, neighbours: Neighbours, telegram: Telegram, tmp_path: Path) -> Iterator[Chat]:
    chat = Chat(database, neighbours, telegram, tmp_path)
    yield chat
    for channel in chat.opened:
        channel.close()
