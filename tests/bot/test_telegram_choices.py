"""Files and choices on Telegram: what customers send and press beside words."""

from __future__ import annotations

import asyncio
import io
import json

from PIL import Image

from bot.channels.base import ASKS_CONTACT
from bot.conversations import service
from bot.conversations.service import Button
from tests.bot.telegram import example
from tests.bot.telegram_chat import Chat, chat, press, update

__all__ = ["chat"]


async def test_a_photo_and_its_caption_come_to_the_assistant(chat: Chat) -> None:
    chat.telegram.files["large"] = _photo()
    sizes = [example("PhotoSize", file_id="small"), example("PhotoSize", file_id="large")]
    await chat.post(update(photo=sizes, caption="el comprobante"))
    message_id = str(chat.rows("SELECT id FROM bot_message")[0][0])

    assert await asyncio.to_thread(chat.fetches.attempt, message_id, ["large"]) is True
    chat.run()

    assert chat.rows("SELECT type, width FROM bot_attachment") == [("image/jpeg", 60)]
    assert chat.neighbours.questions[0]["message"] == "el comprobante"
    assert len(chat.neighbours.questions[0]["metadata"]["attachments"]) == 1


# case 11
async def test_an_album_of_someone_new_is_ten_messages_in_one_conversation(chat: Chat) -> None:
    photo = [example("PhotoSize")]
    album = [update(photo=photo, media_group_id="a") for _ in range(10)]
    answers = await asyncio.gather(*(chat.post(each) for each in album))

    [(conversations,)] = chat.rows("SELECT count(*) FROM bot_conversation")
    print(f"an album of {len(answers)}: conversations {conversations}")
    assert answers == [200] * 10
    assert chat.rows("SELECT count(*) FROM bot_conversation") == [(1,)]
    assert chat.rows("SELECT seq FROM bot_message ORDER BY seq") == [(seq,) for seq in range(1, 11)]


async def test_a_file_that_telegram_has_no_more_is_said_so(chat: Chat) -> None:
    await chat.post(update(photo=[example("PhotoSize", file_id="gone")]))
    message_id = str(chat.rows("SELECT id FROM bot_message")[0][0])

    assert await asyncio.to_thread(chat.fetches.attempt, message_id, ["gone"]) is True
    chat.run()

    assert chat.telegram.texts() == ["El archivo no llegó completo. Inténtalo de nuevo."]


def _photo() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (60, 80), "red").save(file, "JPEG")
    return file.getvalue()


# case 27
async def test_choices_are_buttons_and_a_press_is_answered_and_seen(chat: Chat) -> None:
    await chat.post(update(text="hola"))
    chat.run()
    chat.say("¿Cuál?\n1. Entera\n2. Deslactosada", "Entera", "Deslactosada")
    chat.send()
    assert chat.telegram.texts()[-1] == "¿Cuál?"
    tokens = [token for (token,) in chat.rows("SELECT token FROM bot_choice ORDER BY position")]

    assert json.loads(chat.telegram.of("sendMessage")[-1]["reply_markup"]) == {
        "inline_keyboard": [
            [{"text": "Entera", "callback_data": tokens[0]}],
            [{"text": "Deslactosada", "callback_data": tokens[1]}],
        ]
    }
    assert await chat.post(press(str(tokens[1]), "Deslactosada", number=5)) == 200
    assert chat.telegram.of("answerCallbackQuery") == [{"callback_query_id": "5"}]
    # The same press again is one choice.
    assert await chat.post(press(str(tokens[1]), "Deslactosada", number=5)) == 200
    chat.run()
    assert chat.neighbours.asked() == ["hola", "/choose_Deslactosada"]

    # An old button still says what it says, and one of which nothing is known that it is gone.
    await chat.post(press(str(tokens[0]), "Entera"))
    await chat.post(press("another"))
    chat.run()
    assert chat.neighbours.asked()[2:] == ["Entera"]
    assert chat.telegram.texts()[-1] == "Esa opción ya no está disponible. Escríbeme con tus palabras qué necesitas."
    bytes_most = max(len(str(token).encode()) for token in tokens)
    calls, violations = len(chat.telegram.calls), len(chat.telegram.violations)
    print(f"{calls} calls, violations {violations}; data of at most {bytes_most} bytes")


async def test_the_choice_that_asks_for_a_number_is_a_button_that_hands_it_over(chat: Chat) -> None:
    await chat.post(update(text="hola"))
    chat.run()
    conversation_id = str(chat.rows("SELECT id FROM bot_conversation")[0][0])
    with chat.delivery.to(conversation_id) as (session, conversation):
        buttons = (Button("Compartir mi número", ASKS_CONTACT), Button("Dejarlo así", "/deny"))
        service.append(session, conversation, "assistant", "¿Quién eres?", buttons=buttons)
    chat.send()

    assert json.loads(chat.telegram.of("sendMessage")[-1]["reply_markup"]) == {
        "keyboard": [[{"text": "Compartir mi número", "request_contact": True}], [{"text": "Dejarlo así"}]],
        "resize_keyboard": True,
        "one_time_keyboard": True,
    }
    # The other key sends its words, which are its choice.
    await chat.post(update(text="Dejarlo así"))
    chat.run()
    assert chat.neighbours.asked() == ["hola", "/deny"]
