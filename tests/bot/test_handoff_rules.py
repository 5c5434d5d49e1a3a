"""Rules by which a person is asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.answering.assistant import Assistant
from bot.answering.customers import Customers
from bot.answering.turns import TurnHandler
from bot.handoff import policy
from bot.handoff.rules import is_angry
from kernel.db import Database
from tests.bot.desk_of import KEY, Shop
from tests.bot.neighbours import Neighbours

WORDS = policy.read(None).anger


@pytest.mark.parametrize(
    "text",
    [
        "esto es una ESTAFA",
        "¡ladrones!",
        "Pesimo servicio la verdad",
        "you're THIEVES",
        "QUIERO MI PEDIDO AHORA MISMO!!",
    ],
)
def test_anger_is_heard_however_it_is_written(text: str) -> None:
    assert is_angry(text, WORDS)


@pytest.mark.parametrize(
    "text",
    [
        "2 LECHES!!",
        "QUIERO DOS CAJAS DE LECHE ENTERA",
        "¡Qué bueno!!",
        "una estafeta",
        "hay mucha demanda",
        "sic",
        "ok",
    ],
)
def test_who_is_not_angry_is_not_taken_for_it(text: str) -> None:
    assert not is_angry(text, WORDS)


async def test_who_is_angry_is_answered_and_gets_a_person_first_in_line(
    database: Database, neighbours: Neighbours, tmp_path: Path
) -> None:
    shop = Shop(database, tmp_path)
    shop.opens(sender="calm")
    conversation_id = shop.opens("hola", owner="assistant")
    turns = TurnHandler(shop.delivery, Assistant(neighbours.url), Customers(neighbours.url, KEY))
    assert turns.attempt(shop.hears(conversation_id, "son unos ladrones")) is None

    said = shop.rows("SELECT text FROM bot_message WHERE author = 'assistant' ORDER BY seq")
    assert said[0] == ("echo: son unos ladrones",)
    assert said[1][0].startswith("Entiendo tu molestia.")
    first, second = await shop.agent("rosa").queue()
    assert (first.id, first.handoff_reason, first.priority, second.priority) == (conversation_id, "angry", 2, 0)
