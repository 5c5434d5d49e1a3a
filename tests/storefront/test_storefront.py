"""The demo shop's page when its neighbours are away, and when it is no demo."""

from __future__ import annotations

from pathlib import Path

import httpx

from comanda.storefront import create_app
from kernel.config import Settings
from tests.backend.shopper import KEY


def nobody(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("nobody there", request=request)


async def test_without_the_oms_the_page_still_offers_the_chat(tmp_path: Path) -> None:
    settings = Settings.model_validate({"COMANDA_HOME": str(tmp_path)})
    page = await look(create_app(settings, httpx.MockTransport(nobody)))

    assert page.status_code == 200
    assert "Los estantes se están llenando." in page.text
    assert '<script src="/widget/comanda-chat.js" defer></script>' in page.text


async def test_a_shop_in_production_does_not_call_itself_a_demo(tmp_path: Path) -> None:
    environment = {"COMANDA_HOME": str(tmp_path), "COMANDA_MODE": "production", "COMANDA_SECRET": KEY}
    page = await look(create_app(Settings.model_validate(environment), httpx.MockTransport(nobody)))

    assert "demostración" not in page.text
    assert ">Demo<" not in page.text


def policy(request: httpx.Request) -> httpx.Response:
    text = {"es": "El Parque es responsable.\n\n# Tus derechos\nConocer <todo>.", "en": "El Parque is responsible."}
    return httpx.Response(200, json={"version": "7", "text": text})


async def test_the_privacy_policy_is_a_page_in_both_languages(tmp_path: Path) -> None:
    app = create_app(Settings.model_validate({"COMANDA_HOME": str(tmp_path)}), httpx.MockTransport(policy))
    page = await look(app, "/privacy")

    assert page.status_code == 200
    assert "<h2>Tus derechos</h2>" in page.text
    assert "<p>Conocer &lt;todo&gt;.</p>" in page.text
    assert "Versión 7" in page.text
    assert "El Parque is responsible." in (await look(app, "/privacy?lang=en")).text


async def test_without_the_oms_the_privacy_page_says_so(tmp_path: Path) -> None:
    settings = Settings.model_validate({"COMANDA_HOME": str(tmp_path)})
    page = await look(create_app(settings, httpx.MockTransport(nobody)), "/privacy")

    assert page.status_code == 503
    assert "En este momento no podemos mostrar la política." in page.text


async def look(app: object, path: str = "/") -> httpx.Response:
    transport = httpx.ASGITransport(app)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
        return await client.get(path, headers={"Accept-Language": "es-CO,es;q=0.9"})
