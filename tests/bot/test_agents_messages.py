"""What agents send where it is pushed: files by a link of their own, templates when the window is closed."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import time_machine

from bot.attachments import service as attachments
from bot.attachments.links import link_to
from bot.channels.pushed import open_channels
from bot.contacts import service as contacts
from bot.conversations import service
from bot.listening.inbound import Inbox
from bot.telling.sending import SendHandler
from kernel import clock
from kernel.config import Settings
from kernel.db import Database
from tests.bot.desk_of import KEY, Shop, refusal
from tests.bot.pictures import picture
from tests.bot.twilio import ACCOUNT, TOKEN, Twilio

PHONE, SHOP = "+573001112233", "https://tienda.example"
TEMPLATES = """
agents:
  back:
    es: {sid: HX00000000000000000000000000000001, variables: [name], text: "Hola {name}, ya tenemos tu respuesta."}
"""


@pytest.fixture
def shop(database: Database, tmp_path: Path) -> Shop:
    (tmp_path / "templates.yml").write_text(TEMPLATES)
    environment = {
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_WHATSAPP_FROM": "+14155238886",
        "COMANDA_WHATSAPP_TEMPLATES": tmp_path / "templates.yml",
        "PUBLIC_URL": SHOP,
    }
    return Shop(database, tmp_path, environment)


async def held(shop: Shop, heard: timedelta) -> str:
    """Rosa has a conversation on WhatsApp whose customer wrote so long ago."""
    conversation_id = shop.opens(channel="whatsapp", sender=PHONE)
    with shop.database.write() as session:
        contacts.ensure(session, "whatsapp", PHONE, PHONE).heard_at = clock.now() - heard
    await shop.agent("rosa").claim(conversation_id, 2, key="claim")
    return conversation_id


def parts(shop: Shop) -> list[dict[str, Any]]:
    rows = shop.rows("SELECT part FROM bot_outgoing ORDER BY position")
    return [part if isinstance(part, dict) else json.loads(part) for (part,) in rows]


async def test_an_agents_file_goes_by_a_link_that_opens_it_for_a_month(shop: Shop) -> None:
    rosa, conversation_id = shop.agent("rosa"), await held(shop, timedelta(hours=1))
    file = await rosa.upload(conversation_id, "guía.jpg", picture())
    await rosa.say(conversation_id, "Mira la guía:", [file.id], key="1")

    words, media = parts(shop)
    assert words == {"body": f"Mira la guía:\n{media['media']}"}
    assert media["media"].startswith(f"{SHOP}/chat/files/")
    async with httpx.AsyncClient(transport=shop.transport, base_url=SHOP) as http:
        opened = await http.get(media["media"])
        assert (opened.status_code, opened.headers["content-type"]) == (200, "image/jpeg")
        assert (await http.get(media["media"][:-2] + "xx")).status_code == 404
        with time_machine.travel(clock.now() + timedelta(days=31)):
            assert (await http.get(media["media"])).status_code == 404


# case 93
async def test_what_a_customer_sent_has_no_such_link(shop: Shop) -> None:
    conversation_id = await held(shop, timedelta(hours=1))
    file = await shop.agent("rosa").upload(conversation_id, "a.jpg", picture())
    with shop.delivery.to(conversation_id) as (session, conversation):
        message = service.append(session, conversation, "customer", "mi foto")
        [sent] = attachments.send_with(session, message, [file.id])
        link = link_to(shop.app.state.links, sent)
    async with httpx.AsyncClient(transport=shop.transport, base_url=SHOP) as http:
        assert (await http.get(link)).status_code == 404


async def test_when_the_window_is_closed_a_template_may_be_sent_and_is_paid_for(shop: Shop) -> None:
    rosa, conversation_id = shop.agent("rosa"), await held(shop, timedelta(hours=30))
    assert (await refusal(rosa.say(conversation_id, "Hola", key="1")))[0] == "window_closed"
    [offered] = await rosa.templates(conversation_id)
    assert (offered.name, offered.text, offered.variables) == (
        "back",
        "Hola {name}, ya tenemos tu respuesta.",
        ["name"],
    )

    for values, name in (({}, "back"), ({"name": " "}, "back"), ({"name": "Ana"}, "other")):
        assert (await refusal(rosa.say_template(conversation_id, name, values, key="2")))[0] == "template_unknown"
    said = await rosa.say_template(conversation_id, "back", {"name": "Ana"}, key="3")
    assert (said.text, said.author) == ("Hola Ana, ya tenemos tu respuesta.", "agent")

    sender, twilio = _sender(shop)
    try:
        assert sender.attempt(said.id) is None
        [sent] = twilio.sent
        assert sent["ContentSid"] == "HX00000000000000000000000000000001"
        assert sent["ContentVariables"] == '{"1": "Ana"}'
    finally:
        twilio.stop()
    [(status, paid_at)] = shop.rows("SELECT status, paid_at FROM bot_outgoing")
    assert status == "sent"
    assert paid_at is not None


async def test_who_said_stop_gets_no_template_either(shop: Shop) -> None:
    rosa, conversation_id = shop.agent("rosa"), await held(shop, timedelta(hours=30))
    with shop.database.write() as session:
        contact = contacts.ensure(session, "whatsapp", PHONE, PHONE)
        contact.opted_out_at = contact.heard_at
    code = (await refusal(rosa.say_template(conversation_id, "back", {"name": "Ana"}, key="1")))[0]
    assert code == "customer_opted_out"


async def test_on_the_web_chat_there_are_no_templates_and_none_are_needed(shop: Shop) -> None:
    assert await shop.agent("rosa").templates(shop.opens()) == []


async def test_the_agent_sees_that_the_customer_is_typing_for_some_seconds(shop: Shop) -> None:
    rosa, conversation_id = shop.agent("rosa"), shop.opens()
    Inbox(shop.delivery).note_typing(conversation_id)
    assert not (await rosa.conversation(conversation_id)).is_customer_typing
    await rosa.claim(conversation_id, 2, key="1")
    Inbox(shop.delivery).note_typing(conversation_id)
    assert (await rosa.conversation(conversation_id)).is_customer_typing
    with time_machine.travel(clock.now() + timedelta(seconds=7)):
        assert not (await rosa.conversation(conversation_id)).is_customer_typing


def _sender(shop: Shop) -> tuple[SendHandler, Twilio]:
    twilio = Twilio()
    settings = Settings.model_validate(
        {"COMANDA_SECRET": KEY, "COMANDA_HOME": shop.home, "TWILIO_API_BASE": twilio.url} | shop.environment
    )
    return SendHandler(shop.database, open_channels(settings), KEY), twilio
