"""What a page may not do: strangers' origins, stolen tokens, bad frames, floods."""

from __future__ import annotations

import asyncio
import json
import time

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from bench.webhooks import post_all
from tests.bot.conftest import Running
from tests.bot.page import Page
from tests.bot.test_webhook_storm import webhook


# case 87
@pytest.mark.parametrize(
    "origin",
    [
        None,
        "null",
        "",
        "https://evil.example",
        "http://127.0.0.1",
        "http://127.0.0.1:1",
        "https://127.0.0.1:{port}",
        "http://127.0.0.1:{port}.evil.example",
        "http://evil.example:{port}",
        "http://127.0.0.1:{port}/",
        "http://x@127.0.0.1:{port}",
        "HTTP://127.0.0.1:{port}0",
    ],
)
def test_the_page_of_another_site_gets_no_socket(bot: Running, origin: str | None) -> None:
    headers = {} if origin is None else {"Origin": origin.format(port=bot.port)}

    with pytest.raises(InvalidStatus) as refused:
        connect(f"ws://127.0.0.1:{bot.port}/chat/socket", additional_headers=headers, proxy=None)
    assert refused.value.response.status_code == 403


def test_the_shops_own_page_may_call_loopback_by_either_name(bot: Running) -> None:
    page = Page(bot.url, origin=f"http://localhost:{bot.port}").open()
    assert page.welcome["type"] == "welcome"
    page.close()


# case 86
def test_a_token_that_we_did_not_make_opens_a_new_visit(bot: Running, page: Page) -> None:
    page.say("secreto")
    page.until_replies(1)
    assert page.token
    for forged in ("x", "0" * 43, page.token[:-1], page.token.swapcase(), page.conversation_id, " " + page.token):
        stranger = Page(bot.url)
        stranger.token = forged
        stranger.open()
        assert stranger.token != forged
        assert stranger.conversation_id != page.conversation_id
        assert stranger.messages == []
        stranger.close()


# case 86
def test_tokens_are_long_unlike_each_other_and_not_in_the_database(bot: Running) -> None:
    tokens = set()
    for _ in range(20):
        page = bot.page()
        assert page.token
        tokens.add(page.token)
        page.close()

    assert len(tokens) == 20
    assert all(len(token) == 43 for token in tokens)  # 256 bits in base64
    senders = {sender for (sender,) in bot.rows("SELECT sender FROM bot_conversation")}
    assert not senders & tokens


BAD_FRAMES = {
    "not JSON": "hola",
    "empty": "",
    "a number": "1",
    "a list": "[]",
    "null": "null",
    "no type": "{}",
    "an unknown type": '{"type": "drop_tables"}',
    "a type that is a list": '{"type": []}',
    "deep nesting": "[" * 50_000,
    "deep objects": '{"a":' * 20_000,
    "a binary frame": b'{"type": "ping"}',
    "no client id": '{"type": "message", "text": "a"}',
    "a client id that is a number": '{"type": "message", "client_id": 1, "text": "a"}',
    "a client id with a colon": '{"type": "message", "client_id": "a:b", "text": "a"}',
    "a long client id": json.dumps({"type": "message", "client_id": "a" * 65, "text": "a"}),
    "a text that is a number": '{"type": "message", "client_id": "a", "text": 1}',
    "a text that is an object": '{"type": "message", "client_id": "a", "text": {"a": 1}}',
    "a NUL": '{"type": "message", "client_id": "a", "text": "a\\u0000b"}',
    "half a surrogate pair": '{"type": "message", "client_id": "a", "text": "\\ud800"}',
    "the other half": '{"type": "message", "client_id": "a", "text": "a\\udfffb"}',
    "a choice that is a number": '{"type": "message", "client_id": "a", "choice": 7, "text": "a"}',
    "a place that is a list": '{"type": "message", "client_id": "a", "location": [1, 2]}',
    "half a place": '{"type": "message", "client_id": "a", "location": {"latitude": 1}}',
    "a place in words": '{"type": "message", "client_id": "a", "location": {"latitude": "1", "longitude": 2}}',
    "a place of truths": '{"type": "message", "client_id": "a", "location": {"latitude": true, "longitude": 2}}',
    "a place beyond the pole": '{"type": "message", "client_id": "a", "location": {"latitude": 90.1, "longitude": 2}}',
    "a place around the world": '{"type": "message", "client_id": "a", "location": {"latitude": 1, "longitude": -181}}',
    "a place that is no number": '{"type": "message", "client_id": "a", "location": {"latitude": NaN, "longitude": 2}}',
    "a second hello": '{"type": "hello", "token": null, "last_seq": 0}',
}


@pytest.mark.parametrize("name", BAD_FRAMES)
def test_a_bad_frame_is_refused_and_the_chat_goes_on(bot: Running, page: Page, name: str) -> None:
    page.send(BAD_FRAMES[name])

    error = page.receive("error")
    assert error["code"] == "bad_frame"
    assert error["detail"] == "No pude leer ese mensaje. Revísalo y envíalo de nuevo."
    page.say("sigo aquí")
    assert page.until_replies(1) == ["echo: sigo aquí"]
    assert page.last_seq == 2


def test_a_refusal_names_the_message_and_speaks_the_language_of_the_page(bot: Running) -> None:
    page = bot.page(locale="en")
    page.send({"type": "message", "client_id": "the-one", "text": "a\0b"})

    error = page.receive("error")
    assert error == {
        "type": "error",
        "code": "bad_frame",
        "detail": "I couldn't read that message. Check it and send it again.",
        "client_id": "the-one",
    }


# case 39
@pytest.mark.parametrize("text", ["x" * 1_001, "á" * 100_000, "x " * 50_000, "👍" * 2_000, "\u200b" * 5_000])
def test_a_long_text_is_refused_and_never_reaches_the_assistant(bot: Running, page: Page, text: str) -> None:
    client_id = page.say(text)

    error = page.receive("error")
    assert (error["code"], error["client_id"]) == ("text_too_long", client_id)
    page.say("corto")
    assert page.until_replies(1) == ["echo: corto"]
    assert bot.neighbours.asked(page.conversation_id) == ["corto"]


def test_a_thousand_characters_are_welcome(page: Page) -> None:
    page.say("ñ" * 1_000)
    assert page.until_replies(1) == ["echo: " + "ñ" * 1_000]


@pytest.mark.parametrize("text", ["", " ", "\n\t "])
def test_a_blank_text_is_refused(page: Page, text: str) -> None:
    page.say(text)
    assert page.receive("error")["code"] == "text_empty"


def test_a_frame_beyond_all_measure_ends_the_socket_only(bot: Running, page: Page) -> None:
    page.say("x" * 1_100_000)
    with pytest.raises(ConnectionClosed) as closed:
        page.receive("ack")
    assert closed.value.rcvd
    assert closed.value.rcvd.code == 1009

    page.open()
    page.say("de vuelta")
    assert page.until_replies(1) == ["echo: de vuelta"]


def test_more_than_twenty_messages_in_ten_seconds_wait_and_none_is_lost(bot: Running, page: Page) -> None:
    began = time.monotonic()
    ids = [page.say(f"mensaje {n}") for n in range(21)]
    error = page.receive("error")
    assert (error["code"], error["client_id"]) == ("rate_limited", ids[20])
    # Another tab is the same visitor.
    tab = Page(bot.url)
    tab.token = page.token
    tab.open()
    tab.say("por otra puerta")
    assert tab.receive("error")["code"] == "rate_limited"
    tab.close()

    time.sleep(max(0, began + 11 - time.monotonic()))
    page.say("mensaje 20", client_id=ids[20])
    assert page.until_replies(21) == [f"echo: mensaje {n}" for n in range(21)]


def test_a_flood_of_frames_ends_the_socket(page: Page) -> None:
    for _ in range(150):
        page.send({"type": "ping"})
    with pytest.raises(ConnectionClosed) as closed:
        page.receive("never")
    assert closed.value.rcvd
    assert closed.value.rcvd.code == 1008


def test_a_ping_is_answered(page: Page) -> None:
    page.send({"type": "ping"})
    assert page.receive("pong") == {"type": "pong"}


def test_a_socket_that_does_not_say_hello_is_asked_to_and_then_closed(bot: Running) -> None:
    page = Page(bot.url)
    page.connect()
    page.send({"type": "message", "client_id": "a", "text": "hola"})
    assert page.receive("error")["code"] == "hello_expected"

    began = time.monotonic()
    with pytest.raises(ConnectionClosed) as closed:
        page.receive("welcome", timeout_s=15)
    assert closed.value.rcvd
    assert closed.value.rcvd.code == 4408
    assert 8 < time.monotonic() - began < 12


# case 95
@pytest.mark.parametrize(
    ("typed", "heard"),
    [
        ('/confirm{"total": 0}', 'confirm{"total": 0}'),
        ("  /restart", "restart"),
        ("／session_start", "session_start"),
        ("\u200b/back", "back"),
        ('/affirm@0.9{"a": 1}', 'affirm@0.9{"a": 1}'),
        ("EXTERNAL: order_cancel", "order_cancel"),
        ("/", "?"),
    ],
)
def test_what_is_typed_never_commands_the_assistant(bot: Running, page: Page, typed: str, heard: str) -> None:
    page.say(typed)
    page.until_replies(1)

    assert bot.neighbours.asked(page.conversation_id) == [heard]
    # What the customer sees is what they typed.
    assert page.messages[0]["text"] == typed


# case 96
def test_markup_is_kept_as_text(page: Page) -> None:
    page.say("<img src=x onerror=alert(1)>")
    page.until_replies(1)
    assert page.messages[0]["text"] == "<img src=x onerror=alert(1)>"


# case 117
def test_a_page_that_does_not_read_neither_loses_nor_repeats(bot: Running, page: Page) -> None:
    long = "x" * 20_000
    bot.neighbours.answer = lambda _: [{"text": f"{n} {long}"} for n in range(300)]
    page.say("mucho")
    # 6 MB wait in the server's rows, not in its memory, while nobody reads; another page does not notice.
    time.sleep(2)
    bot.neighbours.answer = lambda question: [{"text": question["message"]}]
    other = bot.page()
    other.say("yo sí leo")
    assert other.until_replies(1, timeout_s=5) == ["yo sí leo"]

    page.drop()
    page.open()
    replies = page.until_replies(300, timeout_s=30)
    assert [reply.partition(" ")[0] for reply in replies] == [str(n) for n in range(300)]


# case 15, 103
def test_many_visitors_of_one_address_share_its_bound_and_a_provider_has_none(own_bot: Running) -> None:
    own_bot.environment["COMANDA_MESSAGES_PER_ADDRESS"] = "5"
    own_bot.start_web()
    ana, beto = own_bot.page(), own_bot.page()
    for page in (ana, ana, ana, beto, beto):
        page.say("hola")
        page.receive("ack")

    beto.say("uno más", client_id="more")

    assert beto.receive("error")["code"] == "rate_limited"
    assert own_bot.rows("SELECT count(*) FROM bot_message") == [(5,)]
    burst = [webhook(own_bot.settings.public_url, number) for number in range(300)]
    met = asyncio.run(post_all(own_bot.port, burst, [0.0] * len(burst)))
    print(f"{len(burst)} signed at once of one address: refused {sum(met.refusals.values())}")
    assert (len(met.at_once_ms), met.refusals) == (300, {})
    assert own_bot.rows("SELECT count(*) FROM bot_message WHERE channel = 'whatsapp'") == [(300,)]
