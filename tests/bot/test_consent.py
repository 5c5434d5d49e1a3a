"""The privacy policy is shown with the first answer, once; whoever writes on has accepted it, with the proof kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
import time_machine
from sqlalchemy import text

from backend.app import create_app
from bot.answering.assistant import Assistant
from bot.answering.consent import Consents
from bot.answering.customers import Customers
from bot.answering.turns import TurnHandler
from bot.channels.base import InboundMessage
from bot.conversations import service
from bot.delivery import Delivery
from bot.hints import LocalHints
from bot.listening.inbound import Inbox
from kernel import clock
from kernel.config import Settings
from kernel.db import Database
from tests.backend.shopper import KEY, open_market
from tests.bot.neighbours import Neighbours

SHOWN = "Al seguir escribiéndome aceptas nuestra política de datos: https://tienda.example/shop/privacy?lang=es"


class Counter:
    """The bot's turns with the real OMS behind them."""

    def __init__(self, database: Database, neighbours: Neighbours, home: Path) -> None:
        self.settings = Settings.model_validate(
            {"COMANDA_HOME": home, "DATABASE_URL": database.url, "COMANDA_SECRET": KEY}
        )
        self.database = database
        with database.write() as session:
            open_market(session)
        oms = httpx.ASGITransport(create_app(self.settings, database))
        self._delivery = Delivery(database, LocalHints(lambda _: None))
        self._inbox = Inbox(self._delivery)
        self.assistant = Assistant(neighbours.url)
        customers = Customers("http://oms", KEY, transport=oms)
        self.consents = Consents("http://oms", KEY, "https://tienda.example", transport=oms)
        self._turns = TurnHandler(self._delivery, self.assistant, customers, consents=self.consents)

    def hear(self, sender: str, text: str, channel: str = "web") -> list[str]:
        """What the shop says to a message."""
        with self._delivery.to_found(lambda s: service.open_for(s, channel, sender, "es")) as (_, conversation):
            before = conversation.last_seq
        receipt = self._inbox.receive(InboundMessage(conversation.id, str(uuid4()), text))
        assert self._turns.attempt(receipt.message_id) is None
        with self.database.read() as session:
            said = service.messages_after(session, conversation.id, before, 10)
        return [message.text for message, _ in said if message.author == "assistant"]

    def proofs(self) -> list[tuple[object, ...]]:
        query = (
            "SELECT version, c.channel, wording, m.text FROM oms_consent c "
            "JOIN bot_message m ON m.id = c.evidence ORDER BY c.id"
        )
        with self.database.read() as session:
            return [tuple(row) for row in session.execute(text(query))]


@pytest.fixture
def counter(database: Database, neighbours: Neighbours, tmp_path: Path) -> Iterator[Counter]:
    counter = Counter(database, neighbours, tmp_path)
    yield counter
    counter.assistant.close()


# case 112
def test_it_is_shown_before_the_first_answer_and_accepted_by_writing_on(counter: Counter) -> None:
    assert counter.hear("ana", "hola") == [SHOWN, "echo: hola"]
    assert counter.proofs() == []

    assert counter.hear("ana", "3 leches") == ["echo: 3 leches"]
    assert counter.hear("ana", "y un pan") == ["echo: y un pan"]
    assert counter.proofs() == [("1", "web", SHOWN, "3 leches")]


def test_each_person_is_shown_it_on_their_first_contact(counter: Counter) -> None:
    counter.hear("ana", "hola")
    assert counter.hear("+573001112233", "hola", "whatsapp") == [SHOWN, "echo: hola"]
    assert counter.hear("7", "hola", "telegram") == [SHOWN, "echo: hola"]


def test_another_conversation_of_someone_who_accepted_it_shows_nothing(counter: Counter) -> None:
    counter.hear("ana", "hola")
    counter.hear("ana", "3 leches")
    with counter.database.write() as session:
        known = service.find_open(session, "web", "ana")
        assert known is not None
        service.change_owner(known, "closed")

    assert counter.hear("ana", "hola de nuevo") == ["echo: hola de nuevo"]
    assert len(counter.proofs()) == 1


def test_a_new_version_is_shown_again_and_accepted_anew(counter: Counter, tmp_path: Path) -> None:
    counter.hear("ana", "hola")
    counter.hear("ana", "3 leches")
    counter.settings.privacy_policy = tmp_path / "ours.yml"
    counter.settings.privacy_policy.write_text("version: '2'\nes: Lo nuestro.\nen: Ours.\n")
    counter.consents._read_at = float("-inf")

    assert counter.hear("ana", "¿y mi pedido?") == [SHOWN, "echo: ¿y mi pedido?"]
    assert counter.hear("ana", "gracias") == ["echo: gracias"]
    assert [proof[0] for proof in counter.proofs()] == ["1", "2"]


def test_without_a_policy_in_force_the_answer_still_comes(counter: Counter, tmp_path: Path) -> None:
    counter.consents._url = "http://127.0.0.1:1"
    counter.consents._transport = None

    assert counter.hear("ana", "hola") == ["echo: hola"]


def test_the_new_owner_of_a_number_is_shown_it_anew(counter: Counter) -> None:
    """A number that was silent for half a year is someone else's."""
    for words in ("hola", "3 leches"):
        counter.hear("+573001112233", words, "whatsapp")
    with time_machine.travel(clock.now() + timedelta(days=200), tick=False):
        counter.hear("+573001112233", "buenas", "whatsapp")
        assert counter.hear("+573001112233", "¿hay pan?", "whatsapp") == [SHOWN, "echo: ¿hay pan?"]
