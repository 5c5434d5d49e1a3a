"""The shop's bot on Telegram, of which a test does each step: its updates, its turns and its sends."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from bot.app import create_app
from bot.assistant import Assistant
from bot.attachments.intake import Intake
from bot.channels.arrivals import Arrivals
from bot.channels.base import Channel
from bot.channels.pushed import open_channels
from bot.conversations import service
from bot.conversations.service import Button, Enclosed
from bot.customers import Customers
from bot.delivery import Delivery
from bot.fetching import FetchHandler
from bot.hints import LocalHints
from bot.sending import SendHandler
from bot.turns import TurnHandler
from kernel.config import Settings
from kernel.db import Database
from tests.bot.neighbours import Neighbours
from tests.bot.telegram import TOKEN, Telegram, example

KEY = "a key of tests that is long enough to be one"
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


class Chat:
    """The shop's bot: its updates, its turns and its sends, each done when the test says so."""

    def __init__(self, database: Database, neighbours: Neighbours, telegram: Telegram, home: Path) -> None:
        given = {"COMANDA_SECRET": KEY, "COMANDA_HOME": home, "DATABASE_URL": database.url}
        given |= {"TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_API_BASE": telegram.url, "BOT_URL": neighbours.url}
        self.settings = Settings.model_validate(given)
        self.database, self.telegram, self.neighbours = database, telegram, neighbours
        self.channels = open_channels(self.settings)
        self.channel = self.channels["telegram"]
        self.delivery = Delivery(database, LocalHints(lambda _: None), self.channels)
        asked = Assistant(neighbours.url), Customers(neighbours.url, KEY)
        self.turns = TurnHandler(self.delivery, *asked, channels=self.channels)
        self.sends = SendHandler(database, self.channels, KEY)
        self.fetches = FetchHandler(self.delivery, Intake(self.settings, database), self.channels)
        self.arrivals = Arrivals(database, self.delivery)
        self._app = create_app(self.settings, database)
        self.opened = [self.channel, self._app.state.channels["telegram"]]

    def open_with(self, **settings: Any) -> Channel:
        """The channel of a shop that is set up otherwise."""
        self.opened.append(open_channels(self.settings.model_copy(update=settings))["telegram"])
        return self.opened[-1]

    async def post(self, told: dict[str, Any] | bytes, headers: dict[str, str] | None = None) -> int:
        body = told if isinstance(told, bytes) else json.dumps(told).encode()
        known = {HEADER: self.settings.telegram_secret()} if headers is None else headers
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self._app), base_url="http://inside:8080") as http:
            return (await http.post("/channels/telegram", content=body, headers=known)).status_code

    def run(self) -> None:
        for (message_id,) in self.rows("SELECT message_id FROM bot_turn WHERE status = 'received' ORDER BY message_id"):
            assert self.turns.attempt(str(message_id)) is None
        self.send()

    def send(self, *, paced: bool = False) -> list[float | None]:
        """Send what is open, by default as if every chat had been quiet for a while."""
        open_ = "SELECT DISTINCT message_id FROM bot_outgoing WHERE status IN ('queued', 'sending') ORDER BY message_id"
        waits = []
        for (message_id,) in self.rows(open_):
            if not paced:
                self.sends._chat_paces["telegram"]._windows.clear()
            waits.append(self.sends.attempt(str(message_id)))
        return waits

    def say(self, words: str, *titles: str, enclosed: str | None = None) -> None:
        conversation_id = str(self.rows("SELECT id FROM bot_conversation")[0][0])
        with self.delivery.to(conversation_id) as (session, conversation):
            buttons = tuple(Button(title, f"/choose_{title}") for title in titles)
            enclosures = [Enclosed("FV-1.pdf", enclosed)] if enclosed else []
            service.append(session, conversation, "assistant", words, buttons=buttons, enclosures=enclosures)

    def outgoing(self) -> list[tuple[Any, ...]]:
        query = "SELECT o.status, o.reason FROM bot_outgoing o JOIN bot_message m ON m.id = o.message_id"
        return self.rows(f"{query} ORDER BY m.seq, o.position")

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with self.database.read() as session:
            return [tuple(row) for row in session.execute(text(query))]

    def heard(self) -> list[str]:
        return [
            str(said) for (said,) in self.rows("SELECT text FROM bot_message WHERE author = 'customer' ORDER BY seq")
        ]


@pytest.fixture
def chat(database: Database, neighbours: Neighbours, telegram: Telegram, tmp_path: Path) -> Iterator[Chat]:
    chat = Chat(database, neighbours, telegram, tmp_path)
    yield chat
    for channel in chat.opened:
        channel.close()
