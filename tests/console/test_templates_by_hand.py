"""When WhatsApp's window is closed an agent sends an approved template: filled in, looked at, then sent, once."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
import time_machine

from bot.contacts import service as contacts
from kernel import clock
from tests.bot.desk_of import Shop
from tests.bot.test_agents_messages import PHONE, held, shop
from tests.console.inbox_of import Inbox

__all__ = ["shop"]

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def test_a_template_is_filled_in_seen_and_sent_once(shop: Shop) -> None:
    with time_machine.travel(clock.now() - timedelta(hours=30)):
        conversation_id = await held(shop, timedelta(0))
    here, inbox = f"/conversations/{conversation_id}", Inbox(shop)
    with shop.database.write() as session:
        contacts.ensure(session, "whatsapp", PHONE, PHONE).heard_at = clock.now() - timedelta(hours=30)
    composer = await inbox.asks("POST", f"{here}/messages", act="a", text="Hola")
    assert (composer.status_code, "ya no recibe texto libre" in composer.text) == (409, True)
    assert f'hx-get="{here}/templates"' in composer.text

    listed = (await inbox.asks("GET", f"{here}/templates")).text
    assert "Hola {name}, ya tenemos tu respuesta." in listed
    act = re.findall(r'name="act" value="([^"]+)"', listed)[0]
    empty = await inbox.asks("POST", f"{here}/templates/preview", act=act, template="back", **{"v-name": " "})
    assert "Falta llenar: Nombre." in empty.text
    other = await inbox.asks("POST", f"{here}/templates/preview", act=act, template="other")
    assert "Esa plantilla no está aprobada" in other.text
    seen = await inbox.asks("POST", f"{here}/templates/preview", act=act, template="back", **{"v-name": "Ana  <b>"})
    assert "Hola Ana <b>, ya tenemos tu respuesta." in html.unescape(seen.text)
    assert "<b>," not in seen.text
    assert shop.rows("SELECT count(*) FROM bot_message WHERE author = 'agent'") == [(0,)]

    for _ in range(2):
        form = {"act": act, "template": "back", "v-name": "Ana"}
        assert (await inbox.asks("POST", f"{here}/templates/send", **form)).status_code == 200
    assert shop.rows("SELECT text FROM bot_message WHERE author = 'agent'") == [("Hola Ana, ya tenemos tu respuesta.",)]


async def test_what_may_not_be_sent_says_why_and_is_the_same_act_when_tried_again(shop: Shop) -> None:
    conversation_id = await held(shop, timedelta(hours=30))
    here, inbox = f"/conversations/{conversation_id}", Inbox(shop)
    with shop.database.write() as session:
        contact = contacts.ensure(session, "whatsapp", PHONE, PHONE)
        contact.opted_out_at = contact.heard_at
    # The window is told by the customer's last message.
    with time_machine.travel(clock.now() + timedelta(hours=25)):
        inbox = Inbox(shop)
        refused = await inbox.asks("POST", f"{here}/templates/send", act="t-1", template="back", **{"v-name": "Ana"})

    assert refused.status_code == 409
    assert "El cliente pidió que no le escriban." in refused.text
    assert f'hx-get="{here}/templates?act=t-1"' in refused.text
