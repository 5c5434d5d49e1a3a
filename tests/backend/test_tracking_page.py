"""The page behind a tracking link: what it shows, to whom it stays shut, and what it never tells."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import time_machine
from fastapi import FastAPI

from backend.orders import service as orders
from backend.seed.demo import _SHOP_FILE, _open_for_delivery
from backend.shipping import service as shipping
from backend.shipping.service import NewEvent
from backend.workflows.link_tracking import link_tracking
from comanda.tracking import create_app
from comanda.tracking.words import WORDS
from kernel import clock, links
from kernel.config import Settings
from kernel.db import Database
from kernel.yaml_files import read_yaml
from tests.backend.parcels import ship_order_of
from tests.backend.shopper import MILK, Http, Shopper

Look = Callable[..., httpx.Response]


@pytest.fixture
def link(ana: Shopper, database: Database) -> str:
    """The tracking link of an order under way."""
    with database.write() as session:
        _open_for_delivery(session, read_yaml(_SHOP_FILE))
    ana.add(MILK, "2")
    ana.act("PUT", "/cart/checkout", {"address_text": "Calle 57 # 9-28, Chapinero", "payment_method": "nequi"})
    order = ana.place(ana.confirm()).json()
    with database.write() as session:
        shipment = ship_order_of(session, order["number"])
        shipping.note(session, shipment, NewEvent("table_rate", "1", "out_for_delivery", clock.now(), "Chapinero"))
        made = link_tracking(session, orders.find_any(session, order["number"]).order)
    assert made is not None
    return made


@pytest.fixture
def look(app: FastAPI, settings: Settings) -> Iterator[Look]:
    settings.backend_url = "http://oms"
    with Http(create_app(settings, httpx.ASGITransport(app))) as client:  # type: ignore[arg-type]  # any ASGI app does

        def get(link: str, language: str = "es") -> httpx.Response:
            return client.request("GET", "/" + link.rpartition("/")[2], headers={"Accept-Language": language})

        yield get


def test_it_tells_where_the_parcel_is_in_both_languages(look: Look, link: str) -> None:
    spanish, english = look(link), look(link, "en")

    assert (spanish.status_code, english.status_code) == (200, 200)
    for page, headline, district in (
        (spanish.text, "Tu pedido está en reparto", "Va hacia"),
        (english.text, "Your order is out for delivery", "Going to"),
    ):
        assert f"<h1>{headline}</h1>" in page
        assert district in page
        assert re.search(r"PED-10001-1-A", page)


def test_it_tells_no_name_no_price_and_no_address(look: Look, link: str) -> None:
    page = look(link).text

    assert "Chapinero" in page
    for private in ("Calle 57", "9-28", "$", "450", "Leche", "nequi", "staff:", "customer"):
        assert private not in page, private


def test_it_is_kept_nowhere_and_runs_nothing(look: Look, link: str) -> None:
    page = look(link)

    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'")
    assert "<script" not in page.text
    assert " style=" not in page.text
    assert 'name="robots" content="noindex' in page.text


@pytest.mark.parametrize("forge", [lambda t: t[:-1] + "AB"[t[-1] == "A"], lambda t: t[:-3], lambda t: "x" * 50,
                                   lambda t: t + "=", lambda t: "%2e%2e", lambda t: "ñ"])  # fmt: skip
def test_a_forged_link_opens_nothing(look: Look, link: str, forge: Callable[[str], str]) -> None:
    page = look(forge(link))

    assert page.status_code == 404
    assert "Este enlace no abre nada" in page.text
    assert "PED-" not in page.text


def test_a_link_ends_after_sixty_days(look: Look, link: str) -> None:  # case 131
    with time_machine.travel(clock.now() + timedelta(days=59)):
        assert look(link).status_code == 200
    with time_machine.travel(clock.now() + timedelta(days=60, seconds=1)):
        page = look(link, "en")

    assert (page.status_code, "This link has ended" in page.text, "PED-" in page.text) == (410, True, False)


def test_a_link_ends_thirty_days_after_the_delivery(look: Look, link: str, http: Any, staff: Any) -> None:
    headers = staff | {"Idempotency-Key": "1"}
    answer = http.request("POST", "/staff/shipments/PED-10001-1-A/events", json={"kind": "delivered"}, headers=headers)
    assert answer.status_code == 200, answer.text
    assert "<h1>Tu pedido llegó</h1>" in look(link).text

    with time_machine.travel(clock.now() + timedelta(days=30, seconds=1)):
        assert look(link).status_code == 410


@pytest.mark.parametrize("key", ["another-key-that-is-long-enough-to-sign-with", "k" * 47])
def test_a_link_signed_by_someone_else_opens_nothing(look: Look, link: str, database: Database, key: str) -> None:
    with database.read() as session:
        order = orders.find_any(session, "PED-10001").order
    theirs = links.Links("http://x", key).make("tracking", "t", order.id, clock.now() + timedelta(days=1))

    assert look(theirs).status_code == 404


def test_a_link_made_for_another_purpose_opens_nothing(look: Look, link: str, app: Any, database: Database) -> None:
    with database.read() as session:
        order = orders.find_any(session, "PED-10001").order
        made_by = links.carried(session)
    assert made_by is not None
    other = made_by.make("password", "t", order.id, clock.now() + timedelta(days=1))

    assert look(other).status_code == 404


async def test_while_the_oms_is_away_it_says_so(tmp_path: Path) -> None:
    def nobody(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("nobody there", request=request)

    settings = Settings.model_validate({"COMANDA_HOME": str(tmp_path)})
    page = create_app(settings, httpx.MockTransport(nobody))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(page), base_url="http://shop") as client:
        answer = await client.get("/token")

    assert (answer.status_code, "Ahora no podemos mostrarte tu pedido" in answer.text) == (503, True)


def test_both_languages_say_the_same_things() -> None:
    def shape(words: Any) -> Any:
        if isinstance(words, dict):
            return {key: shape(value) for key, value in words.items()}
        return len(words) if isinstance(words, (list, tuple)) else str

    assert shape(WORDS["es"]) == shape(WORDS["en"])
