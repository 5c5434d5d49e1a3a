"""Rasa's store of conversations away: nobody is answered from nothing, and who wrote is answered when it is back."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from comanda.web_chat import WebChat
from tests.journeys.product import Product, wait_until
from tests.journeys.test_chaos import ANSWER_TIMEOUT_S, APOLOGY, all_turns_ended, messages_of, turns_of

pytestmark = [pytest.mark.rasa, pytest.mark.chaos, pytest.mark.timeout(900)]


@contextmanager
def memory_away(product: Product) -> Iterator[None]:
    """What Rasa keeps is not where it was: each reading and writing of it fails at once."""
    with closing(sqlite3.connect(product.home / "rasa-trackers.db", timeout=60)) as trackers:
        trackers.execute("ALTER TABLE events RENAME TO events_away")
        trackers.commit()
        yield
        trackers.execute("ALTER TABLE events_away RENAME TO events")
        trackers.commit()


# case 37
def test_without_its_memory_the_assistant_answers_nobody_and_afterwards_knows_what_it_had_asked(
    product: Product,
) -> None:
    product.wait_until_ready()
    with product.chat() as customer:
        asked = customer.say("quiero un pan tajado", ANSWER_TIMEOUT_S)
        assert "¿Cuál prefieres?" in asked[-1]["text"]
        before = len(messages_of(product, customer))

        with memory_away(product):
            wait_until(lambda: not product.is_ready(), 30, "readiness to tell")
            customer.post("el integral", ANSWER_TIMEOUT_S)
            wait_until(lambda: waits_out(product, customer), 120, "the lane to wait")
            meanwhile = [message["text"] for message in messages_of(product, customer)[before:]]
        product.wait_until_ready()
        wait_until(lambda: all_turns_ended(product, customer), ANSWER_TIMEOUT_S, "an answer")

        turns = turns_of(product, customer)
        told = [each["text"] for each in messages_of(product, customer)[before:] if each["author"] == "assistant"]
    answers = [each for each in told if each != APOLOGY]
    processed = [each for each in meanwhile if each not in ("el integral", APOLOGY)]
    print(f"turns answered without the store: {len(processed)}; afterwards: {len(answers)} messages, of the cart")
    assert processed == []
    assert "Subtotal" in answers[0]
    assert [turn["status"] for turn in turns] == ["answered", "answered"]


def waits_out(product: Product, customer: WebChat) -> bool:
    (conversation,) = product.rows(
        "SELECT outage_since FROM bot_conversation WHERE id = :id", id=customer.conversation_id
    )
    return conversation["outage_since"] is not None
