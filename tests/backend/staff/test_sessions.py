"""A staff session ends when its member, an admin or the clock says so, and its token with it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest
import time_machine
from fastapi import FastAPI
from sqlalchemy import select, update

from backend.app import create_app
from backend.staff.models import StaffMember, StaffSession
from bot import migrations
from bot.app import create_app as create_bot
from bot.desk.staff_sessions import StaffSessions
from kernel import tokens
from kernel.config import Settings
from kernel.db import Database
from kernel.tokens import Principal
from tests.backend.shopper import KEY, MILK, Http, Market, code_of
from tests.backend.staff.conftest import Person, enter

HIRE = Callable[..., Person]
ENDED = (401, "session_ended")
GOODS = {"location": "CENTRO", "lines": [{"sku": MILK, "quantity": 1}]}


def receive_goods(person: Person) -> httpx.Response:
    return person.does("POST", "/staff/stock/receipts", GOODS)


def test_signing_out_makes_the_token_worthless_at_once(http: Http, market: Market, hire: HIRE) -> None:  # case 91
    wendy = hire("warehouse")
    assert wendy.get("/staff/stock").status_code == 200
    other = Person(http, wendy.id, enter(http, "warehouse@laesquina.co"))

    assert wendy.does("DELETE", "/staff/sessions/current").status_code == 200

    assert code_of(wendy.get("/staff/stock")) == ENDED
    assert code_of(receive_goods(wendy)) == ENDED
    assert other.get("/staff/stock").status_code == 200


def test_every_process_refuses_an_act_of_an_ended_session_whatever_it_remembers(
    settings: Settings, database: Database, market: Market, hire: HIRE
) -> None:  # case 91
    wendy = hire("warehouse")
    with Http(create_app(settings, database)) as elsewhere:
        there = Person(elsewhere, wendy.id, wendy.token)
        assert there.get("/staff/stock").status_code == 200
        wendy.does("DELETE", "/staff/sessions/current")

        assert code_of(receive_goods(there)) == ENDED
        assert code_of(there.get("/staff/stock")) == ENDED


@pytest.mark.parametrize(("what", "values"), [("role", {"role": "agent"}), ("member", {"is_active": False})])
def test_a_member_who_lost_their_role_or_left_does_nothing_more(
    settings: Settings, database: Database, market: Market, hire: HIRE, what: str, values: dict[str, object]
) -> None:  # case 91
    wendy = hire("warehouse")
    assert receive_goods(wendy).status_code == 201
    with database.write() as session:
        session.execute(update(StaffMember).where(StaffMember.id == wendy.id).values(**values))

    assert receive_goods(wendy).status_code == 401
    assert receive_goods(wendy).status_code == (403 if what == "role" else 401)


def test_a_session_that_nobody_uses_ends(hire: HIRE, clock: time_machine.Traveller, database: Database) -> None:
    agent = hire("agent")
    for _ in range(3):
        clock.shift(timedelta(minutes=119))
        assert agent.get("/staff/sessions").status_code == 200
        forget_looks(agent)
    clock.shift(timedelta(minutes=120))
    assert code_of(agent.get("/staff/sessions")) == ENDED
    with database.read() as session:
        assert session.scalars(select(StaffSession)).one().ended_at is None


def test_a_page_that_asks_by_itself_keeps_no_session_alive(hire: HIRE, clock: time_machine.Traveller) -> None:
    agent = hire("agent")
    background = {"Comanda-Background": "true"}
    for _ in range(2):
        clock.shift(timedelta(minutes=59))
        assert agent.get("/staff/sessions", **background).status_code == 200
        forget_looks(agent)
    clock.shift(timedelta(minutes=3))
    assert code_of(agent.get("/staff/sessions", **background)) == ENDED


def test_no_session_outlasts_a_shift(hire: HIRE, clock: time_machine.Traveller) -> None:
    agent = hire("agent")
    for _ in range(11):
        clock.shift(timedelta(hours=1))
        assert agent.get("/staff/sessions").status_code == 200
        forget_looks(agent)
    clock.shift(timedelta(hours=1))
    assert agent.get("/staff/sessions").status_code == 401


def test_i_see_where_i_am_signed_in_and_end_one_of_them(http: Http, hire: HIRE) -> None:
    hire("finance")
    agent = hire("agent")
    phone = Person(http, agent.id, enter(http, "agent@laesquina.co"))

    shown = agent.get("/staff/sessions").json()

    assert [(each["is_current"], each["device"], each["name"]) for each in shown] == [
        (False, "Firefox", "Agent"),
        (True, "Firefox", "Agent"),
    ]
    assert agent.does("DELETE", f"/staff/sessions/{shown[0]['id']}").status_code == 200
    assert phone.get("/staff/sessions").status_code == 401
    assert len(agent.get("/staff/sessions").json()) == 1


def test_only_an_admin_ends_the_session_of_another(hire: HIRE, database: Database) -> None:  # case 93
    agent, finance, boss = hire("agent"), hire("finance"), hire("admin")
    (theirs,) = agent.get("/staff/sessions").json()

    assert code_of(finance.does("DELETE", f"/staff/sessions/{theirs['id']}")) == (404, "staff_session_not_found")
    assert code_of(finance.does("DELETE", "/staff/sessions/none")) == (404, "staff_session_not_found")
    assert agent.get("/staff/sessions").status_code == 200

    assert boss.does("DELETE", f"/staff/sessions/{theirs['id']}").status_code == 200
    assert agent.get("/staff/sessions").status_code == 401
    with database.read() as session:
        assert session.get_one(StaffSession, theirs["id"]).ended_why == "ended_by_admin"


def test_a_staff_token_of_no_session_is_a_tools_and_short(http: Http) -> None:
    """What was issued for a shift before sessions were kept is not taken any more: nobody could end it."""
    boss = Principal("staff", "boss", grants=frozenset({"role:admin"}))
    for lifetime, status in ((timedelta(hours=1), 200), (timedelta(hours=12), 401)):
        headers = {"Authorization": f"Bearer {tokens.mint(boss, KEY, lifetime)}"}
        assert http.request("GET", "/staff/sessions", headers=headers).status_code == status


def test_a_session_of_someone_else_is_no_use_in_my_token(http: Http, hire: HIRE) -> None:
    agent, boss = hire("agent"), hire("admin")
    theirs = tokens.verify(boss.token, KEY).session_id
    forged = tokens.mint(Principal("staff", agent.id, session_id=theirs), KEY, timedelta(hours=1))
    assert code_of(Person(http, agent.id, forged).get("/staff/sessions")) == ENDED


def test_the_bot_refuses_an_ended_session_within_seconds(
    settings: Settings, database: Database, app: FastAPI, hire: HIRE, monkeypatch: pytest.MonkeyPatch
) -> None:  # case 91
    migrations.upgrade(settings.database_url)
    agent = hire("agent")
    bot = create_bot(settings, database)
    bot.state.staff_sessions = StaffSessions(settings, Below(httpx.ASGITransport(app)))
    passed_s = 0.0
    monkeypatch.setattr("bot.desk.staff_sessions.monotonic", lambda: passed_s)
    with Http(bot) as there:
        look = Person(there, agent.id, agent.token)
        assert look.get("/bot/api/conversations").status_code == 200
        with database.write() as session:
            session.execute(update(StaffMember).values(is_active=False))
        app.state.staff_door.forget()
        assert look.get("/bot/api/conversations").status_code == 200

        passed_s = 4.0
        assert code_of(look.get("/bot/api/conversations")) == ENDED


class Below(httpx.AsyncBaseTransport):
    """The OMS as the bot reaches it: below /api."""

    def __init__(self, oms: httpx.AsyncBaseTransport) -> None:
        self._oms = oms

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        request.url = request.url.copy_with(path=request.url.path.removeprefix("/api"))
        return await self._oms.handle_async_request(request)


def forget_looks(person: Person) -> None:
    """What the door remembers of the last seconds: a stopped clock would make it an hour."""
    person.http.app.state.staff_door.forget()
