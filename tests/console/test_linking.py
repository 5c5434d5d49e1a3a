"""From the card two customers who are one person are found, looked at, linked with a reason, and parted."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import httpx

from backend.client import BackendClient
from console import csrf
from console.app import create_app
from kernel.tokens import Principal, mint
from tests.console.test_order_page import Pages, _ordered


async def test_two_customers_are_linked_after_a_look_and_parted_again(demo_shop: Path, tmp_path: Path) -> None:
    pages = Pages(tmp_path, demo_shop)
    key = pages.settings.signing_key()
    async with BackendClient("http://oms", pages.token, transport=pages.transport) as oms:
        web = (await oms.staff_order(await _ordered(oms, pages.settings))).customer_id
        service = oms.with_token(mint(Principal("service", "bot"), key, timedelta(minutes=1)))
        phone = (await service.resolve_identity("whatsapp", "+573001112233", "+573001112233")).customer_id
    member = Principal("staff", "rosa", grants=frozenset({"role:agent"}))
    cookies = {"comanda_staff": mint(member, key, timedelta(minutes=1)), csrf.COOKIE: "seed"}
    app = httpx.ASGITransport(create_app(pages.settings, pages.transport, pages.transport))
    async with httpx.AsyncClient(transport=app, base_url="http://console", cookies=cookies) as browser:
        here, spanish = f"/customers/{web}/links", {"Accept-Language": "es"}

        async def asks(path: str = "") -> str:
            return plain((await browser.get(here + path, headers=spanish)).text)

        async def does(**form: str) -> httpx.Response:
            sent = {"seal": csrf.seal("seed", key), "act": str(uuid4()), **form}
            return await browser.post(here, data=sent, headers=spanish)

        assert "…2233" in await asks("?q=3001112233")
        assert "No encontramos a nadie así" in await asks("?q=nadie")
        looked = await asks(f"/preview?other={phone}")
        assert "Seguirán como …2233" in looked
        assert "Pedidos 0 1" in looked
        bare = await does(other=phone, reason=" ")
        assert (bare.status_code, "Escribe por qué." in bare.text) == (422, True)
        linked = await does(other=phone, reason="Lo dijo por teléfono")
        assert "Unidos: es una persona." in linked.text
        [identity] = re.findall(r'name="identity" value="([^"]+)"', linked.text)
        assert "Ya son la misma persona." in await asks(f"/preview?other={phone}")
        parted = await does(identity=identity)
        assert "Separados: cada uno tiene otra vez lo suyo." in parted.text
        assert 'name="identity"' not in parted.text
    pages.database.dispose()


def plain(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())
