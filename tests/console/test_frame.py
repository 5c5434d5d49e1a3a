"""The frame of the console: the desks a member works at, and how they like it to look."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from backend.staff.models import ROLES
from console.app import create_app
from console.tabs import TABS
from kernel.config import Settings
from kernel.tokens import Principal, mint


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.model_validate({"COMANDA_HOME": str(tmp_path), "COMANDA_SECRET": "s" * 40})


@pytest.fixture
async def browser(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(503, json={"code": "unavailable", "status": 503, "detail": "x", "params": {}})

    app = create_app(settings, httpx.MockTransport(answer), httpx.MockTransport(answer))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://console") as client:
        yield client


def shift_of(role: str, settings: Settings) -> dict[str, str]:
    member = Principal(role="staff", subject="x", grants=frozenset({f"role:{role}"}))
    return {"comanda_staff": mint(member, settings.signing_key(), timedelta(minutes=1))}


@pytest.mark.parametrize(
    ("role", "desks"),
    [
        ("agent", ["/", "/orders", "/mail", "/insights"]),
        ("sales", ["/", "/sales", "/orders", "/mail", "/insights"]),
        ("warehouse", ["/warehouse", "/orders"]),
        ("finance", ["/orders", "/payments", "/mail", "/insights"]),
        ("admin", ["/", "/sales", "/warehouse", "/orders", "/payments", "/mail", "/insights"]),
    ],
)
async def test_a_member_sees_the_desks_of_their_role(
    browser: httpx.AsyncClient, settings: Settings, role: str, desks: list[str]
) -> None:
    browser.cookies.update(shift_of(role, settings))
    page = (await browser.get("/orders")).text

    tabs = re.search(r'<nav class="tabs".*?</nav>', page, re.DOTALL)
    assert tabs
    known = {"/", "/sales", "/warehouse", "/orders", "/payments", "/mail", "/insights"}
    assert [path for path in re.findall(r'href="([^"]*)"', tabs[0]) if path in known] == desks


def test_every_desk_is_some_roles_work() -> None:
    assert all(tab.roles and tab.roles <= set(ROLES) for tab in TABS)
    assert all(any(role in tab.roles for tab in TABS) for role in ROLES if role != "admin")


@pytest.mark.parametrize("role", ["warehouse", "finance"])
async def test_who_does_not_work_at_the_inbox_starts_at_a_desk_of_theirs(
    browser: httpx.AsyncClient, settings: Settings, role: str
) -> None:
    browser.cookies.update(shift_of(role, settings))
    answer = await browser.get("/")

    first = next(tab.path for tab in TABS if role in tab.roles)
    assert first != "/"
    assert (answer.status_code, answer.headers["location"]) == (303, first)


async def test_how_it_looks_is_each_browsers_own_choice(browser: httpx.AsyncClient) -> None:
    assert "data-appearance" not in (await browser.get("/signin")).text
    chosen = await browser.get("/appearance/dark?next=/signin")
    dark = (await browser.get("/signin")).text
    await browser.get("/appearance/system")
    system = (await browser.get("/signin")).text

    assert (chosen.status_code, chosen.headers["location"]) == (303, "/signin")
    assert 'data-appearance="dark"' in dark
    assert '<meta name="color-scheme" content="dark">' in dark
    assert "data-appearance" not in system
    assert '<meta name="color-scheme" content="light dark">' in system


@pytest.mark.parametrize("choice", ["black", "<script>", "dark%22"])
async def test_a_look_there_is_not_changes_nothing(browser: httpx.AsyncClient, choice: str) -> None:
    answer = await browser.get(f"/appearance/{choice}")

    assert answer.status_code == 303
    assert "comanda_console_appearance" not in answer.headers.get("set-cookie", "")
