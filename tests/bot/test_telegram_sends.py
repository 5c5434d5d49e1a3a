"""What goes out on Telegram: as it was written, once, at a pace, and whatever Telegram answers."""

from __future__ import annotations

import random
from typing import Any

import pytest

from bot.channels.base import OutgoingMessage
from bot.channels.rendering import split, utf16_units
from bot.telling.sending import MAX_ATTEMPTS
from tests.bot.telegram import METHODS, example, problems
from tests.bot.telegram_chat import ANA, Chat, chat, update

__all__ = ["chat"]


# case 26
@pytest.mark.parametrize("name", ["_*[leche](tg://user?id=1)", "<b>pan</b> & <i", "`código` \\ ~||x||"])
async def test_signs_of_markup_arrive_as_they_were_written(chat: Chat, name: str) -> None:
    await chat.post(update(text=name))
    chat.run()

    assert chat.telegram.texts() == [f"echo: {name}"]
    assert "parse_mode" not in chat.telegram.of("sendMessage")[0]


# case 26
def test_five_thousand_names_with_signs_of_markup_are_rendered_as_they_are_written(chat: Chat) -> None:
    chance = random.Random(26)
    signs = [*"_*[]()~`>#+-=|{}.!<&\\\"'/", "<b>", "</i>", "&amp;", "tg://", "ñ", "😀", "leche", " "]
    names = ["".join(chance.choices(signs, k=chance.randint(1, 30))) for _ in range(5_000)]

    rendered = [chat.channel.render(OutgoingMessage(f"1 × {name}|")) for name in names]

    changed = [name for name, parts in zip(names, rendered, strict=True) if parts != [{"text": f"1 × {name}|"}]]
    print(f"{len(changed)} of {len(names)} names changed")
    assert changed == []


async def test_a_document_follows_its_words_as_a_file(chat: Chat) -> None:
    chat.neighbours.pages["/f/a/pdf"] = (200, b"%PDF-1.7 of FV-1")
    page = f"{chat.settings.public_url}/f/a"
    await chat.post(update(text="hola"))
    chat.run()
    chat.say(f"Tu factura: {page}", "Gracias", enclosed=f"{page}/pdf")
    # A second after its words.
    assert chat.send() != [None]
    assert chat.send() == [None]

    called = [name for name, _ in chat.telegram.calls if name != "getMe"]
    assert called == ["sendMessage", "sendMessage", "sendDocument"]
    assert chat.telegram.files == {"FV-1.pdf": b"%PDF-1.7 of FV-1"}
    assert chat.telegram.of("sendDocument")[0]["chat_id"] == "42"
    assert "reply_markup" in chat.telegram.of("sendMessage")[1]
    assert chat.outgoing() == [("sent", None)] * 3


@pytest.mark.parametrize(
    ("url", "page", "row"),
    [
        ("{shop}/f/a/pdf", (410, b"gone"), ("failed", "media_gone")),
        ("{shop}/f/a/pdf", (200, b""), ("failed", "media_gone")),
        ("{shop}/f/a/pdf", (503, b"later"), ("queued", None)),
        ("http://169.254.169.254/f/a/pdf", (200, b"secret"), ("failed", "media_gone")),
        ("{shop}.evil.example/f/a/pdf", (200, b"secret"), ("failed", "media_gone")),
    ],
)
async def test_a_document_that_cannot_be_had_is_not_sent_and_says_why(
    chat: Chat, url: str, page: tuple[int, bytes], row: tuple[str, str | None]
) -> None:
    chat.neighbours.pages["/f/a/pdf"] = page
    await chat.post(update(text="hola"))
    chat.run()
    chat.say("Tu factura: el enlace", enclosed=url.format(shop=chat.settings.public_url))
    chat.send()
    chat.send()

    assert chat.outgoing() == [("sent", None), ("sent", None), row]
    assert chat.telegram.of("sendDocument") == []


# case 25
def test_a_long_text_is_cut_by_telegrams_count_and_joins_again() -> None:
    family = "👨‍👩‍👧‍👦"
    source = "".join(f"{number} {family * 9} niñ́o. " for number in range(200))
    pieces = split(source, 4_096, utf16_units)

    over = sum(utf16_units(each) > 4_096 for each in pieces)
    print(
        f"{len(pieces)} pieces: over the limit {over}, joined the text: {'yes' if ''.join(pieces) == source else 'no'}"
    )
    assert "".join(pieces) == source
    assert [utf16_units(each) <= 4_096 for each in pieces] == [True] * len(pieces)
    assert len(pieces) == 6
    assert not any(each.startswith(("\u200d", "\u0301")) for each in pieces)
    assert [len(each) for each in split("🥛" * 5_000, 4_096, utf16_units)] == [2_048, 2_048, 904]


# case 28
@pytest.mark.parametrize(
    ("failure", "row", "unreachable"),
    [
        ((403, "Forbidden: bot was blocked by the user"), ("failed", "blocked"), "blocked"),
        ((400, "Bad Request: chat not found"), ("failed", "bad_address"), "bad_address"),
        ((400, "Bad Request: message is too long"), ("failed", "Message is too long"), None),
        ((401, "Unauthorized"), ("queued", None), None),
        ((500, "Internal Server Error: restart"), ("queued", None), None),
        (b"<html>502 Bad Gateway</html>", ("uncertain", "TelegramError"), None),
        ("reset", ("uncertain", "RemoteProtocolError"), None),
    ],
)
async def test_each_error_has_its_answer(
    chat: Chat, failure: Any, row: tuple[str, str | None], unreachable: str | None
) -> None:
    chat.telegram.fail = [failure]
    await chat.post(update(text="hola"))
    chat.run()

    assert chat.outgoing() == [row]
    assert chat.rows("SELECT unreachable FROM bot_contact") == [(unreachable,)]
    if row[0] == "queued":
        return
    before = len(chat.telegram.of("sendMessage"))
    chat.send()
    print(f"tries after the last error {len(chat.telegram.of('sendMessage')) - before}")
    assert len(chat.telegram.of("sendMessage")) == before


# case 17
async def test_a_message_of_unknown_fate_is_not_sent_again(chat: Chat) -> None:
    chat.telegram.fail = ["reset"]
    await chat.post(update(text="hola"))
    chat.run()

    assert chat.send() == []
    assert chat.telegram.texts() == ["echo: hola"]


# case 19
async def test_telegram_is_left_alone_for_as_long_as_it_asks(chat: Chat) -> None:
    chat.telegram.fail = [(429, "Too Many Requests: retry after 35", 35)]
    await chat.post(update(text="hola"))
    await chat.post(update(text="hola", **{"from": {"id": 43, "is_bot": False, "first_name": "Eva"}}))
    for (message_id,) in chat.rows("SELECT message_id FROM bot_turn"):
        chat.turns.attempt(str(message_id))
    first, second = chat.send()

    print(f"asked to wait 35 s: the first waits {first:.0f} s, the next {second:.0f} s")
    assert first == 35.0
    assert second is not None
    assert 34.0 < second <= 35.0
    assert chat.telegram.texts() == []
    assert chat.rows("SELECT DISTINCT status, attempts FROM bot_outgoing") == [("queued", 0)]


# case 20
async def test_a_server_error_is_tried_again_ever_later_and_then_given_up(chat: Chat) -> None:
    chat.telegram.fail = [(500, "Internal Server Error")] * MAX_ATTEMPTS
    await chat.post(update(text="hola"))
    chat.run()
    waits = [chat.send()[0] for _ in range(MAX_ATTEMPTS - 1)]

    [(stuck,)] = chat.rows("SELECT count(*) FROM bot_outgoing WHERE status IN ('queued', 'sending')")
    print(f"tries wait {waits[:-1]} s and end; stuck {stuck}")
    assert waits == [10.0, 20.0, 40.0, 80.0, None]
    assert chat.outgoing() == [("failed", "Internal Server Error")]


# case 24
async def test_a_chat_gets_one_message_a_second_and_all_together_less_than_thirty(chat: Chat) -> None:
    await chat.post(update(text="hola"))
    chat.run()
    chat.say("uno")
    wait_s = chat.send(paced=True)[0]

    assert wait_s is not None
    assert 0.0 < wait_s <= 1.0
    assert chat.telegram.texts() == ["echo: hola"]
    allowed = [chat.sends._must_wait(chat.channel, str(number)) for number in range(100)]
    assert allowed.count(0.0) == 27


# case 24
async def test_a_quarter_of_the_pace_is_kept_for_answers(chat: Chat) -> None:
    news = [chat.sends._must_wait(chat.channel, f"news {number}", is_bulk=True) for number in range(100)]
    answers = [chat.sends._must_wait(chat.channel, f"answer {number}") for number in range(100)]

    assert (news.count(0.0), answers.count(0.0)) == (21, 7)


async def test_who_blocks_the_bot_is_not_written_to_until_they_come_back(chat: Chat) -> None:
    await chat.post(update(text="hola"))
    chat.run()
    for status, is_reached in (("kicked", False), ("member", True)):
        change = example("ChatMemberUpdated", **{"from": {"id": ANA, "is_bot": False, "first_name": "Ana"}})
        change["new_chat_member"] = {"status": status, "user": example("User", id=1, is_bot=True)}
        change["new_chat_member"] |= {"until_date": 0} if status == "kicked" else {}
        assert await chat.post(update("my_chat_member", change)) == 200
        chat.say(status)
        chat.send()
        assert (chat.telegram.texts()[-1] == status) is is_reached

    assert chat.outgoing() == [("sent", None), ("skipped", "blocked"), ("sent", None)]


@pytest.mark.parametrize(
    ("method", "call", "found"),
    [
        ("sendMessage", {"chat_id": "1", "text": "x"}, 0),
        ("sendMesage", {"chat_id": "1", "text": "x"}, 1),
        ("sendMessage", {"text": "x"}, 1),
        ("sendMessage", {"chat_id": "1", "text": "x", "buttons": "[]"}, 1),
        ("sendMessage", {"chat_id": "1", "text": "🥛" * 2_049}, 1),
        ("answerCallbackQuery", {"callback_query_id": "1", "cache_time": "soon"}, 1),
        ("sendMessage", {"chat_id": "1", "text": "x", "reply_markup": '{"inline_keyboard": [[{"title": "x"}]]}'}, 2),
    ],
)
def test_the_checker_finds_what_the_interface_does_not_allow(method: str, call: dict[str, str], found: int) -> None:
    assert len(problems(method, call)) == found
    assert "sendMessage" in METHODS
