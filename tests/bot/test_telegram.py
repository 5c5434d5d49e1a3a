"""What comes in on Telegram: by python-telegram-bot, from a server that takes only what the Bot API allows."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kernel import tokens
from tests.bot.neighbours import wait_until
from tests.bot.pushed_chat import KEY
from tests.bot.telegram import example
from tests.bot.telegram_chat import ANA, HEADER, Chat, chat, message, update

__all__ = ["chat"]


async def test_a_message_is_answered_on_telegram(chat: Chat) -> None:
    assert await chat.post(update(text="¿Tienen leche?")) == 200
    chat.run()

    # It may have been asked what the bot is called meanwhile.
    assert [call for call in chat.telegram.calls if call[0] != "getMe"] == [
        (
            "sendMessage",
            {"chat_id": "42", "text": "echo: ¿Tienen leche?", "link_preview_options": '{"is_disabled": true}'},
        )
    ]
    assert chat.outgoing() == [("sent", None)]
    assert chat.neighbours.questions[0]["metadata"]["channel"] == "telegram"
    assert chat.rows("SELECT sender, language FROM bot_conversation") == [("42", "es")]


async def test_someone_new_is_spoken_to_in_the_language_of_their_telegram(chat: Chat) -> None:
    who = {"id": ANA, "is_bot": False, "first_name": "Ana", "language_code": "en-GB"}
    await chat.post(update(voice=example("Voice"), **{"from": who}))
    chat.run()

    assert chat.telegram.texts() == ["I can't listen to voice notes yet. Please write it to me."]


# case 4
async def test_what_does_not_know_the_secret_is_refused_and_not_stored(chat: Chat) -> None:
    secret = chat.settings.telegram_secret()
    wrong = ["", secret.upper(), secret[:-1], secret + "x", "x" * 7_000]
    answers = [await chat.post(update(text="hola"), {HEADER: each}) for each in wrong]
    answers.append(await chat.post(update(text="hola"), {}))

    print(f"accepted {len(answers) - answers.count(403)} of {len(answers)}")
    assert answers == [403] * 6
    assert chat.rows("SELECT count(*) FROM bot_message") == [(0,)]


# case 10
async def test_update_ids_may_jump_either_way_and_the_same_message_counts_once(chat: Chat) -> None:
    said = [message(text=f"mensaje {number}") for number in range(4)]
    answers = [
        await chat.post({"update_id": number, "message": each})
        for number, each in zip((900, 901, 5, 2_000_000_000), said, strict=True)
        for _ in range(2)
    ]

    print(f"refused {len(answers) - answers.count(200)} of {len(answers)}")
    assert answers == [200] * 8
    assert chat.heard() == ["mensaje 0", "mensaje 1", "mensaje 2", "mensaje 3"]


async def test_an_edited_message_is_not_ordered_again(chat: Chat) -> None:
    first = message(text="2 leches")
    await chat.post(update(content=first))
    await chat.post(update("edited_message", first | {"text": "3 leches", "edit_date": 8}))

    assert chat.heard() == ["2 leches"]


async def test_groups_and_other_bots_are_not_answered(chat: Chat) -> None:
    group = {"id": -100, "type": "supergroup", "title": "Vecinos"}
    bot = {"id": 77, "is_bot": True, "first_name": "Otro"}
    for each in (update(text="hola", chat=group), update(text="hola", **{"from": bot})):
        assert await chat.post(each) == 200

    assert chat.rows("SELECT count(*) FROM bot_conversation") == [(0,)]


# case 12
async def test_bodies_that_are_no_updates_are_refused_or_passed_over(chat: Chat) -> None:
    bodies = [b"", b"[]", b"{", b"\xff", b"[" * 10_000, b"null", b'{"update_id": 1, "message": 3}', b"{}"]
    answers = {await chat.post(each) for each in bodies}

    assert answers <= {200, 422}
    assert await chat.post(b'{"update_id": 1, "message": "' + b"x" * 1_000_000 + b'"}') == 413
    assert chat.rows("SELECT count(*) FROM bot_message") == [(0,)]


async def test_a_text_that_no_database_takes_is_taken_without_what_spoils_it(chat: Chat) -> None:
    told = json.dumps(update(text="leX")).replace("leX", "le\\u0000\\ud800che").encode()

    assert await chat.post(told) == 200
    assert chat.heard() == ["le?che"]


async def test_who_opens_the_chat_is_greeted_in_the_language_of_their_telegram(chat: Chat) -> None:
    assert await chat.post(update(text="/start")) == 200
    chat.run()

    assert chat.heard() == ["/start"]
    [asked] = chat.neighbours.questions
    assert (asked["message"], asked["metadata"]["via"], asked["metadata"]["locale"]) == ("/greet", "button", "es")


async def test_start_after_a_stop_is_the_end_of_the_stop(chat: Chat) -> None:
    for words in ("stop", "/start"):
        await chat.post(update(text=words))
    chat.run()

    assert chat.telegram.texts()[1] == "¡Qué bueno tenerte de vuelta! ¿Qué necesitas?"
    assert chat.neighbours.questions == []


async def test_the_number_that_telegram_vouches_for_is_told_to_the_oms_before_the_turn(chat: Chat) -> None:
    await chat.post(update(contact=example("Contact", phone_number="573001112233", user_id=ANA)))
    chat.neighbours.known[str(ANA)] = {"customer_id": "ana", "customer_ids": ["ana", f"c-{ANA}"]}
    chat.run()

    assert chat.neighbours.phones == [{"channel": "telegram", "external_id": str(ANA), "phone": "+573001112233"}]
    [asked] = chat.neighbours.questions
    assert asked["metadata"]["has_shared_phone"] is True
    assert tokens.verify(asked["metadata"]["customer_token"], KEY).subject == "ana"
    assert chat.heard() == ["[contacto]"]
    assert chat.rows("SELECT shared_phone FROM bot_turn") == [(None,)]


async def test_the_number_of_someone_else_is_no_proof(chat: Chat) -> None:
    await chat.post(update(contact=example("Contact", phone_number="573001112233", user_id=77)))
    chat.run()

    assert chat.telegram.texts() == ["Recibí un contacto, pero no puedo leerlo. Escríbeme lo que necesitas."]
    assert (chat.neighbours.phones, chat.neighbours.questions) == ([], [])


async def test_the_token_of_a_link_reaches_the_turn(chat: Chat) -> None:
    token = "a_b-" * 8
    await chat.post(update(text=f"/start {token}"))
    chat.run()

    [asked] = chat.neighbours.questions
    assert (asked["metadata"]["start_token"], chat.heard()) == (token, ["/start"])
    assert chat.rows("SELECT start_token FROM bot_turn") == [(None,)]


def test_the_door_is_the_bot_s_name_once_telegram_told_it(chat: Chat) -> None:
    told = wait_until(chat.channel.door, what="getMe")

    assert told == "https://t.me/LaEsquinaBot?start={token}"


# Messages as a newer Telegram may send them: the library cannot read them.
UNREADABLE = {"date": "soon"}, {"entities": [{"type": "bold"}]}, {"photo": 7}


# case 13
@pytest.mark.parametrize("fields", UNREADABLE)
async def test_a_message_that_the_library_cannot_read_is_kept_and_answered(chat: Chat, fields: dict[str, Any]) -> None:
    assert await chat.post(update(text="hola", **fields)) == 200
    chat.run()

    assert chat.heard() == ["[mensaje sin texto]"]
    assert chat.telegram.texts() == ["Recibí un mensaje que no puedo leer. Escríbemelo con tus palabras, porfa."]


@pytest.mark.parametrize("where", [{"chat": {"id": -9, "type": "group"}}, {"from": {"id": 77, "is_bot": True}}, {}])
async def test_what_is_unreadable_and_from_elsewhere_is_passed_over(chat: Chat, where: dict[str, Any]) -> None:
    unreadable = update(text="hola", date="soon", **where) if where else {"update_id": 1, "message": {"date": "soon"}}

    assert await chat.post(unreadable) == 200
    assert chat.heard() == []
