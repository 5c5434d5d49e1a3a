"""What is kept of a person is for admins, and nothing is asked for by a form that is not ours."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, select
from starlette.applications import Starlette
from starlette.routing import Mount

import backend.app
from backend.data_requests.models import DataRequest
from backend.staff import service as staff
from backend.staff.models import ROLES
from console import csrf
from console.app import create_app
from kernel.config import Settings
from kernel.db import Database
from tests.backend.shopper import KEY, add_customer, open_market

PASSWORD = "cuatro caballos verdes"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_who_is_no_admin_sees_asks_for_and_erases_nothing(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    settings = Settings(COMANDA_HOME=tmp_path, DATABASE_URL=database_url, COMANDA_SECRET=KEY)
    with database.write() as session:
        open_market(session)
        customer_id = add_customer(session)
        for role in ROLES:
            staff.add_member(session, f"{role}@shop.co", role, role, PASSWORD)
    api = Starlette(routes=[Mount("/api", backend.app.create_app(settings, database))])
    console = create_app(settings, httpx.ASGITransport(api))
    person, seal = f"/privacy/customers/{customer_id}", {"seal": csrf.seal("seed", KEY)}
    seen: dict[str, list[int]] = {}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(api), base_url="http://oms") as oms:
        for role in ROLES:
            body = {"email": f"{role}@shop.co", "password": PASSWORD}
            token = (await oms.post("/api/staff/sessions", json=body)).json()["token"]
            cookies = {"comanda_staff": token, csrf.COOKIE: "seed"}
            transport = httpx.ASGITransport(console)
            async with httpx.AsyncClient(transport=transport, base_url="http://console", cookies=cookies) as browser:
                erasure = {"look": "DAT-10001", "reason": "asked", "confirmation": "DAT-10001"}
                answers = [
                    await browser.get("/privacy"),
                    await browser.get(person),
                    await browser.get("/privacy/requests/DAT-10001/file"),
                    await browser.post(f"{person}/ask", data={"step": "look", "act": "1"}),
                    await browser.post(f"{person}/ask", data={"step": "look", "act": "1"} | seal),
                    await browser.post(f"{person}/erase", data=erasure | {"act": "2"} | seal),
                ]
            seen[role] = [answer.status_code for answer in answers]
            if role == "admin":
                # The look is not done yet: what was typed is kept, and said why.
                assert "Esa vista ya no vale: mira de nuevo." in answers[-1].text

    assert seen.pop("admin") == [200, 200, 404, 403, 303, 409]
    assert set(map(tuple, seen.values())) == {(403,) * 6}
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(DataRequest)) == 1
