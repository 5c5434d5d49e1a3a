"""Insights in the console, over the real OMS and the real bot: figures, tables, messages to learn from."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from backend.app import create_app as create_oms
from backend.seed.demo import seed
from bot.learning import service as learning
from bot.learning.service import Unsure
from console.app import create_app
from kernel.db import Database
from tests.bot.desk_of import Shop, token_of


@pytest.fixture
def shop(database: Database, tmp_path: Path) -> Shop:
    return Shop(database, tmp_path, {"BACKEND_URL": "http://oms"})


@pytest.fixture
async def console(shop: Shop) -> AsyncIterator[httpx.AsyncClient]:
    seed(shop.database, shop.settings)
    oms = create_oms(shop.settings, shop.database)
    app = create_app(shop.settings, httpx.ASGITransport(oms), shop.transport)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://console") as client:
        client.cookies.set("comanda_staff", token_of("rosa", "agent"))
        yield client


def doubts(shop: Shop, words: str) -> str:
    conversation_id = shop.opens("hola", owner="assistant", sender=words)
    message_id = shop.hears(conversation_id, words)
    with shop.delivery.to(conversation_id) as (session, conversation):
        learning.note(session, message_id, conversation, Unsure("product_price", 41, False))
    return message_id


async def test_a_new_shop_is_told_that_there_is_nothing_yet(console: httpx.AsyncClient) -> None:
    page = await console.get("/insights?since=2020-01-01&through=2020-01-07")

    assert page.status_code == 200
    assert page.text.count("Todavía no hay nada en estos días") >= 2
    assert "nan" not in page.text


async def test_conversations_and_why_people_were_needed_are_counted(console: httpx.AsyncClient, shop: Shop) -> None:
    shop.opens("¿hay alguien?", sender="one")
    shop.opens("hola", owner="assistant", sender="two")

    page = (await console.get("/insights")).text

    assert re.search(r"<dt>Conversaciones</dt><dd>2", page)
    assert re.search(r"<dt>Sin persona</dt><dd>50 %", page)
    assert "Pidió una persona" in page


@pytest.mark.parametrize("span", ["?since=x&through=2026-02-30", "?since=2026-02-01&through=2025-01-01"])
async def test_days_that_make_no_sense_are_put_right(console: httpx.AsyncClient, span: str) -> None:
    assert (await console.get(f"/insights{span}")).status_code == 200


async def test_a_table_is_handed_out_for_a_spreadsheet(console: httpx.AsyncClient) -> None:
    answer = await console.get("/insights/days.csv?since=2026-11-01&through=2026-11-02")

    assert answer.headers["Content-Disposition"] == 'attachment; filename="days-2026-11-01-2026-11-02.csv"'
    assert answer.text == ("\ufeffday,orders,total,currency\r\n2026-11-01,0,0.00,COP\r\n2026-11-02,0,0.00,COP\r\n")
    assert (await console.get("/insights/secrets.csv")).status_code == 404


async def test_a_doubt_is_taught_once_and_what_cannot_be_kept_stays_as_it_was_typed(
    console: httpx.AsyncClient, shop: Shop
) -> None:
    message_id = doubts(shop, "q sale la leche")
    page = (await console.get("/insights/doubts")).text
    form = {"seal": re.findall(r'name="seal" value="([^"]+)"', page)[0], "act": "1", "step": "label"}
    assert 'value="q sale la leche"' in page
    assert "El asistente entendió: Preguntar un precio, 41 %" in page

    refused = await console.post(f"/insights/doubts/{message_id}", data=form | {"intent": "", "text": "q sale"})
    taught = await console.post(
        f"/insights/doubts/{message_id}", data=form | {"intent": "product_price", "text": "q sale la leche"}
    )

    assert (refused.status_code, 'value="q sale"' in refused.text) == (422, True)
    assert "Elige qué quería" in refused.text
    assert taught.status_code == 303
    assert "No queda nada por enseñar" in (await console.get("/insights/doubts")).text
    labels = (await console.get("/insights/labels.csv")).text
    assert labels == "\ufefflanguage,intent,text\r\nes,product_price,q sale la leche\r\n"


async def test_who_packs_sees_no_figures_and_teaches_nothing(console: httpx.AsyncClient, shop: Shop) -> None:
    doubts(shop, "q sale")
    console.cookies.set("comanda_staff", token_of("luis", "warehouse"))

    assert (await console.get("/insights")).status_code == 403
    page = (await console.get("/insights/doubts")).text
    assert "q sale" in page
    assert 'name="step"' not in page
