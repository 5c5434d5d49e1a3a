"""What each role does alone, as an admin tells it: over the real OMS."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

import backend.app
from backend.catalog.shop import shop
from backend.staff import service as staff
from console import csrf
from console.app import create_app
from kernel.config import Settings
from kernel.db import Database
from tests.backend.shopper import KEY, open_market

PASSWORD = "cuatro caballos verdes"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_limits_are_told_anew_and_a_mistyped_one_changes_none(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    settings = Settings(COMANDA_HOME=tmp_path, DATABASE_URL=database_url, COMANDA_SECRET=KEY)
    with database.write() as session:
        open_market(session)
        for role in ("admin", "finance"):
            staff.add_member(session, f"{role}@shop.co", role, role, PASSWORD)
    api = Starlette(routes=[Mount("/api", backend.app.create_app(settings, database))])
    console = create_app(settings, httpx.ASGITransport(api))
    seal = {"seal": csrf.seal("seed", KEY)}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(api), base_url="http://oms") as oms:

        async def browser(role: str) -> httpx.AsyncClient:
            body = {"email": f"{role}@shop.co", "password": PASSWORD}
            cookies = {"comanda_staff": (await oms.post("/api/staff/sessions", json=body)).json()["token"]}
            transport = httpx.ASGITransport(console)
            return httpx.AsyncClient(
                transport=transport, base_url="http://console", cookies=cookies | {csrf.COOKIE: "seed"}
            )

        async with await browser("admin") as admin, await browser("finance") as finance:
            told = {"act": "1", "refund-finance": "150.000", "refund-admin": "*", "credit_note-finance": "0"} | seal
            saved = await admin.post("/staff/limits", data=told)
            wrong = await admin.post("/staff/limits", data={"act": "2", "refund-finance": "mucho"} | seal)
            page = (await admin.get("/staff/limits")).text
            refused = await finance.post("/staff/limits", data={"act": "3", "refund-finance": "1"} | seal)
            looked = await finance.get("/staff/limits")

    assert (saved.status_code, saved.headers["location"]) == (303, "/staff/limits?done=saved")
    assert wrong.status_code == 422
    assert 'value="mucho"' in wrong.text
    assert 'aria-describedby="refund-finance-problem"' in wrong.text
    assert 'name="refund-finance" type="text" value="150000"' in page
    assert (refused.status_code, looked.status_code) == (403, 403)
    with database.read() as session:
        seller = shop(session)
    assert dict(seller.refund_limits) == {"finance": 15_000_000, "admin": None}
    assert {act: dict(limits) for act, limits in seller.staff_limits.items()} == {"credit_note": {"finance": 0}}
