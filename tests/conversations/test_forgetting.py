"""What Rasa still knows of a conversation that someone else goes on with."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest

from bot.answering.assistant import Assistant as RasaClient
from tests.rasa_server import Assistant, Chat


@pytest.mark.rasa
@pytest.mark.timeout(900)
def test_of_what_was_asked_nothing_is_left_for_who_comes_after(assistant: Assistant) -> None:  # case 89
    async def customer() -> str:
        async with assistant.service() as oms:
            return (await oms.resolve_identity("web", str(uuid4()))).customer_id

    chat = Chat(assistant, asyncio.run(customer()), locale="en")
    chat.send("link my WhatsApp")
    assert [each["kind"] for each in chat.slots()["open_questions"]] == ["identity_address"]

    RasaClient(assistant.settings.rasa_url).forget(chat.id)

    assert [name for name, value in chat.slots().items() if value] == []
    [said, *_] = chat.send("¿a qué hora abren?")
    assert "Lunes a sábado" in said["text"]
