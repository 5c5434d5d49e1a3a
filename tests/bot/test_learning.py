"""Messages of which the assistant was not sure: kept, shown without names, labelled once and for all."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import time_machine

from bot.answering.assistant import read_items
from bot.client import BotClient, NewLabel
from bot.conversations import service
from bot.conversations.models import Turn
from bot.handoff import service as handoffs
from bot.learning import service as learning
from bot.learning.service import Unsure
from kernel import clock, ids
from kernel.db import Database
from tests.bot.desk_of import Shop, refusal


@pytest.fixture
def shop(database: Database, tmp_path: Path) -> Shop:
    return Shop(database, tmp_path)


@pytest.fixture
def agent(shop: Shop) -> BotClient:
    return shop.agent("rosa")


def doubts(shop: Shop, words: str, *, guess: str = "cart_add", is_misunderstood: bool = False) -> str:
    """A message of which the assistant was not sure; its id."""
    conversation_id = shop.opens("hola", owner="assistant", sender=ids.new_id())
    message_id = shop.hears(conversation_id, words)
    with shop.delivery.to(conversation_id) as (session, conversation):
        for _again in range(2):
            learning.note(session, message_id, conversation, Unsure(guess, 41, is_misunderstood))
    return message_id


def key() -> str:
    return ids.new_id()


def test_an_answer_tells_of_what_the_assistant_was_not_sure() -> None:
    told = {"guess": "cart_add", "confidence": 41, "is_misunderstood": True}

    assert read_items([{"text": "¿?"}, {"custom": {"unsure": told}}]).unsure == Unsure("cart_add", 41, True)
    assert read_items([{"text": "¿?"}]).unsure is None
    assert read_items([{"custom": {"unsure": {"guess": "x", "confidence": "much"}}}]).unsure is None


async def test_what_nobody_has_labelled_is_listed_without_what_names_anybody(shop: Shop, agent: BotClient) -> None:
    first = doubts(shop, "mándele a ana@x.co, cel 300 111 22 33")
    second = doubts(shop, "q sale", is_misunderstood=True)

    found, cursor = await agent.doubts()

    assert [(each.message_id, each.text, each.confidence, each.is_misunderstood) for each in found] == [
        (second, "q sale", 41, True),
        (first, "mándele a correo@ejemplo.com, cel 0000000", 41, False),
    ]
    assert cursor is None


async def test_pages_follow_each_other_without_a_gap(shop: Shop, agent: BotClient) -> None:
    noted = [doubts(shop, f"palabra {number}") for number in range(51)]

    first, cursor = await agent.doubts()
    second, end = await agent.doubts(cursor)

    assert [each.message_id for each in first + second] == noted[::-1]
    assert (len(first), end) == (50, None)


async def test_a_label_teaches_its_words_and_takes_the_message_off_the_list(shop: Shop, agent: BotClient) -> None:
    message_id, useless = doubts(shop, "q sale la leche, soy 3001112233"), doubts(shop, "asdf")

    await agent.label(message_id, NewLabel(intent="cart_add", text="q sale"), key=key())
    await agent.label(message_id, NewLabel(intent="product_price", text="q sale la leche, 3001112233"), key=key())
    await agent.label(useless, NewLabel(intent=None), key=key())

    labels = await agent.labels()
    assert [(each.language, each.intent, each.text) for each in labels] == [
        ("es", "product_price", "q sale la leche, 0000000")
    ]
    assert await agent.doubts() == ([], None)


async def test_who_does_not_talk_with_customers_looks_and_labels_nothing(shop: Shop) -> None:
    message_id = doubts(shop, "q sale")
    warehouse = shop.agent("luis", "warehouse")

    assert len((await warehouse.doubts())[0]) == 1
    told = await refusal(warehouse.label(message_id, NewLabel(intent="cart_add", text="q sale"), key=key()))
    assert told[:2] == ("wrong_role", 403)
    assert await warehouse.labels() == []


async def test_a_label_for_no_doubt_of_ours_is_refused(agent: BotClient) -> None:
    told = await refusal(agent.label(ids.new_id(), NewLabel(intent="cart_add", text="q sale"), key=key()))

    assert told[:2] == ("doubt_not_found", 404)


async def test_insights_count_what_happened_in_their_time_and_nothing_else(shop: Shop) -> None:
    with time_machine.travel("2026-11-25T15:00:00Z", tick=False) as traveller:
        agent = shop.agent("rosa")
        shop.opens("antes", owner="assistant", sender="before")
        traveller.shift(timedelta(minutes=10))
        since = clock.now()
        alone = shop.opens("hola", owner="assistant", sender="alone", channel="whatsapp")
        message_id = shop.hears(alone, "¿dónde está?")
        traveller.shift(timedelta(seconds=2))
        with shop.delivery.to(alone) as (session, conversation):
            service.append(session, conversation, "assistant", "En camino", in_reply_to=message_id)
            turn = session.get(Turn, message_id)
            assert turn is not None
            service.end_turn(turn, "answered")
            learning.note(session, message_id, conversation, Unsure("nlu_fallback", 12, True))
        with_people = shop.opens("auxilio", owner="assistant", sender="upset")
        with shop.delivery.to(with_people) as (session, conversation):
            handoffs.ask(session, conversation, "complaint")
        traveller.shift(timedelta(minutes=3))
        await agent.claim(with_people, 2, key=key())
        await agent.say(with_people, "Aquí estoy", key=key())
        until = clock.now() + timedelta(seconds=1)
        traveller.shift(timedelta(minutes=10))
        shop.opens("después", owner="assistant", sender="after")

        found = await agent.insights(since, until)

    assert found.model_dump() == {
        "conversations": 2,
        "contained": 1,
        "channels": {"web": 1, "whatsapp": 1},
        "messages": 3,
        "misunderstood": 1,
        "handoffs": {"complaint": 1},
        "assistant_waits": {"count": 1, "p50_s": 2.0, "p95_s": 2.0},
        "people_waits": {"count": 1, "p50_s": 180.0, "p95_s": 180.0},
    }
