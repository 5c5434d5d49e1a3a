"""The console over a real OMS, as a member of each role sees it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

import backend.app
from backend.staff import service as staff
from backend.staff.models import ROLES
from console import csrf
from console.app import create_app
from kernel.config import Settings
from kernel.db import Database
from tests.backend.shopper import KEY, open_market

PASSWORD = "cuatro caballos verdes"
Members = Mapping[str, httpx.AsyncClient]


@pytest.fixture
def seal() -> dict[str, str]:
    """What a form has that is ours."""
    return {"seal": csrf.seal("seed", KEY)}


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(COMANDA_HOME=tmp_path, DATABASE_URL=database_url, COMANDA_SECRET=KEY)


@pytest.fixture
async def members(database: Database, settings: Settings) -> AsyncIterator[Members]:
    """The browsers of an open market's staff, by role, each signed in."""
    with database.write() as session:
        open_market(session)
        for role in ROLES:
            staff.add_member(session, f"{role}@shop.co", role, role, PASSWORD)
    api = httpx.ASGITransport(Starlette(routes=[Mount("/api", backend.app.create_app(settings, database))]))
    console = httpx.ASGITransport(create_app(settings, api))
    async with AsyncExitStack() as stack:
        oms = await stack.enter_async_context(httpx.AsyncClient(transport=api, base_url="http://oms"))
        browsers = {}
        for role in ROLES:
            body = {"email": f"{role}@shop.co", "password": PASSWORD}
            token = (await oms.post("/api/staff/sessions", json=body)).json()["token"]
            cookies = {"comanda_staff": token, csrf.COOKIE: "seed"}
            browser = httpx.AsyncClient(transport=console, base_url="http://console", cookies=cookies)
            browsers[role] = await stack.enter_async_context(browser)
        yield browsers
