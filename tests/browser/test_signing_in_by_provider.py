"""Signing in by an identity provider, in a real Chromium, from our page to theirs and back."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from oidc_provider_mock import User, run_server_in_thread
from playwright.sync_api import Page, expect

from tests.browser.open_market import OpenMarket

pytestmark = pytest.mark.browser
EMAIL = "demo@laesquina.co"


def test_a_member_goes_to_the_provider_and_arrives_where_they_wanted(
    page: Page, new_home: Callable[[], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    users = [
        User(sub="dani", claims={"email": EMAIL, "email_verified": True}),
        User(sub="eve", claims={"email": "eve@example.org", "email_verified": True}),
    ]
    with run_server_in_thread(user_claims=users) as provider:
        monkeypatch.setenv("COMANDA_OIDC_ISSUER", f"http://127.0.0.1:{provider.server_port}")
        monkeypatch.setenv("COMANDA_OIDC_CLIENT_ID", "comanda")
        monkeypatch.setenv("COMANDA_OIDC_CLIENT_SECRET", "hush")
        monkeypatch.setenv("COMANDA_OIDC_NAME", "LlaveMaestra")
        with OpenMarket(new_home()) as market:
            console = f"{market.url}/console"
            page.goto(f"{console}/orders")
            page.get_by_role("button", name="Entrar con LlaveMaestra").click()
            expect(page).to_have_url(re.compile("/oauth2/authorize"))
            page.locator("input[name=sub]").fill("eve")
            page.get_by_role("button", name=re.compile("Authorize|Authenticate|Log ?in", re.IGNORECASE)).first.click()
            expect(page.get_by_role("alert")).to_contain_text("No se pudo entrar así")

            page.goto(f"{console}/orders")
            page.get_by_role("button", name="Entrar con LlaveMaestra").click()
            page.locator("input[name=sub]").fill("dani")
            page.get_by_role("button", name=re.compile("Authorize|Authenticate|Log ?in", re.IGNORECASE)).first.click()
            expect(page.get_by_role("heading", name="Pedidos", exact=True)).to_be_visible()
            assert page.url == f"{console}/orders"
            assert "comanda_oidc" not in [cookie["name"] for cookie in page.context.cookies()]
