"""Who they are is proven whoever has the conversation: a link that was opened, a number that was shared."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from kernel import tokens
from tests.bot.pushed_chat import KEY
from tests.bot.telegram import example
from tests.bot.telegram_chat import ANA, Chat, chat, press, update

__all__ = ["chat"]

TOKEN = "a_b-" * 8
OVER = 409, {"code": "link_request_over", "detail": "", "params": {}}


async def begun(chat: Chat, owner: str) -> None:
    await chat.post(update(text="hola"))
    chat.run()
    with chat.database.write() as session:
        taken = "UPDATE bot_conversation SET owner = :owner, version = version + 1, is_queue_told = true"
        session.execute(text(taken), {"owner": owner})


def turns(chat: Chat) -> list[tuple[Any, ...]]:
    return chat.rows("SELECT status, start_token, shared_phone FROM bot_turn ORDER BY message_id")[1:]


def button(chat: Chat, title: str) -> dict[str, Any]:
    query = f"SELECT token FROM bot_choice WHERE title = '{title}'"
    return press(str(chat.rows(query)[-1][0]), title)


@pytest.mark.parametrize("owner", ["agent", "queued"])
async def test_a_link_that_is_opened_while_a_person_has_the_conversation_takes_effect_with_a_yes(
    chat: Chat, owner: str
) -> None:
    await begun(chat, owner)
    await chat.post(update(text=f"/start {TOKEN}"))
    chat.run()
    assert chat.neighbours.opened == []
    assert chat.telegram.texts()[1].startswith("Alguien pidió, en otro chat de la tienda, seguir aquí")

    chat.neighbours.known[str(ANA)] = {"customer_id": "ana", "customer_ids": ["ana", f"c-{ANA}"]}
    await chat.post(button(chat, "Sí, fui yo"))
    chat.run()

    [(bearer, token)] = chat.neighbours.opened
    assert token == TOKEN
    assert tokens.verify(bearer.removeprefix("Bearer "), KEY).role == "customer"
    assert chat.heard() == ["hola", "/start", "Sí, fui yo"]
    assert chat.telegram.texts()[2] == "¡Listo! Quedó comprobado que eres tú: tus chats con la tienda son uno."
    assert chat.rows("SELECT owner, customer_id FROM bot_conversation") == [(owner, "ana")]
    # A person still has the conversation, and the assistant was not asked.
    assert turns(chat) == [("left_to_staff", None, None)] * 2
    assert len(chat.neighbours.questions) == 1


async def test_a_link_that_somebody_sent_them_joins_nothing(chat: Chat) -> None:
    await begun(chat, "agent")
    await chat.post(update(text=f"/start {TOKEN}"))
    chat.run()

    await chat.post(button(chat, "No fui yo"))
    chat.run()

    assert chat.neighbours.opened == []
    assert chat.telegram.texts()[2] == "Bien, no uní nada. Cada chat sigue por su lado."


async def test_a_link_that_is_over_is_said_to_be(chat: Chat) -> None:
    await begun(chat, "agent")
    await chat.post(update(text=f"/start {TOKEN}"))
    chat.run()
    chat.neighbours.opening = OVER

    await chat.post(button(chat, "Sí, fui yo"))
    chat.run()

    assert chat.telegram.texts()[2].startswith("Ese enlace ya no sirve: vale 10 minutos")


async def test_a_yes_holds_though_the_conversation_was_given_back_meanwhile(chat: Chat) -> None:
    await begun(chat, "agent")
    await chat.post(update(text=f"/start {TOKEN}"))
    chat.run()
    with chat.database.write() as session:
        session.execute(text("UPDATE bot_conversation SET owner = 'assistant', version = version + 1"))

    await chat.post(button(chat, "Sí, fui yo"))
    chat.run()

    assert len(chat.neighbours.opened) == 1
    assert turns(chat) == [("left_to_staff", None, None), ("answered", None, None)]


async def test_who_takes_over_while_the_assistant_thinks_about_a_link_loses_it_no_customer(chat: Chat) -> None:
    await chat.post(update(text="hola"))
    chat.run()
    answer = chat.neighbours.answer

    def taken_over(question: dict[str, Any]) -> list[dict[str, Any]]:
        with chat.database.write() as session:
            session.execute(text("UPDATE bot_conversation SET owner = 'agent', version = version + 1"))
        return answer(question)

    chat.neighbours.answer = taken_over
    await chat.post(update(text=f"/start {TOKEN}"))
    chat.run()

    assert [said[:12] for said in chat.telegram.texts()] == ["echo: hola", "Alguien pidi"]


@pytest.mark.parametrize(
    ("everyone", "said"),
    [
        (["ana", f"c-{ANA}"], "¡Listo! Quedó comprobado que eres tú: tus chats con la tienda son uno."),
        ([f"c-{ANA}"], "Gracias, guardé tu número."),
    ],
)
async def test_a_number_that_is_shared_while_a_person_has_the_conversation_is_proof(
    chat: Chat, everyone: list[str], said: str
) -> None:
    await begun(chat, "agent")
    chat.neighbours.known[str(ANA)] = {"customer_id": everyone[0], "customer_ids": everyone}
    await chat.post(update(contact=example("Contact", phone_number="573001112233", user_id=ANA)))
    chat.run()

    assert chat.neighbours.phones == [{"channel": "telegram", "external_id": str(ANA), "phone": "+573001112233"}]
    assert chat.rows("SELECT customer_id FROM bot_conversation") == [(everyone[0],)]
    assert chat.telegram.texts()[1] == said
    assert turns(chat) == [("left_to_staff", None, None)]
    assert len(chat.neighbours.questions) == 1


async def test_a_proof_waits_for_an_oms_that_is_away(chat: Chat) -> None:
    await begun(chat, "agent")
    await chat.post(update(text=f"/start {TOKEN}"))
    chat.run()
    await chat.post(button(chat, "Sí, fui yo"))
    [(message_id,)] = chat.rows("SELECT message_id FROM bot_turn WHERE status = 'received'")
    chat.neighbours.stop()

    assert chat.turns.attempt(str(message_id)) is not None
    chat.neighbours.start()
    chat.run()

    assert len(chat.neighbours.opened) == 1
    assert chat.telegram.texts()[2].startswith("¡Listo!")
