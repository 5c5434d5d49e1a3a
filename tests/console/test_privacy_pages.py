"""What is kept of a person is for admins, and nothing is asked for by a form that is not ours."""

from __future__ import annotations

import html
import re

import pytest
from sqlalchemy import func, select

from backend.data_requests.models import DataRequest
from comanda.privacy.desk import DataDesk
from console.words import WORDS
from kernel.config import Settings
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


@pytest.mark.parametrize("language", ["es", "en"])
async def test_who_is_not_known_is_looked_for_anew(members: Members, language: str) -> None:
    page = await members["admin"].get("/privacy/customers/nobody", headers={"Accept-Language": language})

    assert page.status_code == 404
    assert f'<p class="problem" role="alert">{WORDS[language].privacy_unknown}</p>' in page.text
    assert '<form class="search" role="search" action="/privacy">' in page.text


@pytest.mark.parametrize("language", ["es", "en"])
async def test_of_who_was_erased_it_is_said_when_and_what_was_there_is_not_shown(
    members: Members, seal: dict[str, str], customer_id: str, settings: Settings, database: Database, language: str
) -> None:
    admin, person, desk = members["admin"], f"/privacy/customers/{customer_id}", DataDesk(settings, database)

    def works() -> list[DataRequest]:
        with database.read() as session:
            rows = list(session.scalars(select(DataRequest).order_by(DataRequest.id)))
        for row in rows:
            desk.fulfil(row.id)
        return rows

    await admin.post(f"{person}/ask", data={"step": "look", "act": "1"} | seal)
    [look] = works()
    form = {"look": look.number, "reason": "asked", "confirmation": look.number, "act": "2"} | seal
    assert (await admin.post(f"{person}/erase", data=form)).status_code == 303
    assert len(works()) == 2

    page = (await admin.get(person, headers={"Accept-Language": language})).text
    words = WORDS[language]
    assert words.privacy_is_erased.partition("{at}")[2] in page
    assert words.privacy_no_look in page
    assert look.number not in page


# case 92
@pytest.mark.parametrize("language", ["es", "en"])
async def test_the_log_says_who_downloaded_whose_copy_and_when(
    members: Members, seal: dict[str, str], customer_id: str, settings: Settings, database: Database, language: str
) -> None:
    admin, words, person = members["admin"], WORDS[language], f"/privacy/customers/{customer_id}"
    await admin.post(f"{person}/ask", data={"step": "export", "act": "1"} | seal)
    with database.read() as session:
        row = session.scalars(select(DataRequest)).one()
    DataDesk(settings, database).fulfil(row.id)

    assert (await admin.get(f"/privacy/requests/{row.number}/file")).status_code == 200

    page = html.unescape((await admin.get("/trail", headers={"Accept-Language": language})).text)
    newest, asked = re.findall(r'<li class="panel">(.*?)</li>', page, re.DOTALL)[:2]
    acts = words.trail_act_on_person
    for entry, act in (
        (newest, "GET /staff/data-requests/{number}/file"),
        (asked, "POST /staff/customers/{customer_id}/data-requests"),
    ):
        assert f'{acts[act]} · <a href="{person}">{words.trail_person}</a> → {row.number}' in entry
        assert "<strong>admin</strong>" in entry
        assert re.search(r'<time class="muted" datetime="20', entry)
