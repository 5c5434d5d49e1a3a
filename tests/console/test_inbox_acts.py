"""What an agent does in the inbox, before a real bot: saved replies, files, handing on, putting aside, the card."""

from __future__ import annotations

import html
import re
from datetime import datetime
from pathlib import Path

import pytest

from bot.conversations import service
from kernel import clock
from kernel.db import Database
from tests.bot.desk_of import Shop
from tests.bot.pictures import picture
from tests.console.inbox_of import ANA, Inbox

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def shop(database: Database, tmp_path: Path) -> Shop:
    return Shop(database, tmp_path)


async def taken(shop: Shop) -> tuple[Inbox, str, str]:
    """Rosa's inbox with a conversation of hers: its id, and its address."""
    conversation_id = shop.opens()
    with shop.database.write() as session:
        service.lock(session, conversation_id).customer_id = ANA
    await shop.agent("rosa").claim(conversation_id, 2, key="claim")
    return Inbox(shop), conversation_id, f"/conversations/{conversation_id}"


def plain(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html.unescape(page)).split())


async def test_saved_replies_are_found_by_name_and_words_and_filled_in(shop: Shop) -> None:
    inbox, _, here = await taken(shop)
    admin = shop.agent("pilar", "admin")
    await admin.set_canned_reply("hola", "Soy {{agent.name}}, de {{order.number}}", "I am {{agent.name}}", key="1")
    await admin.set_canned_reply("horario", "Abrimos a las 8", "We open at 8", key="2")
    told = [
        plain((await inbox.asks("GET", f"{here}/canned?q={asked}")).text) for asked in ("ho", "hol", "abrimos", "zzz")
    ]

    # The OMS is out of reach: what is not known stays for the agent to see.
    assert told == [
        "/hola Soy Rosa, de [order.number] /horario Abrimos a las 8",
        "/hola Soy Rosa, de [order.number]",
        "/horario Abrimos a las 8",
        "Ninguna respuesta guardada se llama así.",
    ]


async def test_files_are_taken_in_and_go_with_the_message_or_are_refused_by_name(shop: Shop) -> None:
    inbox, _, here = await taken(shop)
    files = [("file", ("foto.png", picture("PNG"), "image/png")), ("file", ("a.exe", b"MZ\x90", "application/x-exe"))]
    answer = await inbox.asks("POST", f"{here}/files", files=files)
    [file] = re.findall(r'name="with" value="([^"]+)"', answer.text)

    assert file.endswith("|foto.png")
    assert "a.exe : Solo van fotos (JPG, PNG, WebP) y PDF." in plain(answer.text)
    sent = await inbox.asks("POST", f"{here}/messages", act="a", text="Mira", **{"with": file})
    assert sent.status_code == 200
    assert shop.rows("SELECT name, message_id IS NOT NULL FROM bot_attachment") == [("foto.png", True)]


async def test_a_conversation_is_put_aside_and_handed_on_from_the_menu(shop: Shop) -> None:
    inbox, conversation_id, here = await taken(shop)
    luis = shop.agent("luis")
    await luis.be_there()
    menu = (await inbox.asks("GET", f"{here}/more")).text
    until = re.findall(r'<option value="(\d{4}-[^"]+)"', menu)
    assert len(until) == 4
    assert all(clock.now() < datetime.fromisoformat(each) for each in until)
    assert "Luis · presente · 0/" in plain(menu)

    assert (await inbox.asks("POST", f"{here}/acts/snooze", act="s", until=until[0])).status_code == 200
    assert (await luis.conversation(conversation_id)).snoozed_until == datetime.fromisoformat(until[0])
    over = await inbox.asks("POST", f"{here}/acts/snooze", act="p", until="2020-01-01T00:00:00+00:00")
    assert (over.status_code, "Esa hora ya pasó." in over.text) == (409, True)
    version = str((await luis.conversation(conversation_id)).version)
    nobody = await inbox.asks("POST", f"{here}/acts/transfer", act="n", to="agent:nobody", version=version)
    assert (nobody.status_code, "Esa persona no ha estado en la bandeja." in nobody.text) == (409, True)
    given = await inbox.asks("POST", f"{here}/acts/transfer", act="t", to="agent:id-of-luis", version=version)
    assert (given.status_code, "La tiene Luis." in plain(given.text)) == (200, True)
    assert (await luis.conversation(conversation_id)).agent_id == "id-of-luis"


@pytest.mark.parametrize(
    ("said", "status", "shown"),
    [
        ("wrong_role", 403, "No tienes permiso"),
        ("customer_not_found", 404, "Aún no sabemos quién es"),
        ("unavailable", 503, "Ahora no se puede"),
    ],
)
async def test_a_card_that_cannot_be_had_says_why_in_its_place(shop: Shop, said: str, status: int, shown: str) -> None:
    inbox, _, here = await taken(shop)
    inbox.oms = {"/card": {"code": said, "status": status, "detail": "x", "params": {}}}
    card = await inbox.asks("GET", f"{here}/card")

    assert (card.status_code, shown in card.text) == (200, True)


async def test_what_is_before_the_eyes_is_read_and_the_list_counts_the_rest(shop: Shop) -> None:
    inbox, conversation_id, here = await taken(shop)
    shop.hears(conversation_id, "¿sigues?")
    before = (await inbox.asks("GET", "/conversations/list")).text
    assert re.findall(r'data-unread="(\d+)"', before) == ["1"]
    assert re.findall(r'class="count-unread" aria-label="([^"]+)"', before) == ["2 sin leer"]

    assert (await inbox.asks("PUT", f"{here}/seen", seen="9")).status_code == 204
    after = (await inbox.asks("GET", "/conversations/list")).text
    assert re.findall(r'data-unread="(\d+)"', after) == ["0"]
    assert "count-unread" not in after


async def test_the_summary_is_quoted_in_the_readers_language(shop: Shop) -> None:
    inbox, _, here = await taken(shop)
    assert "Lo último que dijo: «¿hay alguien?»" in plain((await inbox.asks("GET", f"{here}/summary")).text)
    assert "Last words: “¿hay alguien?”" in plain((await inbox.asks("GET", f"{here}/summary", language="en")).text)
