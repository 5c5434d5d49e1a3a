"""WhatsApp by Twilio: signatures by Twilio's own signer, calls checked against Twilio's own specification."""

from __future__ import annotations

import asyncio
import io
import itertools
import json
import random
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
import time_machine
from PIL import Image
from sqlalchemy import text, update
from structlog.testing import capture_logs
from twilio.request_validator import RequestValidator

from bot.app import create_app
from bot.assistant import Assistant
from bot.attachments.intake import Intake
from bot.channels.pushed import open_channels
from bot.channels.whatsapp import one_number
from bot.contacts.service import meaning
from bot.conversations import service
from bot.conversations.models import Conversation
from bot.conversations.service import Button, Enclosed
from bot.customers import Customers
from bot.delivery import Delivery
from bot.fetching import FetchHandler
from bot.hints import LocalHints, PostgresHints
from bot.looking import LookHandler
from bot.notices import service as notices
from bot.notices.models import Notice
from bot.notifying import NoticeHandler
from bot.outbox import service as outbox
from bot.outbox.costs import Caps
from bot.outbox.models import Outgoing, Status
from bot.sending import MAX_ATTEMPTS, OVERDUE, SendHandler
from bot.turns import TurnHandler
from kernel import clock, codes, ids
from kernel.config import Settings
from kernel.db import Database
from tests.bot.conftest import Running
from tests.bot.neighbours import Items, Neighbours, Question, wait_until
from tests.bot.twilio import ACCOUNT, TOKEN, Twilio

KEY = "a key of tests that is long enough to be one"
OLD_TOKEN = "the token that is being changed"
PUBLIC = "https://tienda.example"
ANA = "whatsapp:+573001112233"
SHOP = "whatsapp:+14155238886"
STATES: tuple[Status, ...] = ("sending", "sent", "failed", "delivered", "read")
BUTTON, LIST, NEWS, CODES = (f"HX{digit * 32}" for digit in "1234")
TEMPLATES = f"""
notices:
  any:
    es: {{sid: {NEWS}, variables: [number, text]}}
    en: {{sid: {NEWS}, variables: [number, text]}}
  identity.code_asked:
    es: {{sid: {CODES}, variables: [code]}}
buttons: {{2: {BUTTON}}}
lists: {{4: {LIST}}}
"""


def message(number: int = 1, **fields: str) -> dict[str, str]:
    """What Twilio posts of a message of Ana's."""
    known = {"MessageSid": f"SM{number:032x}", "AccountSid": ACCOUNT, "From": ANA, "To": SHOP, "NumMedia": "0"}
    return known | {"Body": "hola", "ProfileName": "Ana", "WaId": "573001112233"} | fields


class Line:
    """The shop's line: its webhooks, its turns and its sends, each done when the test says so."""

    def __init__(self, database: Database, neighbours: Neighbours, twilio: Twilio, home: Path) -> None:
        (home / "templates.yml").write_text(TEMPLATES)
        settings = Settings.model_validate(
            {
                "COMANDA_SECRET": KEY,
                "COMANDA_HOME": home,
                "DATABASE_URL": database.url,
                "PUBLIC_URL": PUBLIC,
                "TWILIO_ACCOUNT_SID": ACCOUNT,
                "TWILIO_AUTH_TOKEN": TOKEN,
                "TWILIO_AUTH_TOKEN_SECONDARY": OLD_TOKEN,
                "TWILIO_WHATSAPP_FROM": "+14155238886",
                "TWILIO_API_BASE": twilio.url,
                "COMANDA_WHATSAPP_TEMPLATES": home / "templates.yml",
            }
        )
        self.database, self.twilio, self.neighbours = database, twilio, neighbours
        self.channels = open_channels(settings)
        self.delivery = Delivery(database, LocalHints(lambda _: None), self.channels)
        asked = Assistant(neighbours.url), Customers(neighbours.url, KEY)
        self.turns = TurnHandler(self.delivery, *asked, channels=self.channels)
        self.sends = SendHandler(database, self.channels, KEY)
        self.looks = LookHandler(database, self.delivery, self.channels, KEY)
        self.fetches = FetchHandler(self.delivery, Intake(settings, database), self.channels)
        self._app = create_app(settings, database)

    async def post(
        self, fields: dict[str, str], path: str = "/channels/whatsapp", token: str = TOKEN, **headers: str
    ) -> int:
        signature = RequestValidator(token).compute_signature(PUBLIC + path, fields)
        return await self.post_raw(urlencode(fields), path, {"X-Twilio-Signature": signature} | headers)

    async def post_raw(self, body: str | bytes, path: str, headers: Mapping[str, str | bytes]) -> int:
        kind: dict[str, str | bytes] = {"Content-Type": "application/x-www-form-urlencoded"}
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self._app), base_url="http://inside:8080") as http:
            content = body if isinstance(body, bytes) else body.encode()
            return (await http.post(path, content=content, headers=_raw(kind | dict(headers)))).status_code

    def run(self) -> None:
        """Answer and send all that is open, as the worker would."""
        for (message_id,) in self.rows("SELECT message_id FROM bot_turn WHERE status = 'received' ORDER BY message_id"):
            assert self.turns.attempt(str(message_id)) is None
        self.send()

    def send(self) -> list[float | None]:
        open_ = "SELECT DISTINCT message_id FROM bot_outgoing WHERE status IN ('queued', 'sending') ORDER BY message_id"
        return [self.sends.attempt(str(message_id)) for (message_id,) in self.rows(open_)]

    def look(self) -> None:
        """Look for all of which nobody knows, as the worker would."""
        for (outgoing_id,) in self.rows(
            "SELECT id FROM bot_outgoing WHERE status = 'uncertain' ORDER BY created_at, id"
        ):
            self.looks.look(str(outgoing_id))

    async def fetch(self, message_id: str, url: str, *, is_last: bool = False) -> bool:
        return await asyncio.to_thread(self.fetches.attempt, message_id, [url], is_last=is_last)

    def say(self, words: str, *titles: str, notice: str | None = None, enclosed: str | None = None) -> None:
        """Something that the shop says first, or the assistant asks; with a PDF at an address."""
        with self.database.read() as session:
            conversation_id = session.execute(text("SELECT id FROM bot_conversation")).scalar_one()
        with self.delivery.to(conversation_id) as (session, conversation):
            buttons = tuple(Button(title, f"/choose_{title}") for title in titles)
            enclosures = [Enclosed("FV-1.pdf", enclosed)] if enclosed else []
            said = service.append(session, conversation, "assistant", words, buttons=buttons, enclosures=enclosures)
            if notice:
                session.add(_notice(notice, said.id))

    def outgoing(self) -> list[tuple[Any, ...]]:
        query = "SELECT o.status, o.reason FROM bot_outgoing o JOIN bot_message m ON m.id = o.message_id"
        return self.rows(f"{query} ORDER BY m.seq, o.position")

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with self.database.read() as session:
            return [tuple(row) for row in session.execute(text(query))]

    def conversation(self) -> Conversation:
        with self.database.read() as session:
            return session.query(Conversation).one()


def _raw(headers: Mapping[str, str | bytes]) -> list[tuple[bytes, bytes]]:
    return [(n.encode(), v if isinstance(v, bytes) else v.encode()) for n, v in headers.items()]


def _notice(what: str, message_id: str) -> Notice:
    at = clock.now()
    return Notice(
        id=ids.new_id(), event_id=ids.new_id(), what=what, subject="PED-1", customer_id="c", facts={"number": "PED-1"},
        status="sent", reason=None, attempts=0, message_id=message_id, created_at=at, due_at=at, ended_at=at,
    )  # fmt: skip


@pytest.fixture
def line(database: Database, neighbours: Neighbours, twilio: Twilio, tmp_path: Path) -> Line:
    return Line(database, neighbours, twilio, tmp_path)


# What comes in


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
    assert await line.post(message(1), token=OLD_TOKEN) == 200
    assert await line.post(message(2), token=TOKEN) == 200

    fields, path = message(3), "/channels/whatsapp"
    sha256 = RequestValidator(TOKEN).compute_signature(PUBLIC + path, fields, "HMAC_SHA256")
    settings = "X-Twilio-Webhooks-Signature-Settings"
    signed = {"X-Twilio-Signature": sha256, settings: "key=k,algorithm=HMAC_SHA256"}
    assert await line.post_raw(urlencode(fields), path, signed) == 200
    assert await line.post_raw(urlencode(fields), path, signed | {settings: "key=k,algorithm=MD5"}) == 403


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
    assert [await line.post(message()) for _ in range(5)] == [200] * 5
    line.run()
    assert await line.post(message()) == 200
    line.run()

    assert line.rows("SELECT count(*) FROM bot_turn") == [(1,)]
    assert line.twilio.bodies() == ["echo: hola"]


# case 5
async def test_one_message_posted_fifty_times_at_once_is_one_turn_and_one_reply(line: Line) -> None:
    answers = await asyncio.gather(*(line.post(message()) for _ in range(50)))
    line.run()

    assert answers == [200] * 50
    assert line.rows("SELECT count(*) FROM bot_turn") == [(1,)]
    assert line.twilio.bodies() == ["echo: hola"]


# case 7
async def test_what_cannot_be_stored_is_not_acknowledged(line: Line) -> None:
    with line.database.write() as session:
        session.execute(text("ALTER TABLE bot_contact RENAME TO bot_contact_away"))

    assert await line.post(message()) == 503
    with line.database.write() as session:
        session.execute(text("ALTER TABLE bot_contact_away RENAME TO bot_contact"))
    assert await line.post(message()) == 200


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
    line: Line, stranger: tuple[int, list[str]], capsys: pytest.CaptureFixture[str]
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

    with capsys.disabled():
        print(f"\ncase 102: led to {len(places)} strangers, connections {len(asked)}")
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
    line.say("¿Cuál?", "Entera", "Deslactosada")
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


# What goes out


async def test_a_document_follows_its_words_as_a_file(line: Line) -> None:
    await line.post(message())
    line.run()
    line.say(f"Tu factura: {PUBLIC}/f/a", enclosed=f"{PUBLIC}/f/a/pdf")
    line.say("¿Cuál?", "A", "B", enclosed=f"{PUBLIC}/f/b/pdf")
    line.send()

    what = [{name: each.get(name) for name in ("Body", "ContentSid", "MediaUrl")} for each in line.twilio.sent[1:]]
    assert what == [
        {"Body": f"Tu factura: {PUBLIC}/f/a", "ContentSid": None, "MediaUrl": None},
        {"Body": None, "ContentSid": None, "MediaUrl": [f"{PUBLIC}/f/a/pdf"]},
        {"Body": None, "ContentSid": BUTTON, "MediaUrl": None},
        {"Body": None, "ContentSid": None, "MediaUrl": [f"{PUBLIC}/f/b/pdf"]},
    ]


async def test_a_document_that_twilio_could_not_fetch_stays_a_link(line: Line) -> None:
    await line.post(message())
    line.run()
    line.say("Tu factura: http://127.0.0.1:8080/f/a", enclosed="http://127.0.0.1:8080/f/a/pdf")
    line.send()

    assert line.twilio.bodies()[1:] == ["Tu factura: http://127.0.0.1:8080/f/a"]
    assert len(line.twilio.sent) == 2


async def test_outside_the_window_a_document_is_the_link_of_its_template(line: Line) -> None:
    with time_machine.travel("2026-11-25T15:00:00Z", tick=False) as traveller:
        await line.post(message())
        line.run()
        traveller.shift(timedelta(hours=24, seconds=1))
        line.say(f"Tu factura: {PUBLIC}/f/a", notice="invoice.issued", enclosed=f"{PUBLIC}/f/a/pdf")
        line.send()

    assert json.loads(line.twilio.sent[1]["ContentVariables"])["2"] == f"Tu factura: {PUBLIC}/f/a"
    assert len(line.twilio.sent) == 2
    assert line.outgoing()[1:] == [("sent", None), ("skipped", "said_by_template")]


# case 9
def test_whatever_the_order_of_what_is_told_the_same_remains() -> None:
    ends = []
    for order in itertools.permutations(STATES):
        outgoing = Outgoing(status="queued")
        for status in order:
            outbox.advance(outgoing, status)
        ends.append(outgoing.status)

    assert ends == ["read"] * 120


# case 9
async def test_callbacks_move_a_part_forward_only(line: Line) -> None:
    await line.post(message())
    line.run()
    outgoing_id, sid = line.rows("SELECT id, provider_message_id FROM bot_outgoing")[0]

    for status in ("queued", "read", "delivered", "undelivered", "sent"):
        path = f"/channels/whatsapp/sent/{outgoing_id}"
        assert await line.post({"MessageSid": str(sid), "MessageStatus": status}, path) == 200

    assert line.outgoing() == [("read", None)]


async def test_staff_hear_that_something_became_of_a_message(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    await line.post(message())
    line.run()
    outgoing_id, sid = line.rows("SELECT id, provider_message_id FROM bot_outgoing")[0]
    told: list[str] = []
    monkeypatch.setattr(LocalHints, "after", lambda _self, conversation_id: told.append(conversation_id))
    monkeypatch.setattr(PostgresHints, "within", lambda _self, _session, conversation_id: told.append(conversation_id))

    for given in ("SMother", str(sid)):
        answer = {"MessageSid": given, "MessageStatus": "read"}
        assert await line.post(answer, f"/channels/whatsapp/sent/{outgoing_id}") == 200

    assert told == [line.conversation().id]


async def test_a_callback_for_nothing_of_ours_changes_nothing(line: Line) -> None:
    await line.post(message())
    line.run()
    outgoing_id = line.rows("SELECT id FROM bot_outgoing")[0][0]

    for wanted in (outgoing_id, "none"):
        told = {"MessageSid": "SMother", "MessageStatus": "read"}
        assert await line.post(told, f"/channels/whatsapp/sent/{wanted}") == 200

    assert line.outgoing() == [("sent", None)]


# case 17
async def test_a_message_of_unknown_fate_is_not_sent_again_and_its_callback_tells(line: Line) -> None:
    line.twilio.fail = ["reset"]
    await line.post(message())
    line.run()
    assert line.outgoing()[0][0] == "uncertain"
    assert line.send() == []
    assert len(line.twilio.sent) == 1

    outgoing_id = line.rows("SELECT id FROM bot_outgoing")[0][0]
    await line.post({"MessageSid": "SM9", "MessageStatus": "delivered"}, f"/channels/whatsapp/sent/{outgoing_id}")
    assert line.outgoing() == [("delivered", None)]


# case 18
async def test_a_process_that_dies_while_sending_leaves_no_second_copy(line: Line) -> None:
    await line.post(message())
    line.run()
    line.say("uno")
    with line.database.write() as session:
        session.execute(text("UPDATE bot_outgoing SET status = 'sending' WHERE status = 'queued'"))

    line.send()

    assert line.outgoing() == [("sent", None), ("uncertain", "cut_off")]
    assert line.twilio.bodies() == ["echo: hola"]


async def test_what_nobody_sends_any_more_is_begun_again_once_and_what_is_new_is_left_alone(line: Line) -> None:
    await line.post(message())
    line.run()
    line.say("uno")
    assert line.sends.sweep() == 0
    with line.database.write() as session:
        changed_at = clock.now() - OVERDUE - timedelta(seconds=1)
        session.execute(update(Outgoing).where(Outgoing.status == "queued").values(changed_at=changed_at))
    workflows = "workflow_status" if line.database.is_sqlite else "dbos.workflow_status"
    begun = f"SELECT count(*) FROM {workflows} WHERE workflow_uuid LIKE 'out:%'"
    [(work,)] = line.rows(begun)

    assert line.sends.sweep() == 1
    assert line.rows(begun) == [(work + 1,)]
    line.send()
    assert line.sends.sweep() == 0
    assert line.twilio.bodies() == ["echo: hola", "uno"]


# case 20
async def test_a_server_error_is_tried_again_ever_later_and_then_given_up(line: Line) -> None:
    line.twilio.fail = [(503, None, 0)] * MAX_ATTEMPTS
    await line.post(message())
    line.run()
    waits = [line.send()[0] for _ in range(MAX_ATTEMPTS - 1)]

    assert waits == [10.0, 20.0, 40.0, 80.0, None]
    assert line.outgoing() == [("failed", "HTTP 503")]


# case 21
async def test_outside_the_window_news_goes_as_a_template_and_nothing_else_goes(line: Line) -> None:
    with time_machine.travel("2026-11-25T15:00:00Z", tick=False) as traveller:
        await line.post(message())
        line.run()
        traveller.shift(timedelta(hours=23, minutes=59, seconds=59))
        line.say("Todavía", notice="shipment.shipped")
        line.send()
        traveller.shift(timedelta(seconds=1))
        line.say("Tu pedido\nsalió", notice="shipment.shipped")
        line.say("¿Sigues ahí?")
        line.send()

    assert line.twilio.bodies() == ["echo: hola", "Todavía"]
    assert [(each["ContentSid"], json.loads(each["ContentVariables"])) for each in line.twilio.sent[2:]] == [
        (NEWS, {"1": "PED-1", "2": "Tu pedido salió"})
    ]
    assert line.outgoing()[-2:] == [("sent", None), ("skipped", "window_closed")]


# case 104
async def test_no_more_paid_templates_leave_in_a_day_than_the_shop_allows(line: Line) -> None:
    with time_machine.travel("2026-11-25T15:00:00Z", tick=False) as traveller, capture_logs() as logs:
        await line.post(message())
        line.run()
        traveller.shift(timedelta(hours=25))
        for _ in range(20):
            line.say("Tu pedido salió", notice="shipment.shipped")
        line.send()
        told = [each for each in logs if each["event"] == "cost_cap_reached"]
        first_day = len(line.twilio.sent) - 1
        traveller.shift(timedelta(hours=24, seconds=1))
        line.say("Tu pedido llegó", notice="shipment.delivered")
        line.send()

    print(f"paid sends {first_day} of 20, cap 5; alarms {len(told)}")
    assert (first_day, len(told), told[0]["log_level"]) == (5, 15, "error")
    assert line.outgoing()[-2:] == [("skipped", "cost_cap"), ("sent", None)]


# case 104
async def test_the_shop_as_a_whole_has_a_most_of_paid_templates_too(line: Line) -> None:
    line.sends = SendHandler(line.database, line.channels, KEY, Caps(each=100, in_all=3))
    with time_machine.travel("2026-11-25T15:00:00Z", tick=False) as traveller:
        await line.post(message())
        line.run()
        traveller.shift(timedelta(hours=25))
        for _ in range(6):
            line.say("Tu pedido salió", notice="shipment.shipped")
        line.send()

    assert len(line.twilio.sent) - 1 == 3
    assert line.outgoing()[1:] == [("sent", None)] * 3 + [("skipped", "cost_cap")] * 3


# case 105
async def test_our_own_words_that_come_back_are_no_message(line: Line) -> None:
    assert await line.post(message(From=SHOP, Body="echo: hola")) == 200
    assert line.rows("SELECT * FROM bot_message") == []


# case 105
async def test_a_program_that_answers_us_gets_ten_answers_in_a_minute(line: Line) -> None:
    line.turns = TurnHandler(
        line.delivery, Assistant(line.neighbours.url), Customers(line.neighbours.url, KEY), turns_a_minute=10
    )
    with time_machine.travel("2026-11-25T15:00:00Z", tick=False) as traveller:
        for number in range(1, 31):
            await line.post(message(number, Body=f"gracias por tu mensaje {number}"))
            line.run()
            traveller.shift(timedelta(seconds=1))
        turns = len(line.neighbours.asked())
        told = [each for each in line.twilio.bodies() if "muchos mensajes" in each]
        print(f"turns {turns} of 30, told {len(told)}")
        assert (turns, len(told)) == (10, 1)
        assert (line.conversation().owner, line.conversation().handoff_reason) == ("queued", "too_many_turns")
        # Who asks for peace gets it all the same, and who goes on like a person goes on.
        await line.post(message(31, Body="BAJA"))
        line.run()
        assert line.twilio.bodies()[-1].startswith("Listo, no te volveré a escribir.")
        traveller.shift(timedelta(minutes=1, seconds=1))
        for number, words in ((32, "Seguir con el asistente"), (33, "quiero pan")):
            await line.post(message(number, Body=words))
            line.run()
        assert line.twilio.bodies()[-1] == "echo: quiero pan"


# case 22
@pytest.mark.parametrize(
    ("code", "row", "contact"),
    [
        (63016, ("queued", None), (None, None, False)),
        (63018, ("queued", None), (None, None, True)),
        (21610, ("failed", "opted_out"), ("set", None, True)),
        (21211, ("failed", "bad_address"), (None, "bad_address", True)),
        (30008, ("failed", "30008"), (None, None, True)),
        (63999, ("failed", "63999"), (None, None, True)),
    ],
)
async def test_each_error_has_its_answer_whether_told_at_once_or_later(
    line: Line, code: int, row: tuple[str, str | None], contact: tuple[str | None, str | None, bool]
) -> None:
    await line.post(message())
    line.run()
    outgoing_id, sid = line.rows("SELECT id, provider_message_id FROM bot_outgoing")[0]
    fields = {"MessageSid": str(sid), "MessageStatus": "undelivered", "ErrorCode": str(code)}
    assert await line.post(fields, f"/channels/whatsapp/sent/{outgoing_id}") == 200

    assert line.outgoing() == [row]
    opted_out_at, unreachable, is_heard = line.rows(
        "SELECT opted_out_at, unreachable, heard_at IS NOT NULL FROM bot_contact"
    )[0]
    assert ("set" if opted_out_at else None, unreachable, bool(is_heard)) == contact


# case 22
async def test_wrong_credentials_stop_the_sender_and_lose_nothing(line: Line) -> None:
    line.twilio.fail = [(401, 20003, 0)]
    await line.post(message())
    line.run()

    assert line.outgoing() == [("queued", None)]
    assert line.twilio.sent == []


async def test_a_number_that_is_none_is_not_tried_again(line: Line) -> None:
    line.twilio.fail = [(400, 21211, 0)]
    await line.post(message())
    line.run()
    line.say("otra cosa")
    line.send()

    assert line.twilio.sent == []
    assert line.outgoing() == [("failed", "bad_address"), ("skipped", "bad_address")]


# case 23
async def test_who_says_baja_is_left_alone_until_they_say_alta(line: Line) -> None:
    await line.post(message(1))
    line.run()
    await line.post(message(2, Body="Baja."))
    line.run()
    line.say("Tu pedido salió", notice="shipment.shipped")
    line.send()
    assert line.twilio.bodies()[1:] == ["Listo, no te volveré a escribir. Si cambias de idea, escribe ALTA."]

    await line.post(message(3, Body="¿Tienen pan?"))
    line.run()
    line.say("Tu pedido llegó", notice="shipment.delivered")
    line.send()
    assert line.twilio.bodies()[2:] == ["echo: ¿Tienen pan?"]

    await line.post(message(4, Body="START"))
    line.run()
    line.say("Tu factura", notice="invoice.issued")
    line.send()
    assert line.twilio.bodies()[3:] == ["¡Qué bueno tenerte de vuelta! ¿Qué necesitas?", "Tu factura"]
    assert line.neighbours.asked() == ["hola", "¿Tienen pan?"]


# case 23
def test_words_of_an_order_are_no_opt_out() -> None:
    outs = ["STOP", "stop.", "Baja", "¡ALTO!", "  darme de baja ", "Unsubscribe"]
    assert [meaning(each) for each in outs] == ["out"] * 6
    assert [meaning(each) for each in ("ALTA", "start", "Dar de alta")] == ["in"] * 3
    assert [meaning(each) for each in ("cancelar", "baja 2 cajas", "stop 3", "", "🛑")] == [None] * 5


async def test_start_without_a_stop_is_a_message_like_any_other(line: Line) -> None:
    await line.post(message(Body="start"))
    line.run()

    assert line.neighbours.asked() == ["start"]


# case 24
async def test_a_sender_keeps_its_pace(line: Line) -> None:
    await line.post(message())
    line.run()
    allowed = [line.sends._paces["whatsapp"].allow() for _ in range(80)]
    line.say("una más")

    assert sum(allowed) == 79
    assert line.send() == [0.1]


# case 25
async def test_a_long_reply_leaves_in_order_in_pieces_that_fit(line: Line) -> None:
    long = "".join(f"Línea {number} de la lista de precios.\n" for number in range(120))

    def answer(_: Question) -> Items:
        return [{"text": long}]

    line.neighbours.answer = answer
    await line.post(message())
    line.run()

    assert "".join(line.twilio.bodies()) == long.strip()
    assert len(line.twilio.bodies()) == 3


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


def test_the_credentials_are_checked_and_it_is_said_what_is_wrong(line: Line, twilio: Twilio, tmp_path: Path) -> None:
    assert line.channels["whatsapp"].health().says == "+14155238886 of an active account"

    given = {"COMANDA_HOME": tmp_path, "TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_WHATSAPP_FROM": SHOP}
    given |= {"TWILIO_API_BASE": twilio.url, "PUBLIC_URL": PUBLIC}
    bare = open_channels(Settings.model_validate(given | {"TWILIO_AUTH_TOKEN": TOKEN}))["whatsapp"].health()
    assert bare.is_well
    assert bare.says.endswith("without a template for one-time codes they arrive within 24 hours of a message only")
    given |= {"TWILIO_AUTH_TOKEN": "wrong"}
    wrong = open_channels(Settings.model_validate(given))["whatsapp"].health()
    assert (wrong.is_well, wrong.says) == (False, "Twilio refuses the account's credentials (20003)")
    del given["PUBLIC_URL"]
    local = open_channels(Settings.model_validate(given))["whatsapp"].health()
    assert local.remedy == "Twilio posts to https only: set PUBLIC_URL"


def test_without_credentials_there_is_no_channel(tmp_path: Path) -> None:
    assert open_channels(Settings.model_validate({"COMANDA_HOME": tmp_path})) == {}


# One-time codes


class Claim:
    """Someone on the web who says that a number is theirs: the OMS's event of it, told to the bot."""

    id = "0193f2c1-7a30-7c11-9d5e-0c3f6c1b2a44"
    code = codes.code_of(id, KEY)

    def __init__(self, line: Line, **facts: Any) -> None:
        ends = clock.now() + timedelta(minutes=10)
        known = {"number": self.id, "customer_id": "c-573001", "channel": "whatsapp", "external_id": "+573001112233"}
        customers = Customers(line.neighbours.url, KEY)
        self.line = line
        self._handler = NoticeHandler(line.database, line.delivery, Assistant(line.neighbours.url), customers)
        with line.database.write() as session:
            notices.note(
                session, ids.new_id(), "identity.code_asked", known | {"expires_at": ends.isoformat()} | facts, 0
            )

    async def tell(self) -> list[dict[str, str]]:
        """What leaves because of it."""
        before = len(self.line.twilio.sent)
        for (notice_id,) in self.line.rows("SELECT id FROM bot_notice WHERE status = 'queued'"):
            await asyncio.to_thread(self._handler.attempt, notice_id)
        self.line.send()
        return self.line.twilio.sent[before:]


async def test_the_code_comes_to_the_number_that_was_claimed(line: Line) -> None:  # case 88
    await line.post(message())
    line.run()

    [sent] = await Claim(line).tell()

    assert sent["To"] == ANA
    assert sent["Body"].startswith(f"Tu código es {Claim.code} y vale 10 minutos.")


async def test_outside_the_window_the_code_goes_by_its_template_alone(line: Line) -> None:  # case 88
    await line.post(message())
    line.run()
    with line.database.write() as session:
        session.execute(text("UPDATE bot_contact SET heard_at = NULL"))

    [sent] = await Claim(line).tell()
    assert (sent["ContentSid"], json.loads(sent["ContentVariables"])) == (CODES, {"1": Claim.code})

    # There is none for codes in English, and a template for news is not one.
    with line.database.write() as session:
        session.execute(text("UPDATE bot_conversation SET language = 'en'"))
    assert await Claim(line).tell() == []
    assert line.outgoing()[-1] == ("skipped", "window_closed")


async def test_no_code_is_stored_where_staff_read(line: Line) -> None:  # case 88
    await line.post(message())
    line.run()
    await Claim(line).tell()

    stored = str(line.rows("SELECT text FROM bot_message") + line.rows("SELECT part FROM bot_outgoing"))
    stored += str(line.rows("SELECT facts FROM bot_notice"))
    assert "Tu código es ••••••" in stored
    assert Claim.code not in stored


async def test_a_code_that_is_over_is_not_said(line: Line) -> None:  # case 88
    await line.post(message())
    line.run()

    assert await Claim(line, expires_at=clock.now().isoformat()).tell() == []
    assert line.rows("SELECT status, reason FROM bot_notice") == [("skipped", "too_late")]


async def test_a_code_that_waited_until_it_was_over_does_not_leave(line: Line) -> None:  # case 88
    await line.post(message())
    line.run()
    line.twilio.fail.append((429, 20429, None))
    await Claim(line).tell()

    with time_machine.travel(clock.now() + timedelta(minutes=10)):
        line.send()
    assert line.outgoing()[-1] == ("failed", "too_late")


async def test_a_code_to_a_number_that_nobody_has_is_not_said(line: Line) -> None:  # case 88
    await line.post(message())
    line.run()

    assert await Claim(line, customer_id=None, external_id=None).tell() == []


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
