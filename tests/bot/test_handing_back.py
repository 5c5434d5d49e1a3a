"""A conversation comes back to the assistant with what the person did, and the customer is asked whether to go on."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.answering.assistant import Assistant
from bot.answering.customers import Customers
from bot.answering.turns import TurnHandler
from bot.conversations.models import Conversation
from bot.desk.handing_back import HandBackHandler
from kernel.db import Database
from tests.bot.desk_of import KEY, Shop
from tests.bot.neighbours import Broken, Items, Neighbours, Question

GO_ON = "Aquí sigo yo, el asistente de la tienda. ¿Seguimos con tu pedido?"


class Back:
    """Rosa has a conversation; `gives_back` it, and the worker `tries` to have the assistant go on."""

    def __init__(self, database: Database, neighbours: Neighbours, home: Path) -> None:
        self.shop = Shop(database, home)
        self.rosa = self.shop.agent("rosa")
        assistant, customers = Assistant(neighbours.url), Customers(neighbours.url, KEY)
        self.handler = HandBackHandler(database, self.shop.delivery, assistant, customers)
        self.turns = TurnHandler(self.shop.delivery, assistant, customers)
        self.conversation_id = self.shop.opens("¿me cambian la talla del PED-10023?")

    async def gives_back(self, done: str = "") -> None:
        await self.rosa.claim(self.conversation_id, 2, key="1")
        await self.rosa.say(self.conversation_id, "Listo, te la cambié.", key="2")
        await self.rosa.release(self.conversation_id, 2, done=done, key="3")

    async def tries(self, version: int = 4, *, is_last: bool = False) -> bool:
        handoff_id = self.shop.rows("SELECT id FROM bot_handoff")[0][0]
        return await asyncio.to_thread(self.handler.attempt, handoff_id, version, is_last=is_last)

    def said(self) -> list[str]:
        return [
            row[0] for row in self.shop.rows("SELECT text FROM bot_message WHERE author = 'assistant' ORDER BY seq")
        ]


@pytest.fixture
def back(database: Database, neighbours: Neighbours, tmp_path: Path) -> Back:
    neighbours.answer = lambda _: [{"text": GO_ON, "buttons": [{"title": "Ver mi carrito", "payload": "/cart_show"}]}]
    return Back(database, neighbours, tmp_path)


async def test_the_assistant_hears_what_was_done_and_goes_on(back: Back, neighbours: Neighbours) -> None:
    await back.gives_back("Cambié la talla a M.")
    assert await back.tries()

    [question] = neighbours.questions
    assert (question["message"], question["metadata"]["via"]) == ("/handed_back", "button")
    assert (question["metadata"]["locale"], question["metadata"]["channel"]) == ("es", "web")
    assert question["metadata"]["handed_back"] == {
        "agent": "Rosa",
        "reason": "requested",
        "done": "Cambié la talla a M.",
        "messages": 1,
        "numbers": [],
    }
    # Not a word of what was talked about.
    assert "te la cambié" not in str(question)
    assert back.said() == [GO_ON]
    assert back.shop.rows("SELECT payload FROM bot_choice") == [("/cart_show",)]


async def test_a_try_that_was_cut_off_asks_nothing_twice(back: Back, neighbours: Neighbours) -> None:
    await back.gives_back()
    handoff_id = back.shop.rows("SELECT id FROM bot_handoff")[0][0]
    with back.shop.database.read() as session:
        conversation = session.get_one(Conversation, back.conversation_id)
    await asyncio.to_thread(back.handler._ask, conversation, f"back:{handoff_id}", {"agent": "Rosa"})

    assert await back.tries()
    assert len(neighbours.questions) == 1
    assert back.said() == [GO_ON]


# case 44
async def test_what_the_assistant_says_is_dropped_when_someone_takes_over_again(
    back: Back, neighbours: Neighbours
) -> None:
    await back.gives_back()

    def meanwhile(_question: Question) -> Items:
        with back.shop.delivery.to(back.conversation_id) as (_session, conversation):
            conversation.owner, conversation.version = "agent", conversation.version + 1
        return [{"text": GO_ON}]

    neighbours.answer = meanwhile
    assert await back.tries()
    assert back.said() == []
    assert await back.tries()
    assert len(neighbours.questions) == 1


async def test_when_the_assistant_cannot_be_asked_the_bot_says_that_it_is_there_again(
    back: Back, neighbours: Neighbours
) -> None:
    await back.gives_back()

    def breaks(_question: Question) -> Items:
        raise Broken

    neighbours.answer = breaks
    assert not await back.tries()
    assert back.said() == []
    assert await back.tries(is_last=True)
    assert back.said() == ["Aquí sigo yo, el asistente de la tienda. ¿Necesitas algo más?"]


# how it was


async def test_a_customer_is_asked_how_it_was_and_rates_once_without_beginning_anew(back: Back) -> None:
    await back.rosa.claim(back.conversation_id, 2, key="1")
    await back.rosa.close_conversation(back.conversation_id, 1, key="2")
    assert back.said() == ["¿Cómo te atendimos? Responde de 1 (mal) a 5 (excelente)."]
    tokens = dict(back.shop.rows("SELECT title, token FROM bot_choice"))
    assert sorted(tokens) == ["1", "2", "3", "4", "5"]

    assert back.turns.attempt(back.shop.presses(back.conversation_id, tokens["4"])) is None

    detail = await back.rosa.conversation(back.conversation_id)
    assert (detail.owner, detail.rating, back.said()[1:]) == ("closed", 4, ["¡Gracias por contarnos!"])
    [standing] = await back.rosa.ratings()
    assert standing.model_dump() == {
        "agent_id": "id-of-rosa", "agent_name": "Rosa", "asked": 1, "rated": 1, "mean": 4.0,
    }  # fmt: skip
    with pytest.raises(Exception, match="pressed"):
        back.shop.presses(back.conversation_id, tokens["1"])


async def test_who_writes_on_instead_of_rating_is_answered_and_may_rate_later(
    back: Back, neighbours: Neighbours
) -> None:
    neighbours.answer = lambda question: [{"text": f"echo: {question['message']}"}]
    await back.rosa.claim(back.conversation_id, 2, key="1")
    await back.rosa.close_conversation(back.conversation_id, 1, key="2")
    tokens = dict(back.shop.rows("SELECT title, token FROM bot_choice"))
    assert back.turns.attempt(back.shop.hears(back.conversation_id, "otra cosa")) is None
    assert back.said()[1:] == ["echo: otra cosa"]

    assert back.turns.attempt(back.shop.presses(back.conversation_id, tokens["2"])) is None
    detail = await back.rosa.conversation(back.conversation_id)
    assert (detail.owner, detail.rating) == ("assistant", 2)


async def test_what_the_assistant_alone_had_counts_for_it(back: Back) -> None:
    alone = back.shop.opens("gracias", owner="assistant", sender="other")
    closed = await back.rosa.close_conversation(alone, 1, key="1")
    assert closed.owner == "closed"
    assert [(each.agent_id, each.asked, each.rated, each.mean) for each in await back.rosa.ratings()] == [
        (None, 1, 0, None)
    ]


async def test_nobody_is_asked_when_the_agent_says_so(back: Back) -> None:
    await back.rosa.claim(back.conversation_id, 2, key="1")
    await back.rosa.close_conversation(back.conversation_id, 1, ask_rating=False, key="2")
    assert back.said() == []
