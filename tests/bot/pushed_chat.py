"""A shop's channel that a provider pushes to, of which a test does each step: its turns, its sends, its fetches."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text

from bot.answering.assistant import Assistant
from bot.answering.customers import Customers
from bot.answering.turns import TurnHandler
from bot.app import create_app
from bot.attachments.intake import Intake
from bot.channels.pushed import open_channels
from bot.conversations import service
from bot.conversations.service import Button, Enclosed
from bot.delivery import Delivery
from bot.hints import LocalHints
from bot.listening.fetching import FetchHandler
from bot.notices.models import Notice
from bot.telling.sending import SendHandler
from kernel import clock, ids
from kernel.config import Settings
from kernel.db import Database
from tests.bot.neighbours import Neighbours

KEY = "a key of tests that is long enough to be one"
_OPEN = "SELECT DISTINCT message_id FROM bot_outgoing WHERE status IN ('queued', 'sending') ORDER BY message_id"


class PushedChat:
    """The worker's parts and the web side's app, of which nothing happens until the test says so."""

    def __init__(self, settings: Settings, database: Database, neighbours: Neighbours) -> None:
        self.settings, self.database, self.neighbours = settings, database, neighbours
        self.channels = open_channels(settings)
        self.delivery = Delivery(database, LocalHints(lambda _: None), self.channels)
        asked = Assistant(neighbours.url), Customers(neighbours.url, KEY)
        self.turns = TurnHandler(self.delivery, *asked, channels=self.channels)
        self.sends = SendHandler(database, self.channels, KEY)
        self.fetches = FetchHandler(self.delivery, Intake(settings, database), self.channels)
        self.app = create_app(settings, database)

    def run(self) -> None:
        """Answer and send all that is open, as the worker would."""
        for (message_id,) in self.rows("SELECT message_id FROM bot_turn WHERE status = 'received' ORDER BY message_id"):
            assert self.turns.attempt(str(message_id)) is None
        self.send()

    def send(self) -> list[float | None]:
        """Send what is open; for each the seconds after which it is to be tried again."""
        return [self._attempt(str(message_id)) for (message_id,) in self.rows(_OPEN)]

    def _attempt(self, message_id: str) -> float | None:
        return self.sends.attempt(message_id)

    def say(
        self,
        words: str,
        *titles: str,
        notice: str | None = None,
        enclosed: str | None = None,
        facts: dict[str, Any] | None = None,
    ) -> None:
        """Something that the shop says first, or the assistant asks; with a PDF at an address."""
        conversation_id = str(self.rows("SELECT id FROM bot_conversation")[0][0])
        with self.delivery.to(conversation_id) as (session, conversation):
            buttons = tuple(Button(title, f"/choose_{title}") for title in titles)
            enclosures = [Enclosed("FV-1.pdf", enclosed)] if enclosed else []
            said = service.append(session, conversation, "assistant", words, buttons=buttons, enclosures=enclosures)
            if notice:
                session.add(_notice(notice, said.id, facts or {}))

    def outgoing(self) -> list[tuple[Any, ...]]:
        query = "SELECT o.status, o.reason FROM bot_outgoing o JOIN bot_message m ON m.id = o.message_id"
        return self.rows(f"{query} ORDER BY m.seq, o.position")

    def heard(self) -> list[str]:
        found = self.rows("SELECT text FROM bot_message WHERE author = 'customer' ORDER BY seq")
        return [str(said) for (said,) in found]

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with self.database.read() as session:
            return [tuple(row) for row in session.execute(text(query))]


def _notice(what: str, message_id: str, facts: dict[str, Any]) -> Notice:
    at = clock.now()
    return Notice(
        id=ids.new_id(), event_id=ids.new_id(), what=what, subject="PED-1", customer_id="c",
        facts={"number": "PED-1"} | facts,
        status="sent", reason=None, attempts=0, message_id=message_id, created_at=at, due_at=at, ended_at=at,
    )  # fmt: skip
