"""A chat over the web channel, from the socket to the answer and back (docs/web-chat-protocol.md)."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import httpx
import pytest

from kernel import tokens
from tests.bot.conftest import Running
from tests.bot.neighbours import Items, Question, wait_until
from tests.bot.page import Page


def test_a_message_is_acknowledged_and_answered(page: Page) -> None:
    client_id = page.say("3 cajas de leche")

    ack = page.receive("ack")
    assert (ack["client_id"], ack["seq"]) == (client_id, 1)
    assert page.until_replies(1) == ["echo: 3 cajas de leche"]
    assert [(m["seq"], m["author"]) for m in page.messages] == [(1, "customer"), (2, "assistant")]
    assert page.messages[0]["client_id"] == client_id
    assert "client_id" not in page.messages[1]


def test_the_assistant_is_told_who_asks_and_how(bot: Running, page: Page) -> None:
    page.say("hola")
    page.until_replies(1)

    (question,) = [q for q in bot.neighbours.questions if q["sender"] == page.conversation_id]
    metadata = question["metadata"]
    assert metadata.pop("customer_token").count(".") == 2
    assert metadata.pop("traceparent").split("-")[1] == page.messages[0]["id"].replace("-", "")
    # Telegram's is there once Telegram told the bot's name.
    assert metadata.pop("doors")["whatsapp"] == "https://wa.me/14155238886?text={text}"
    assert metadata == {
        "conversation_id": page.conversation_id,
        "message_id": page.messages[0]["id"],
        "channel": "web",
        "locale": "es",
        "via": "text",
        "attachments": [],
        "start_token": None,
        "has_shared_phone": False,
    }


def test_the_customer_is_resolved_once_per_conversation(bot: Running, page: Page) -> None:
    bot.neighbours.identities.clear()
    for n in range(3):
        page.say(f"mensaje {n}")
        page.until_replies(n + 1)

    assert len(bot.neighbours.identities) == 1
    assert bot.neighbours.identities[0]["channel"] == "web"
    assert page.token not in bot.neighbours.identities[0]["external_id"]


def test_messages_are_answered_in_order(page: Page) -> None:
    words = [f"línea {n}" for n in range(8)]
    for word in words:
        page.say(word)

    assert page.until_replies(8) == [f"echo: {word}" for word in words]


def test_typing_is_shown_until_the_last_message_is_answered(page: Page) -> None:
    page.say("hola")

    assert page.receive("typing")["on"] is True
    page.until_replies(1)
    assert page.receive("typing")["on"] is False


def test_a_reload_brings_the_whole_history(bot: Running, page: Page) -> None:
    page.say("hola")
    page.until_replies(1)

    again = bot.page()
    again.close()
    again.token, again.messages = page.token, []
    again.open()
    assert again.conversation_id == page.conversation_id
    assert [m["text"] for m in again.messages] == ["hola", "echo: hola"]


def test_a_reconnect_brings_only_what_was_missed(bot: Running, page: Page) -> None:
    page.say("uno")
    page.until_replies(1)
    other_tab = bot.page()
    other_tab.close()
    other_tab.token = page.token
    other_tab.open()

    page.drop()
    other_tab.say("dos")
    other_tab.until_replies(2)
    page.open()

    assert [m["text"] for m in page.welcome["messages"]] == ["dos", "echo: dos"]
    assert page.welcome["has_more"] is False


def test_a_long_absence_is_caught_up_without_loss_or_repeat(bot: Running, page: Page) -> None:
    bot.neighbours.answer = lambda question: [{"text": f"{question['message']}: {n}"} for n in range(450)]
    page.say("muchos")
    page.drop()
    bot.page()  # somebody else meanwhile

    page.open()
    replies = page.until_replies(450, timeout_s=30)

    # Page.receive has refused every gap and every repeat on the way.
    assert replies == [f"muchos: {n}" for n in range(450)]


# case 5
def test_the_same_client_id_is_one_message_and_one_answer(bot: Running, page: Page) -> None:
    seqs = []
    for _ in range(5):
        page.say("una vez", client_id="only-once")
        seqs.append(page.receive("ack")["seq"])
    page.drop()
    page.open()
    page.say("una vez", client_id="only-once")
    seqs.append(page.receive("ack")["seq"])
    page.say("otra")
    page.until_replies(2)

    assert seqs == [1, 1, 1, 1, 1, 1]
    assert bot.neighbours.asked(page.conversation_id) == ["una vez", "otra"]
    assert page.replies == ["echo: una vez", "echo: otra"]


# case 5
def test_fifty_resends_at_once_are_one_turn(bot: Running, page: Page) -> None:
    tabs = [bot.page() for _ in range(10)]
    for tab in tabs:
        tab.close()
        tab.token = page.token
        tab.open()

    def storm(tab: Page) -> None:
        # Two each: 20 in 10 s is what one visitor may send.
        for _ in range(2):
            tab.say("tormenta", client_id="storm")
            assert tab.receive("ack")["seq"] == 1

    threads = [threading.Thread(target=storm, args=(tab,)) for tab in tabs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    page.until_replies(1)
    page.hear(0.5)

    assert bot.neighbours.asked(page.conversation_id) == ["tormenta"]
    assert page.replies == ["echo: tormenta"]
    assert bot.rows("SELECT count(*) FROM bot_turn WHERE conversation_id = :c", c=page.conversation_id) == [(1,)]


def test_every_open_page_of_a_visitor_sees_the_conversation(bot: Running, page: Page) -> None:
    tab = bot.page()
    tab.close()
    tab.token = page.token
    tab.open()

    page.say("hola a todas")

    assert tab.until_replies(1) == ["echo: hola a todas"]
    assert tab.messages[0]["text"] == "hola a todas"


def test_the_language_of_a_conversation_is_the_first_pages_and_stays(bot: Running) -> None:
    page = bot.page(locale="en")
    assert page.welcome["language"] == "en"
    page.close()
    page._locale = "es"
    page.open()
    assert page.welcome["language"] == "en"


def test_the_assistant_changes_the_language(bot: Running, page: Page) -> None:
    bot.neighbours.answer = lambda _: [{"text": "Sure"}, {"custom": {"language": "en"}}]
    page.say("english please")

    assert page.receive("language")["language"] == "en"
    page.until_replies(1)
    page.say("")
    assert page.receive("error")["detail"] == "Write something to send it."


def ask_which_milk(question: Question) -> Items:
    if question["metadata"]["via"] == "button":
        return [{"text": f"pressed {question['message']}"}]
    buttons = [
        {"title": "Entera", "payload": '/option_choose{"option": 1}'},
        {"title": "Deslactosada", "payload": '/option_choose{"option": 2}'},
    ]
    return [{"text": "¿Cuál leche?", "buttons": buttons}]


@pytest.fixture
def asked(bot: Running, page: Page) -> Page:
    """A page with a question on it that has two choices."""
    bot.neighbours.answer = ask_which_milk
    page.say("leche")
    page.until_replies(1)
    return page


def choices(page: Page) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.messages[-1]["choices"]
    return found


def test_a_choice_says_its_title_and_means_its_payload(bot: Running, asked: Page) -> None:
    assert [choice["title"] for choice in choices(asked)] == ["Entera", "Deslactosada"]
    assert "option" not in str(asked.frames)

    asked.press(choices(asked)[1]["token"])

    assert asked.until_replies(2)[-1] == 'pressed /option_choose{"option": 2}'
    assert asked.messages[2]["text"] == "Deslactosada"


def test_what_the_buttons_say_is_not_said_twice_until_they_are_over(bot: Running, page: Page) -> None:
    listed = "¿Cuál leche?\n1. Entera · $4.500\n2. Deslactosada"
    buttons = [{"title": title, "payload": f"/{title}"} for title in ("Entera", "Deslactosada", "Ninguna")]
    question = {"text": listed, "buttons": buttons}
    bot.neighbours.answer = lambda asked: [question if asked["message"] == "leche" else {"text": "Va."}]
    page.say("leche")

    assert page.until_replies(1) == ["¿Cuál leche?"]
    assert [(each["title"], each.get("note")) for each in choices(page)] == [
        ("Entera", "$4.500"), ("Deslactosada", None), ("Ninguna", None),
    ]  # fmt: skip

    page.press(choices(page)[0]["token"])
    page.until_replies(2)
    page.close()
    page.messages = []
    page.open()
    assert [each["text"] for each in page.messages] == ["leche", listed, "Entera", "Va."]


# case 43
def test_a_choice_pressed_twice_works_once(bot: Running, asked: Page) -> None:
    token = choices(asked)[0]["token"]
    asked.press(token)
    second = asked.press(token)

    error = asked.receive("error")
    assert (error["code"], error["client_id"]) == ("choice_expired", second)
    assert error["detail"] == "Esa opción ya no está disponible. Escríbeme con tus palabras qué necesitas."
    asked.until_replies(2)
    asked.hear(0.3)
    assert bot.neighbours.asked(asked.conversation_id) == ["leche", '/option_choose{"option": 1}']


def test_a_choice_resent_with_its_client_id_is_acknowledged_again(asked: Page) -> None:
    token = choices(asked)[0]["token"]
    asked.press(token, client_id="press")
    first = asked.receive("ack")
    asked.press(token, client_id="press")

    assert asked.receive("ack") == first


# case 43
def test_the_other_choices_end_with_the_one_pressed(asked: Page) -> None:
    one, other = choices(asked)
    asked.press(one["token"])
    asked.until_replies(2)
    asked.press(other["token"])

    assert asked.receive("error")["code"] == "choice_expired"


# case 43
def test_a_new_question_ends_the_choices_of_the_old_one(bot: Running, asked: Page) -> None:
    old = choices(asked)[0]["token"]
    asked.say("mejor otra leche")
    asked.until_replies(2)
    asked.press(old)

    assert asked.receive("error")["code"] == "choice_expired"


# case 43
def test_the_choice_of_someone_else_has_no_effect(bot: Running, asked: Page) -> None:
    stranger = bot.page()
    stranger.press(choices(asked)[0]["token"])

    assert stranger.receive("error")["code"] == "choice_expired"
    assert bot.neighbours.asked(stranger.conversation_id) == []
    asked.press(choices(asked)[0]["token"])
    assert asked.receive("ack")["seq"] == 3


def test_ended_choices_are_not_shown_again(bot: Running, asked: Page) -> None:
    asked.press(choices(asked)[0]["token"])
    asked.until_replies(2)
    asked.close()
    asked.messages = []
    asked.open()

    assert [message["choices"] for message in asked.messages] == [[], [], [], []]


def test_a_handoff_queues_the_conversation_and_the_way_back_works(bot: Running, page: Page) -> None:
    bot.neighbours.answer = lambda _: [
        {"text": "Te paso con alguien."},
        {"custom": {"handoff": {"reason": "requested"}}},
    ]
    page.say("quiero una persona")
    assert page.receive("owner")["owner"] == "queued"
    words, note = page.until_replies(2)
    assert words == "Te paso con alguien."
    # Other tests of this bot may wait here, too, or listen as staff do.
    assert note.startswith(("En este momento no hay nadie disponible", "Sigues tú en la fila", "Eres la persona "))

    page.say("¿hola?")
    page.say("¿sigues ahí?")
    page.hear(0.5)
    assert len(page.replies) == 2
    assert bot.neighbours.asked(page.conversation_id) == ["quiero una persona"]

    bot.neighbours.answer = lambda question: [{"text": f"echo: {question['message']}"}]
    back, call = next(m["choices"] for m in page.messages if m["text"] == note)
    assert (back["title"], call["title"]) == ("Seguir con el asistente", "Que me llamen")
    page.press(back["token"])
    assert page.receive("owner")["owner"] == "assistant"
    page.say("leche")
    assert page.until_replies(4)[2:] == ["Listo, aquí sigo contigo. ¿Qué necesitas?", "echo: leche"]


def test_a_place_is_told_to_the_assistant_in_words_and_to_the_metre(bot: Running, page: Page) -> None:
    place = {"latitude": 4.648600123, "longitude": -74.0625}
    page.send({"type": "message", "client_id": "here", "text": "not this", "location": place})

    assert page.until_replies(1) == ["echo: (4.6486, -74.0625)"]
    assert page.messages[0]["text"] == "(4.6486, -74.0625)"


# case 107
def test_a_card_number_is_cut_out_before_it_is_written(bot: Running, page: Page) -> None:
    page.say("mi tarjeta es 4111 1111 1111 1111, 12/27")
    page.say("o 5500-0000-0000-0004")
    page.until_replies(3)

    assert (
        page.replies.count(
            "Por tu seguridad borré el número de tarjeta que escribiste. Por favor no envíes datos de tarjetas aquí."
        )
        == 1
    )
    assert bot.neighbours.asked(page.conversation_id) == ["mi tarjeta es [••••], 12/27", "o [••••]"]
    assert page.messages[0]["text"] == "mi tarjeta es [••••], 12/27"


def test_the_person_who_has_the_conversation_sees_that_the_customer_writes(bot: Running, page: Page) -> None:
    page.say("hola")
    page.until_replies(1)
    grants = frozenset({"role:agent"})
    principal = tokens.Principal("staff", "rosa", grants=grants, name="Rosa")
    bearer = {"Authorization": f"Bearer {tokens.mint(principal, bot.settings.signing_key(), timedelta(minutes=1))}"}
    at = f"{bot.url}/bot/api/conversations/{page.conversation_id}"
    claimed = httpx.post(f"{at}/claim", json={"version": 1}, headers=bearer | {"Idempotency-Key": "1"}, trust_env=False)
    assert claimed.status_code == 200, claimed.text
    assert page.receive("owner")["owner"] == "agent"

    page.send({"type": "typing"})

    wait_until(lambda: httpx.get(at, headers=bearer, trust_env=False).json()["is_customer_typing"], what="the sign")

    def writes(text: str, **how: bool) -> None:
        answer = httpx.put(f"{at}/draft", json={"text": text} | how, headers=bearer, trust_env=False)
        assert answer.status_code == 200, answer.text

    # And the customer, that the person writes to them: not that they write a note, or take their words back.
    writes("para el equipo", is_note=True)
    writes("  ")
    writes("Ya te ay")
    writes("Ya te ayu")
    said = httpx.post(
        f"{at}/messages", json={"text": "Ya te ayudo"}, headers=bearer | {"Idempotency-Key": "2"}, trust_env=False
    )
    assert said.status_code == 201, said.text
    heard: list[object] = []
    while len(heard) < 3:
        frame = page.receive()
        if frame["type"] in ("typing", "message"):
            heard.append(frame["on"] if frame["type"] == "typing" else frame["text"])
    assert heard == [True, "Ya te ayudo", False]
