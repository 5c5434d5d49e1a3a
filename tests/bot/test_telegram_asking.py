"""A shop that Telegram cannot reach asks it for news."""

from __future__ import annotations

import pytest
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from bot.channels.polling import Poller
from kernel.sole import Sole
from tests.bot.conftest import Running
from tests.bot.neighbours import wait_until
from tests.bot.telegram import TOKEN
from tests.bot.telegram_chat import Chat, chat, update

__all__ = ["chat"]


def poller(chat: Chat) -> Poller:
    return Poller(chat.database, chat.arrivals, chat.channel)


# case 14
def test_what_waits_is_asked_for_stored_and_only_then_confirmed(chat: Chat) -> None:
    chat.telegram.hook["url"] = "https://old.example"
    assert chat.channel.begin() is False  # type: ignore[attr-defined]
    chat.telegram.updates = [update(text="uno"), update(text="dos")]
    first = poller(chat)

    assert first.ask() == 2
    assert len(chat.telegram.updates) == 2
    # It dies here: the next one gets both again, and they count once.
    second = poller(chat)
    assert second.ask() == 2
    assert second.ask() == 0
    assert chat.telegram.updates == []
    # After a quiet week numbers begin anew, below.
    chat.telegram.updates = [update(text="tres") | {"update_id": 1}]
    assert second.ask() == 1

    assert chat.heard() == ["uno", "dos", "tres"]
    assert chat.telegram.of("deleteWebhook") == [{"drop_pending_updates": "false"}]


# case 7, 14
def test_what_could_not_be_stored_is_asked_for_again(chat: Chat) -> None:
    chat.telegram.updates = [update(text=words) | {"update_id": at} for at, words in enumerate(("uno", "dos"), 5)]
    asking = poller(chat)
    with chat.database.write() as session:
        session.execute(text("ALTER TABLE bot_contact RENAME TO bot_contact_away"))
    with pytest.raises(SQLAlchemyError):
        asking.ask()
    with chat.database.write() as session:
        session.execute(text("ALTER TABLE bot_contact_away RENAME TO bot_contact"))

    assert asking.ask() == 2
    chat.telegram.updates.append(update(text="tres") | {"update_id": 7})
    assert asking.ask() == 1
    assert chat.heard() == ["uno", "dos", "tres"]


# case 13, 14
def test_an_update_that_the_library_cannot_read_holds_up_none_of_those_behind_it(chat: Chat) -> None:
    chat.telegram.updates = [update(text="uno"), update(text="dos", date="soon"), update(text="tres")]
    asking = poller(chat)

    assert asking.ask() == 3
    assert asking.ask() == 0
    assert chat.heard() == ["uno", "[mensaje sin texto]", "tres"]
    assert chat.telegram.updates == []


# case 14
def test_of_two_pollers_one_asks_and_the_other_takes_over(chat: Chat) -> None:
    first, second = Sole(chat.database, "poll.telegram"), Sole(chat.database, "poll.telegram")

    assert (first.take(), first.take(), second.take()) == (True, True, False)
    first.release()
    assert second.take() is True
    second.release()


def test_a_shop_with_an_address_is_posted_to(chat: Chat) -> None:
    channel = chat.open_with(public_url="https://tienda.example")

    assert channel.begin() is True  # type: ignore[attr-defined]
    assert chat.telegram.of("setWebhook") == [
        {
            "url": "https://tienda.example/channels/telegram",
            "secret_token": chat.settings.telegram_secret(),
            "allowed_updates": '["message", "edited_message", "callback_query", "my_chat_member"]',
        }
    ]
    assert channel.health().says == "@LaEsquinaBot posts to https://tienda.example/channels/telegram"


@pytest.mark.parametrize("port", [":9443", ":8080"])
def test_a_shop_at_a_port_to_which_telegram_does_not_post_asks(chat: Chat, port: str) -> None:
    channel = chat.open_with(public_url=f"https://tienda.example{port}")

    assert channel.begin() is False  # type: ignore[attr-defined]
    assert (chat.telegram.of("setWebhook"), len(chat.telegram.of("deleteWebhook"))) == ([], 1)
    assert channel.health().says == "@LaEsquinaBot, asked for news: 0 wait"
    assert chat.open_with(public_url="https://tienda.example:8443").begin() is True  # type: ignore[attr-defined]


def test_the_doctor_says_what_is_wrong(chat: Chat) -> None:
    assert chat.channel.health().says == "@LaEsquinaBot, asked for news: 0 wait"
    chat.telegram.hook["url"] = "https://old.example/x"
    assert chat.channel.health().says == "@LaEsquinaBot posts to https://old.example/x"
    assert chat.open_with(public_url="https://tienda.example").health().is_well is False
    wrong = chat.open_with(telegram_bot_token=SecretStr("1" + TOKEN))
    assert wrong.health().says == "Telegram does not know the token"
    with pytest.raises(ValueError, match="does not look like a token"):
        chat.open_with(telegram_bot_token=SecretStr("secret"))


def test_the_real_processes_ask_and_answer(bot: Running) -> None:
    wait_until(lambda: bot.telegram.hook["url"] == "", timeout_s=60, what="the worker's poller")
    bot.telegram.updates = [update(text="uno por telegram"), update(text="dos por telegram")]

    wait_until(lambda: len(bot.telegram.texts()) == 2, timeout_s=60, what="two answers on Telegram")

    assert bot.telegram.texts() == ["echo: uno por telegram", "echo: dos por telegram"]
    assert bot.telegram.violations == []
