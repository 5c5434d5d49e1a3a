"""What is kept of a person is for admins, and nothing is asked for by a form that is not ours."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from backend.data_requests.models import DataRequest
from kernel.db import Database
from tests.backend.shopper import add_customer
from tests.console.conftest import Members

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def customer_id(members: Members, database: Database) -> str:
    with database.write() as session:
        return add_customer(session)


async def test_who_is_no_admin_sees_asks_for_and_erases_nothing(
    members: Members, seal: dict[str, str], customer_id: str, database: Database
) -> None:
    person = f"/privacy/customers/{customer_id}"
    erasure = {"look": "DAT-10001", "reason": "asked", "confirmation": "DAT-10001"}
    seen: dict[str, list[int]] = {}

    for role, browser in members.items():
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
