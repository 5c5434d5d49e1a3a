"""Telegram by python-telegram-bot: its own client speaks to a server that takes only what the Bot API allows."""

from __future__ import annotations

import asyncio
import io
import itertools
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from bot.app import create_app
from bot.assistant import Assistant
from bot.attachments.intake import Intake
from bot.channels.arrivals import Arrivals
from bot.channels.base import ASKS_CONTACT, Channel, OutgoingMessage
from bot.channels.polling import Poller
from bot.channels.pushed import open_channels
from bot.channels.rendering import split, utf16_units
from bot.conversations import service
from bot.conversations.service import Button, Enclosed
from bot.customers import Customers
from bot.delivery import Delivery
from bot.fetching import FetchHandler
from bot.hints import LocalHints
from bot.sending import MAX_ATTEMPTS, SendHandler
from bot.turns import TurnHandler
from kernel import tokens
from kernel.config import Settings
from kernel.db import Database
from kernel.sole import Sole
from tests.bot.conftest import Running
from tests.bot.neighbours import Neighbours, wait_until
from tests.bot.telegram import METHODS, TOKEN, TYPES, Telegram, example, problems

KEY = "a key of tests that is long enough to be one"
ANA = 42
HEADER = "X-Telegram-Bot-Api-Secret-Token"
_numbers = itertools.count(1)


def message(**fields: Any) -> dict[str, Any]:
    """What Telegram tells of a message of Ana's."""
    who = {"id": ANA, "is_bot": False, "first_name": "Ana", "language_code": "es-CO"}
    return example("Message", **{"message_id": next(_numbers), "from": who} | fields)


def update(kind: str = "message", content: Any = None, **fields: Any) -> dict[str, Any]:
    return {"update_id": next(_numbers), kind: content or message(**fields)}


def press(token: str, title: str | None = None, number: int | None = None) -> dict[str, Any]:
    keyboard = {"inline_keyboard": [[{"text": title, "callback_data": token}]]}
    asked = message(text="¿Cuál?", reply_markup=keyboard) if title else message(text="¿Cuál?")
    who = {"id": ANA, "is_bot": False, "first_name": "Ana"}
    query = {"id": str(number or next(_numbers)), "from": who, "chat_instance": "1", "data": token, "message": asked}
    return update("callback_query", query)


class Chat:
    """The shop's bot: its updates, its turns and its sends, each done when the test says so."""

    def __init__(self, database: Database, neighbours: Neighbours, telegram: Telegram, home: Path) -> None:
        given = {"COMANDA_SECRET": KEY, "COMANDA_HOME": home, "DATABASE_URL": database.url}
        given |= {"TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_API_BASE": telegram.url, "BOT_URL": neighbours.url}
        self.settings = Settings.model_validate(given)
        self.database, self.telegram, self.neighbours = database, telegram, neighbours
        self.channels = open_channels(self.settings)
        self.channel = self.channels["telegram"]
        self.delivery = Delivery(database, LocalHints(lambda _: None), self.channels)
        asked = Assistant(neighbours.url), Customers(neighbours.url, KEY)
        self.turns = TurnHandler(self.delivery, *asked, channels=self.channels)
        self.sends = SendHandler(database, self.channels, KEY)
        self.fetches = FetchHandler(self.delivery, Intake(self.settings, database), self.channels)
        self.arrivals = Arrivals(database, self.delivery)
        self._app = create_app(self.settings, database)
        self.opened = [self.channel, self._app.state.channels["telegram"]]

    def open_with(self, **settings: Any) -> Channel:
        """The channel of a shop that is set up otherwise."""
        self.opened.append(open_channels(self.settings.model_copy(update=settings))["telegram"])
        return self.opened[-1]

    async def post(self, told: dict[str, Any] | bytes, headers: dict[str, str] | None = None) -> int:
        body = told if isinstance(told, bytes) else json.dumps(told).encode()
        known = {HEADER: self.settings.telegram_secret()} if headers is None else headers
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self._app), base_url="http://inside:8080") as http:
            return (await http.post("/channels/telegram", content=body, headers=known)).status_code

    def run(self) -> None:
        for (message_id,) in self.rows("SELECT message_id FROM bot_turn WHERE status = 'received' ORDER BY message_id"):
            assert self.turns.attempt(str(message_id)) is None
        self.send()

    def send(self, *, paced: bool = False) -> list[float | None]:
        """Send what is open, by default as if every chat had been quiet for a while."""
        open_ = "SELECT DISTINCT message_id FROM bot_outgoing WHERE status IN ('queued', 'sending') ORDER BY message_id"
        waits = []
        for (message_id,) in self.rows(open_):
            if not paced:
                self.sends._chat_paces["telegram"]._windows.clear()
            waits.append(self.sends.attempt(str(message_id)))
        return waits

    def say(self, words: str, *titles: str, enclosed: str | None = None) -> None:
        conversation_id = str(self.rows("SELECT id FROM bot_conversation")[0][0])
        with self.delivery.to(conversation_id) as (session, conversation):
            buttons = tuple(Button(title, f"/choose_{title}") for title in titles)
            enclosures = [Enclosed("FV-1.pdf", enclosed)] if enclosed else []
            service.append(session, conversation, "assistant", words, buttons=buttons, enclosures=enclosures)

    def outgoing(self) -> list[tuple[Any, ...]]:
        query = "SELECT o.status, o.reason FROM bot_outgoing o JOIN bot_message m ON m.id = o.message_id"
        return self.rows(f"{query} ORDER BY m.seq, o.position")

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with self.database.read() as session:
            return [tuple(row) for row in session.execute(text(query))]

    def heard(self) -> list[str]:
        return [
            str(said) for (said,) in self.rows("SELECT text FROM bot_message WHERE author = 'customer' ORDER BY seq")
        ]


@pytest.fixture
def chat(database: Database, neighbours: Neighbours, telegram: Telegram, tmp_path: Path) -> Iterator[Chat]:
    chat = Chat(database, neighbours, telegram, tmp_path)
    yield chat
    for channel in chat.opened:
        channel.close()


# What comes in


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


# What each kind of update becomes: None is silence. docs/channels.md tells it to the shop.


def _names(words: str) -> list[str]:
    return words.split()


TURN = "[mensaje sin texto]"
UPDATES: dict[str, str | None] = {
    "message": TURN,
    "callback_query": "[botón]",
    **dict.fromkeys(
        _names("""
    edited_message channel_post edited_channel_post business_connection business_message edited_business_message
    deleted_business_messages guest_message message_reaction message_reaction_count inline_query
    chosen_inline_result shipping_query pre_checkout_query purchased_paid_media poll poll_answer my_chat_member
    chat_member chat_join_request chat_boost removed_chat_boost managed_bot
""")
    ),
}
# Says how or where something was said, and not what.
ENVELOPE = _names("""
    message_thread_id direct_messages_topic from sender_chat sender_boost_count sender_business_bot sender_tag
    guest_query_id business_connection_id forward_origin is_topic_message is_automatic_forward reply_to_message
    external_reply quote reply_to_story reply_to_checklist_task_id reply_to_poll_option_id via_bot
    guest_bot_caller_user guest_bot_caller_chat edit_date has_protected_content is_from_offline is_paid_post
    media_group_id author_signature paid_star_count entities link_preview_options suggested_post_info effect_id
    caption_entities show_caption_above_media has_media_spoiler reply_markup message_id date chat
""")
MESSAGES: dict[str, str | None] = {
    "text": "x",
    "caption": "x",
    "photo": "",
    "location": "(1.5, 1.5)",
    "venue": "x, x (1.5, 1.5)",
    "contact": "[contacto]",
    **dict.fromkeys(("voice", "audio", "video_note"), "[nota de voz]"),
    **dict.fromkeys(("document", "video", "animation"), "[archivo]"),
    **dict.fromkeys(
        _names("""
    sticker story dice game poll invoice checklist giveaway giveaway_winners paid_media rich_message live_photo
"""),
        TURN,
    ),
    **dict.fromkeys(
        _names("""
    new_chat_members left_chat_member chat_owner_left chat_owner_changed new_chat_title new_chat_photo
    delete_chat_photo group_chat_created supergroup_chat_created channel_chat_created
    message_auto_delete_timer_changed migrate_to_chat_id migrate_from_chat_id pinned_message successful_payment
    refunded_payment users_shared chat_shared gift unique_gift gift_upgrade_sent connected_website
    write_access_allowed passport_data proximity_alert_triggered boost_added chat_background_set
    checklist_tasks_done checklist_tasks_added direct_message_price_changed forum_topic_created forum_topic_edited
    forum_topic_closed forum_topic_reopened general_forum_topic_hidden general_forum_topic_unhidden giveaway_created
    giveaway_completed managed_bot_created paid_message_price_changed poll_option_added poll_option_deleted
    suggested_post_approved suggested_post_approval_failed suggested_post_declined suggested_post_paid
    suggested_post_refunded video_chat_scheduled video_chat_started video_chat_ended video_chat_participants_invited
    web_app_data
""")
    ),
}


def test_every_kind_that_telegram_knows_has_its_result_here() -> None:
    assert UPDATES.keys() == TYPES["Update"].keys() - {"update_id"}
    assert MESSAGES.keys() == TYPES["Message"].keys() - set(ENVELOPE)


# case 13
async def test_every_kind_of_update_has_a_turn_or_its_silence(chat: Chat) -> None:
    results: dict[str, list[str]] = {}
    for kind in UPDATES:
        before = len(chat.heard())
        content = message() if kind == "message" else example(TYPES["Update"][kind][0][0])
        if kind == "callback_query":
            content["message"] = message()
        assert await chat.post(update(kind, content)) == 200, kind
        results[kind] = chat.heard()[before:]

    print(f"{len(results)} kinds of update: {sum(map(bool, results.values()))} with a turn, the rest in silence")
    assert results == {kind: [] if told is None else [told] for kind, told in UPDATES.items()}
    chat.run()
    assert chat.rows("SELECT count(*) FROM bot_turn WHERE status <> 'answered'") == [(0,)]


# case 13
async def test_every_kind_of_message_has_a_turn_or_its_silence(chat: Chat) -> None:
    results: dict[str, list[str]] = {}
    for kind in MESSAGES:
        before = len(chat.heard())
        type_ = TYPES["Message"][kind][0][0]
        # What only says that it happened is true, or is not there.
        known = {kind: True if type_ == "Boolean" else example(type_)}
        if kind == "venue":
            known["location"] = example("Location")
        assert await chat.post(update(**known)) == 200, kind
        results[kind] = chat.heard()[before:]

    print(f"{len(results)} kinds of message: {sum(map(bool, results.values()))} with a turn, the rest in silence")
    assert results == {kind: [] if told is None else [told] for kind, told in MESSAGES.items()}


# Files


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


# Choices


# case 27
async def test_choices_are_buttons_and_a_press_is_answered_and_seen(chat: Chat) -> None:
    await chat.post(update(text="hola"))
    chat.run()
    chat.say("¿Cuál?", "Entera", "Deslactosada")
    chat.send()
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


# What goes out


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


# Asked, where there is no address


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


# The checker itself


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


def test_the_real_processes_ask_and_answer(bot: Running) -> None:
    wait_until(lambda: bot.telegram.hook["url"] == "", timeout_s=60, what="the worker's poller")
    bot.telegram.updates = [update(text="uno por telegram"), update(text="dos por telegram")]

    wait_until(lambda: len(bot.telegram.texts()) == 2, timeout_s=60, what="two answers on Telegram")

    assert bot.telegram.texts() == ["echo: uno por telegram", "echo: dos por telegram"]
    assert bot.telegram.violations == []
