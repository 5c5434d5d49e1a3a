"""The context pack: complete when all neighbours answer, and honest about those that do not."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from backend.app import create_app
from backend.client import BackendClient
from backend.inventory import service as inventory
from backend.schemas.carts import CartChange
from bot.answering.assistant import Assistant
from bot.answering.customers import Customers
from bot.contacts import service as contacts
from bot.conversations import service
from bot.desk.context import Contexts
from bot.handoff import service as handoffs
from bot.handoff.summary import summarise
from kernel import clock
from kernel.db import Database
from tests.backend.shopper import MILK, open_market
from tests.bot.desk_of import KEY, Shop
from tests.bot.neighbours import Neighbours
from tests.bot.twilio import ACCOUNT, TOKEN

TWILIO = {"TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN": TOKEN, "TWILIO_WHATSAPP_FROM": "+14155238886"}
PHONE = "+573001112233"


@pytest.fixture
def shop(database: Database, tmp_path: Path, neighbours: Neighbours) -> Iterator[Shop]:
    shop = Shop(database, tmp_path, TWILIO)
    shop.app.state.contexts = Contexts(Assistant(neighbours.url), _neighbours(shop)[0], shop.app.state.channels)
    yield shop
    shop.app.state.contexts.close()


def _neighbours(shop: Shop) -> tuple[Customers, httpx.ASGITransport]:
    oms = httpx.ASGITransport(create_app(shop.settings, shop.database))
    return Customers("http://oms", KEY, transport=oms), oms


def says(shop: Shop, conversation_id: str, text: str) -> None:
    with shop.delivery.to(conversation_id) as (session, conversation):
        service.append(session, conversation, "assistant", text)


async def test_who_takes_over_knows_why_what_was_said_and_what_was_asked(shop: Shop, neighbours: Neighbours) -> None:
    conversation_id = shop.opens("hola", "¿dónde está PED-10023?", channel="whatsapp", sender=PHONE, owner="assistant")
    says(shop, conversation_id, "PED-10023 va en camino. ¿Cancelo ped-10024?")
    with shop.delivery.to(conversation_id) as (session, conversation):
        service.append(session, conversation, "customer", "no sé  qué\nhacer")
        handoffs.ask(session, conversation, "misunderstood")
    now = clock.now()
    with shop.database.write() as session:
        contacts.ensure(session, "whatsapp", PHONE, PHONE).heard_at = now - timedelta(hours=1)
    question = {"kind": "order_cancel", "options": [{"value": "1", "title": "Sí, cancélalo", "also": ""}], "id": "q"}
    neighbours.slots[conversation_id] = {"open_questions": [question], "misunderstandings": 2}

    pack = await shop.agent("rosa").context(conversation_id)

    assert (pack.reason, pack.language, pack.channel, pack.customer_id) == ("misunderstood", "es", "whatsapp", None)
    assert (pack.from_customer, pack.from_assistant, pack.from_agents, pack.unanswered) == (3, 1, 0, 1)
    assert pack.numbers == ["PED-10024", "PED-10023"]
    assert pack.last_words == ["hola", "¿dónde está PED-10023?", "no sé qué hacer"]
    assert pack.summary == {
        "es": "Mensajes: 3 del cliente, 1 del asistente. Sobre PED-10024, PED-10023. Lo último que dijo: «hola» · "
        "«¿dónde está PED-10023?» · «no sé qué hacer» Sin responder: 1.",
        "en": "Messages: 3 from the customer, 1 from the assistant. About PED-10024, PED-10023. Last words: “hola” · "
        "“¿dónde está PED-10023?” · “no sé qué hacer” Unanswered: 1.",
    }
    assert pack.open_question is not None
    assert (pack.open_question.kind, pack.open_question.options) == ("order_cancel", ["Sí, cancélalo"])
    assert (pack.misunderstandings, pack.is_assistant_silent) == (2, False)
    assert (pack.is_window_open, pack.window_ends_at) == (True, now + timedelta(hours=23))
    assert (pack.place, pack.wait_minutes, pack.earlier, pack.business) == (1, None, [], None)


async def test_the_pack_has_what_the_customer_has_with_the_shop(shop: Shop) -> None:
    with shop.database.write() as session:
        inventory.receive(session, MILK, open_market(session).centro, 10)
    conversation_id = shop.opens()
    customers, oms = _neighbours(shop)
    customer_id = await asyncio.to_thread(lambda: customers.whose("web", "visitor").customer_id)
    async with BackendClient("http://oms", customers.mint_token(customer_id, conversation_id, "m"), oms) as ana:
        await ana.change_cart([CartChange(op="add", sku=MILK, quantity="2")], key="1")
    with shop.delivery.to(conversation_id) as (_session, conversation):
        conversation.customer_id = customer_id

    pack = await shop.agent("rosa").context(conversation_id)

    assert pack.business is not None
    assert [(line.sku, line.base_quantity) for line in pack.business.cart.lines] == [(MILK, 2)]
    assert (pack.business.orders, pack.business.returns, pack.business.invoices.documents) == ([], [], [])
    assert pack.business.balance.balance.amount_minor == 0


async def test_what_a_neighbour_does_not_say_is_left_out(shop: Shop, neighbours: Neighbours) -> None:
    neighbours.stop()
    shop.app.state.contexts = Contexts(
        Assistant(neighbours.url), Customers(neighbours.url, KEY), shop.app.state.channels
    )
    conversation_id = shop.opens("hola")
    with shop.delivery.to(conversation_id) as (_session, conversation):
        conversation.customer_id = "ana"

    pack = await shop.agent("rosa").context(conversation_id)

    assert (pack.is_assistant_silent, pack.open_question, pack.business) == (True, None, None)
    assert pack.last_words == ["hola"]


async def test_earlier_handoffs_are_told_with_how_they_ended(shop: Shop) -> None:
    rosa, conversation_id = shop.agent("rosa"), shop.opens()
    await rosa.claim(conversation_id, 2, key="1")
    await rosa.release(conversation_id, 1, key="2")

    [before] = (await rosa.context(conversation_id)).earlier
    assert (before.reason, before.ending, before.agent_name) == ("requested", "returned", "Rosa")


def test_of_nothing_said_nothing_is_told() -> None:
    assert summarise([]).in_words("es") == "El cliente todavía no ha escrito nada."
    assert summarise([]).in_words("en") == "The customer has written nothing yet."
