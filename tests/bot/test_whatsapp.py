"""WhatsApp by Twilio: signatures by Twilio's own signer, calls checked against Twilio's own specification."""

from __future__ import annotations

import asyncio
import io
import json
import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import urlencode

import httpx
import pytest
import time_machine
from PIL import Image
from sqlalchemy import text
from twilio.request_validator import RequestValidator

from bot.channels.pushed import open_channels
from bot.channels.whatsapp import one_number
from kernel.config import Settings
from tests.bot.conftest import Running
from tests.bot.line import ANA, BUTTON, LIST, OLD_TOKEN, PUBLIC, SHOP, Line, line, message
from tests.bot.neighbours import wait_until
from tests.bot.twilio import ACCOUNT, TOKEN

__all__ = ["line"]


async def test_a_message_is_answered_on_whatsapp(line: Line) -> None:
    assert await line.post(message(Body="¿Tienen leche?")) == 200
    line.run()

    assert line.twilio.sent == [
        {
            "To": ANA,
            "From": SHOP,
            "Body": "echo: ¿Tienen leche?",
            "StatusCallback": f"{PUBLIC}/channels/whatsapp/sent/{line.rows('SELECT id FROM bot_outgoing')[0][0]}",
        }
    ]
    assert line.outgoing() == [("sent", None)]
    assert line.neighbours.questions[0]["metadata"]["channel"] == "whatsapp"
    assert line.conversation().sender == "+573001112233"


# case 11
async def test_ten_messages_at_once_of_someone_new_are_all_kept_in_one_conversation(line: Line) -> None:
    answers = await asyncio.gather(*(line.post(message(number)) for number in range(1, 11)))

    [(conversations,)] = line.rows("SELECT count(*) FROM bot_conversation")
    print(f"{len(answers)} messages at once of one person: conversations {conversations}")
    assert answers == [200] * 10
    assert line.rows("SELECT count(*) FROM bot_contact") == [(1,)]
    assert line.rows("SELECT count(*) FROM bot_conversation") == [(1,)]
    assert line.rows("SELECT seq FROM bot_message ORDER BY seq") == [(seq,) for seq in range(1, 11)]


# case 1
async def test_what_twilio_did_not_sign_is_refused_and_not_stored(line: Line) -> None:
    genuine = message()
    signature = RequestValidator(TOKEN).compute_signature(f"{PUBLIC}/channels/whatsapp", genuine)
    forged = [genuine | {name: f"{value}x"} for name, value in genuine.items()]
    forged += [genuine | {"New": "x"}, {name: value for name, value in genuine.items() if name != "Body"}]

    answers = [
        await line.post_raw(urlencode(each), "/channels/whatsapp", {"X-Twilio-Signature": signature}) for each in forged
    ]
    answers.append(await line.post_raw(urlencode(genuine), "/channels/whatsapp", {}))
    answers.append(await line.post_raw(urlencode(genuine), "/channels/whatsapp", {"X-Twilio-Signature": b"\xe9"}))
    answers.append(await line.post(genuine, token="another token"))
    answers.append(await line.post_raw(b"Body=\xff", "/channels/whatsapp", {"X-Twilio-Signature": signature}))

    assert answers == [403] * len(answers)
    assert line.rows("SELECT * FROM bot_message") == []


# case 1
async def test_of_a_hundred_genuine_messages_all_are_taken_and_of_five_hundred_changed_ones_none(line: Line) -> None:
    chance, path = random.Random(1), "/channels/whatsapp"
    accepted = refused = 0
    for number in range(100):
        genuine = message(number, Body=f"{number} leches", ProfileName="José Ñandú 🥛")
        signature = RequestValidator(TOKEN).compute_signature(PUBLIC + path, genuine)
        for forged, where, how in (_forged(genuine, path, signature, chance) for _ in range(5)):
            refused += await line.post_raw(urlencode(forged), where, {"X-Twilio-Signature": how}) == 403
        accepted += await line.post(genuine) == 200

    print(f"genuine accepted {accepted} of 100, changed refused {refused} of 500")
    assert (accepted, refused) == (100, 500)
    assert line.rows("SELECT count(*) FROM bot_message") == [(100,)]


def _forged(
    genuine: dict[str, str], path: str, signature: str, chance: random.Random
) -> tuple[dict[str, str], str, str]:
    """One thing is otherwise than what was signed: a field, the address, or the signature itself."""
    name = chance.choice(list(genuine))
    at = chance.randrange(len(signature) - 1)
    other = chance.choice([each for each in "abcXYZ019+/" if each != signature[at]])

    def signed_for(address: str) -> tuple[dict[str, str], str, str]:
        return genuine, path, RequestValidator(TOKEN).compute_signature(address, genuine)

    forgeries: list[Callable[[], tuple[dict[str, str], str, str]]] = [
        lambda: (genuine | {name: genuine[name] + chance.choice("x 0é")}, path, signature),
        lambda: (genuine | {name: genuine[name][:-1] or "x"}, path, signature),
        lambda: ({each: value for each, value in genuine.items() if each != name}, path, signature),
        lambda: (genuine | {f"New{chance.randrange(99)}": "x"}, path, signature),
        lambda: (genuine, f"{path}?a={chance.randrange(99)}", signature),
        lambda: (genuine, path, signature[:at] + other + signature[at + 1 :]),
        lambda: signed_for(PUBLIC.replace("https", "http") + path),
        lambda: signed_for(f"https://evil{chance.randrange(99)}.example{path}"),
        lambda: signed_for(f"{PUBLIC}{path}/"),
    ]
    return chance.choice(forgeries)()


# case 2
@pytest.mark.parametrize("path", ["/channels/whatsapp", "/channels/whatsapp?shop=1&x=", "/channels/whatsapp?a=%20b"])
async def test_the_signature_is_of_the_address_that_the_shop_gave(line: Line, path: str) -> None:
    spoofed = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http", "Host": "evil.example"}

    assert await line.post(message(Empty="", Unknown="new"), path, **spoofed) == 200


# case 3
async def test_a_token_is_changed_without_a_message_lost(line: Line) -> None:
    taken = [await line.post(message(number), token=token) for number, token in ((1, OLD_TOKEN), (2, TOKEN))]

    fields, path = message(3), "/channels/whatsapp"
    sha256 = RequestValidator(TOKEN).compute_signature(PUBLIC + path, fields, "HMAC_SHA256")
    settings = "X-Twilio-Webhooks-Signature-Settings"
    signed = {"X-Twilio-Signature": sha256, settings: "key=k,algorithm=HMAC_SHA256"}
    taken.append(await line.post_raw(urlencode(fields), path, signed))
    refused = await line.post_raw(urlencode(fields), path, signed | {settings: "key=k,algorithm=MD5"})

    print(f"{taken.count(200) + (refused == 403)} of 4: the older token, the newer, SHA-256, and no unknown algorithm")
    assert (taken, refused) == ([200] * 3, 403)


async def test_a_json_webhook_is_signed_by_its_hash(line: Line) -> None:
    body = json.dumps(message())
    path = f"/channels/whatsapp?bodySHA256={RequestValidator(TOKEN).compute_hash(body)}"
    signature = RequestValidator(TOKEN).compute_signature(PUBLIC + path, {})
    headers = {"X-Twilio-Signature": signature, "Content-Type": "application/json"}

    assert await line.post_raw(body, path, headers) == 200
    assert await line.post_raw(body.replace("hola", "otra"), path, headers) == 403
    bare = {"X-Twilio-Signature": RequestValidator(TOKEN).compute_signature(f"{PUBLIC}/channels/whatsapp", {})}
    assert await line.post_raw(body, "/channels/whatsapp", headers | bare) == 403


# case 5
async def test_the_same_message_again_is_one_turn_and_one_reply(line: Line) -> None:
    with time_machine.travel("2026-11-25T15:00:00Z", tick=False) as traveller:
        assert [await line.post(message()) for _ in range(5)] == [200] * 5
        line.run()
        for later in (timedelta(seconds=1), timedelta(days=1)):
            traveller.shift(later)
            assert await line.post(message()) == 200
            line.run()

    assert line.rows("SELECT count(*) FROM bot_turn") == [(1,)]
    assert line.twilio.bodies() == ["echo: hola"]


# case 5
async def test_one_message_posted_fifty_times_at_once_is_one_turn_and_one_reply(line: Line) -> None:
    answers = await asyncio.gather(*(line.post(message()) for _ in range(50)))
    line.run()

    [(turns,)] = line.rows("SELECT count(*) FROM bot_turn")
    print(f"{len(answers)} posts of 1 message at once: turns {turns}, replies {len(line.twilio.sent)}")
    assert answers == [200] * 50
    assert line.rows("SELECT count(*) FROM bot_turn") == [(1,)]
    assert line.twilio.bodies() == ["echo: hola"]


# case 7
async def test_what_cannot_be_stored_is_not_acknowledged(line: Line) -> None:
    with line.database.write() as session:
        session.execute(text("ALTER TABLE bot_contact RENAME TO bot_contact_away"))

    while_away = [await line.post(message(number)) for number in range(10)]
    with line.database.write() as session:
        session.execute(text("ALTER TABLE bot_contact_away RENAME TO bot_contact"))
    again = [await line.post(message(number)) for number in range(10)]

    print(f"acknowledged but absent {while_away.count(200)} of {len(while_away)}")
    assert (while_away, again) == ([503] * 10, [200] * 10)
    assert line.rows("SELECT count(*) FROM bot_message") == [(10,)]


# case 12
async def test_a_bad_body_is_refused_in_time_and_says_nothing_of_us(line: Line) -> None:
    for fields in ({"MessageSid": "SM1"}, message(From="sms:+1"), message(MessageSid=""), message(MessageSid="S" * 65)):
        assert await line.post(fields) == 422
    assert await line.post_raw("x=" + "y" * 200_000, "/channels/whatsapp", {}) == 413
    assert await line.post_raw("&".join("a=1" for _ in range(300)), "/channels/whatsapp", {}) == 403
    assert await line.post(message(), "/channels/carrier-pigeon") == 404
    assert await line.post(message(2, Body="a\0b")) == 200
    assert line.rows("SELECT text FROM bot_message") == [("ab",)]


# case 13
@pytest.mark.parametrize(
    ("fields", "shown", "said"),
    [
        ({"NumMedia": "1", "MediaContentType0": "audio/ogg", "MediaUrl0": "u"}, "[nota de voz]", "Escríbemelo, porfa."),
        ({"NumMedia": "1", "MediaContentType0": "text/vcard", "MediaUrl0": "u"}, "[contacto]", "un contacto"),
        ({"NumMedia": "1", "MediaContentType0": "video/mp4", "MediaUrl0": "u"}, "[archivo]", "Solo puedo recibir"),
        ({}, "[mensaje sin texto]", "que no puedo leer"),
    ],
)
async def test_what_cannot_be_read_is_kept_and_answered(
    line: Line, fields: dict[str, str], shown: str, said: str
) -> None:
    assert await line.post(message(Body="") | fields) == 200
    line.run()

    assert line.rows("SELECT text FROM bot_message WHERE author = 'customer'") == [(shown,)]
    assert said in line.twilio.bodies()[0]
    assert line.neighbours.questions == []


async def test_a_place_is_told_to_the_assistant_in_words(line: Line) -> None:
    await line.post(message(Body="", Latitude="4.65", Longitude="-74.05", Address="Calle 70 #9-10"))
    line.run()

    assert line.neighbours.asked() == ["Calle 70 #9-10 (4.65, -74.05)"]


async def test_a_text_that_is_too_long_is_said_to_be(line: Line) -> None:
    await line.post(message(Body="a" * 1_500))
    line.run()

    assert line.twilio.bodies()[0].startswith("Tu mensaje es muy largo")
    assert line.neighbours.questions == []


async def test_a_photo_is_fetched_with_the_password_and_made_safe(line: Line) -> None:
    path = f"/2010-04-01/Accounts/{ACCOUNT}/Messages/MM1/Media/ME1"
    line.twilio.media[path] = (200, _photo())
    url = f"https://api.twilio.com{path}"
    await line.post(message(Body="", NumMedia="1", MediaContentType0="image/jpeg", MediaUrl0=url))
    message_id = line.rows("SELECT id FROM bot_message")[0][0]

    assert await line.fetch(message_id, url) is True
    assert await line.fetch(message_id, url) is True
    line.run()

    assert line.rows("SELECT type, width, message_id FROM bot_attachment") == [("image/jpeg", 60, message_id)]
    assert line.neighbours.questions[0]["metadata"]["via"] == "attachment"


async def test_a_photo_that_never_comes_is_said_so_and_the_turn_ends(line: Line) -> None:
    url = f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Messages/MM1/Media/ME1"
    line.twilio.media[url.removeprefix("https://api.twilio.com")] = (500, b"")
    await line.post(message(Body="", NumMedia="1", MediaContentType0="image/jpeg", MediaUrl0=url))
    message_id = line.rows("SELECT id FROM bot_message")[0][0]

    assert await line.fetch(message_id, url) is False
    assert await line.fetch(message_id, url, is_last=True) is True
    line.run()

    assert line.twilio.bodies() == ["El archivo no llegó completo. Inténtalo de nuevo."]
    assert line.neighbours.questions == []


async def test_no_password_goes_to_a_stranger(line: Line) -> None:
    await line.post(message(NumMedia="1", MediaContentType0="image/jpeg", MediaUrl0="http://169.254.169.254/x"))
    message_id = line.rows("SELECT id FROM bot_message")[0][0]

    assert await line.fetch(message_id, "http://169.254.169.254/x") is True
    assert line.rows("SELECT count(*) FROM bot_attachment") == [(0,)]


@pytest.fixture
def stranger() -> Iterator[tuple[int, list[str]]]:
    """A server of someone else on this machine: its port, and what it was asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port, asked
    server.shutdown()
    server.server_close()


async def test_a_files_address_leads_to_nobody_but_twilio(
    line: Line, stranger: tuple[int, list[str]]
) -> None:  # case 102
    port, asked = stranger
    places = [
        f"http://127.0.0.1:{port}/x", f"http://localhost:{port}/x", f"http://[::ffff:127.0.0.1]:{port}/x",
        f"https://127.0.0.1:{port}/x", f"http://api.twilio.com@127.0.0.1:{port}/x", f"//127.0.0.1:{port}/x",
        "http://169.254.169.254/latest/meta-data", "https://api.twilio.com.evil.example/x",
        "https://eviltwilio.com/x", "https://evil.amazonaws.com/x", "http://media.twiliocdn.com/x", "file:///etc/passwd",
    ]  # fmt: skip
    path = f"/2010-04-01/Accounts/{ACCOUNT}/Messages/MM1/Media/ME1"
    url = f"https://api.twilio.com{path}"
    for place in places:
        line.twilio.media[path] = (307, place.encode())
        await line.post(message(Body="", NumMedia="1", MediaContentType0="image/jpeg", MediaUrl0=url))
        message_id = line.rows("SELECT id FROM bot_message WHERE author = 'customer' ORDER BY id DESC LIMIT 1")[0][0]
        assert await line.fetch(message_id, url) is True, place

    print(f"led to {len(places)} strangers: connections {len(asked)}")
    assert (asked, line.rows("SELECT count(*) FROM bot_attachment")) == ([], [(0,)])


async def test_a_file_is_fetched_from_where_twilio_leads(line: Line) -> None:
    path = f"/2010-04-01/Accounts/{ACCOUNT}/Messages/MM1/Media/ME1"
    line.twilio.media |= {path: (307, f"{line.twilio.url}/kept".encode()), "/kept": (200, _photo())}
    url = f"https://api.twilio.com{path}"
    await line.post(message(Body="", NumMedia="1", MediaContentType0="image/jpeg", MediaUrl0=url))
    message_id = line.rows("SELECT id FROM bot_message")[0][0]

    assert await line.fetch(message_id, url) is True
    assert line.rows("SELECT count(*) FROM bot_attachment") == [(1,)]


def _photo() -> bytes:
    file = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "A camera"
    Image.new("RGB", (60, 80), "red").save(file, "JPEG", exif=exif)
    return file.getvalue()


# Choices


async def test_choices_are_buttons_where_the_shop_has_a_template_for_them(line: Line) -> None:
    await line.post(message())
    line.run()
    line.say("¿Cuál?\n1. Entera\n2. Deslactosada", "Entera", "Deslactosada")
    line.send()

    sent = line.twilio.sent[-1]
    tokens = [token for (token,) in line.rows("SELECT token FROM bot_choice ORDER BY position")]
    assert sent["ContentSid"] == BUTTON
    variables = {"1": "¿Cuál?", "2": "Entera", "3": tokens[0], "4": "Deslactosada", "5": tokens[1]}
    assert json.loads(sent["ContentVariables"]) == variables

    await line.post(message(2, Body="Deslactosada", ButtonText="Deslactosada", ButtonPayload=tokens[1]))
    line.run()
    assert line.neighbours.asked()[-1] == "/choose_Deslactosada"

    # An old button still says what it says.
    await line.post(message(3, Body="Entera", ButtonText="Entera", ButtonPayload=tokens[0]))
    line.run()
    assert line.neighbours.asked()[-1] == "Entera"


async def test_longer_choices_are_a_list_and_many_are_numbered(line: Line) -> None:
    await line.post(message())
    line.run()
    line.say("¿Cuál?", "Leche entera Alpina de litro", "B", "C", "D")
    line.say("¿Y cuál?", "A", "B", "C", "D", "E")
    line.send()

    variables = json.loads(line.twilio.sent[1]["ContentVariables"])
    assert line.twilio.sent[1]["ContentSid"] == LIST
    assert (variables["2"], variables["4"]) == ("Leche entera Alpina de…", "Leche entera Alpina de litro")
    assert line.twilio.sent[2]["Body"] == "¿Y cuál?\n\n1. A\n2. B\n3. C\n4. D\n5. E"


@pytest.mark.parametrize(("typed", "asked"), [("2", "/choose_B"), ("2.", "/choose_B"), ("b", "/choose_B"), ("9", "9")])
async def test_a_choice_is_made_in_words_or_by_its_number(line: Line, typed: str, asked: str) -> None:
    await line.post(message())
    line.run()
    line.say("¿Cuál?", "A", "B", "C")
    await line.post(message(2, Body=typed))
    line.run()

    assert line.neighbours.asked()[-1] == asked


@pytest.mark.parametrize(("typed", "asked"), [("6", "/choose_Pan"), ("8", "/choose_Ver más"), ("1", "1")])
async def test_a_number_is_the_one_that_the_question_itself_gave_a_choice(line: Line, typed: str, asked: str) -> None:
    await line.post(message())
    line.run()
    line.say("Esto es lo que hay.\n6. Pan · $900\n7. Queso", "Pan", "Queso", "Ver más")
    line.send()
    await line.post(message(2, Body=typed))
    line.run()

    assert line.twilio.sent[1]["Body"] == "Esto es lo que hay.\n6. Pan · $900\n7. Queso\n8. Ver más"
    assert line.neighbours.asked()[-1] == asked


# Who


@pytest.mark.parametrize(
    ("written", "also"),
    [
        ("+5215512345678", "+525512345678"),
        ("+5491112345678", "+541112345678"),
        ("+5511987654321", "+551187654321"),
    ],
)
async def test_a_number_that_is_written_in_two_ways_is_one_person(line: Line, written: str, also: str) -> None:
    await line.post(message(1, From=f"whatsapp:{written}"))
    await line.post(message(2, From=f"whatsapp:{also}"))
    line.run()

    assert line.rows("SELECT sender FROM bot_conversation") == [(written,)]
    assert {each["To"] for each in line.twilio.sent} == {f"whatsapp:{written}"}


async def test_who_has_no_number_is_served_by_their_id(line: Line) -> None:
    await line.post(message(From="whatsapp:CO.13491208655302741918"))
    line.run()

    assert line.twilio.sent[0]["To"] == "whatsapp:CO.13491208655302741918"


def test_other_numbers_are_left_as_they_are() -> None:
    assert [one_number(each) for each in ("+573001112233", "+5215", "CO.1", "+14155238886")] == [
        "+573001112233", "+5215", "CO.1", "+14155238886",
    ]  # fmt: skip


def test_the_real_processes_answer_words_and_a_photo(bot: Running) -> None:
    bot.twilio.media["/photo"] = (200, _photo())
    photo = {"NumMedia": "1", "MediaContentType0": "image/jpeg", "MediaUrl0": f"{bot.twilio.url}/photo"}
    for fields in (message(1, Body="uno por aquí"), message(2, Body="dos con foto") | photo):
        signature = RequestValidator(TOKEN).compute_signature(f"{bot.url}/channels/whatsapp", fields)
        headers = {"X-Twilio-Signature": signature}
        answer = httpx.post(f"{bot.url}/channels/whatsapp", data=fields, headers=headers, trust_env=False)
        assert answer.status_code == 200

    wait_until(lambda: len(bot.twilio.sent) == 2, timeout_s=60, what="two answers on WhatsApp")

    assert bot.twilio.bodies() == ["echo: uno por aquí", "echo: dos con foto"]
    assert bot.twilio.violations == []
    # The bot is shared, and others say things to it, too.
    asked = next(each for each in bot.neighbours.questions if each["message"] == "dos con foto")
    assert len(asked["metadata"]["attachments"]) == 1


def test_without_credentials_there_is_no_channel(tmp_path: Path) -> None:
    assert open_channels(Settings.model_validate({"COMANDA_HOME": tmp_path})) == {}


async def test_who_writes_from_a_number_is_known_with_the_number(line: Line) -> None:  # case 89
    await line.post(message(From="whatsapp:+5213312345678"))
    line.run()

    assert line.neighbours.identities == [
        {"channel": "whatsapp", "external_id": "+5213312345678", "phone": "+523312345678"}
    ]


# A link that opens the chat


async def test_the_token_of_a_link_reaches_the_turn_and_nothing_that_is_read(line: Line) -> None:
    token = "a_b-" * 8
    await line.post(message(Body=f"Hola, sigo aquí lo que empecé en otro chat. #{token}"))
    [(waiting,)] = line.rows("SELECT start_token FROM bot_turn")
    line.run()

    [question] = line.neighbours.questions
    assert (waiting, question["metadata"]["start_token"]) == (token, token)
    assert question["message"] == "Hola, sigo aquí lo que empecé en otro chat."
    assert line.rows("SELECT text FROM bot_message WHERE author = 'customer'") == [(question["message"],)]
    assert line.rows("SELECT start_token, status FROM bot_turn") == [(None, "answered")]


@pytest.mark.parametrize("words", ["#gracias", "#" + "x" * 31, "#" + "x" * 33, "x" * 32, "pedido #10023"])
async def test_what_looks_like_a_token_is_only_words(line: Line, words: str) -> None:
    await line.post(message(Body=words))
    line.run()

    [question] = line.neighbours.questions
    assert (question["message"], question["metadata"]["start_token"]) == (words, None)


async def test_the_assistant_is_told_how_the_channel_is_opened(line: Line) -> None:
    await line.post(message())
    line.run()

    assert line.neighbours.questions[0]["metadata"]["doors"] == {"whatsapp": "https://wa.me/14155238886?text={text}"}
