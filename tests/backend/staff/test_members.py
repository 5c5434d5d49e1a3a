"""Admins take people in and let them go; everyone sets a password of their own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest
import time_machine
from sqlalchemy import select

from backend.idempotency import IdempotentAct
from backend.staff.models import StaffMember
from kernel.db import Database
from tests.backend.shopper import Http, code_of, staff_as
from tests.backend.staff.conftest import PASSWORD, Person, enter

HIRE = Callable[..., Person]
LUIS = {"email": "Luis@LaEsquina.co", "name": "Luis Mora", "role": "agent"}
NEW = "cuatro caballos verdes"


def use(http: Http, link: str, password: str = NEW) -> httpx.Response:
    return http.request("POST", f"/staff/links/{link.rpartition('/')[2]}", json={"password": password})


def try_(http: Http, password: str) -> int:
    body = {"email": "luis@laesquina.co", "password": password}
    return http.request("POST", "/staff/sessions", json=body).status_code


def test_who_is_taken_in_sets_a_password_by_a_link_that_is_good_once(http: Http, hire: HIRE) -> None:
    boss = hire("admin")
    made = boss.does("POST", "/staff/members", LUIS, key="luis").json()
    assert made["link"].startswith("http://127.0.0.1:8080/console/welcome/")
    assert (made["member"]["email"], made["member"]["has_password"]) == ("luis@laesquina.co", False)
    assert try_(http, "") == 422
    assert try_(http, NEW) == 401

    shown = http.request("GET", f"/staff/links/{made['link'].rpartition('/')[2]}").json()
    assert shown == {"name": "Luis Mora", "email": "luis@laesquina.co", "kind": "invite"}
    assert use(http, made["link"]).status_code == 200
    assert try_(http, NEW) == 201
    assert code_of(use(http, made["link"], "otra cosa distinta")) == (404, "staff_link_unknown")
    assert try_(http, NEW) == 201


def test_the_link_is_kept_nowhere_and_a_repeat_shows_it_again(hire: HIRE, database: Database) -> None:
    boss = hire("admin")
    made = boss.does("POST", "/staff/members", LUIS, key="luis").json()
    again = boss.does("POST", "/staff/members", LUIS, key="luis")

    assert again.json() == made
    assert again.headers["Idempotent-Replay"] == "true"
    with database.read() as session:
        kept = session.scalars(select(IdempotentAct.answer)).all()
    assert kept
    assert not any(made["link"].rpartition("/")[2] in (answer or "") for answer in kept)


def test_a_link_that_is_too_old_or_replaced_sets_nothing(http: Http, hire: HIRE, clock: time_machine.Traveller) -> None:
    boss = hire("admin")
    made = boss.does("POST", "/staff/members", LUIS).json()
    newer = boss.does("POST", f"/staff/members/{made['member']['id']}/links").json()
    assert code_of(use(http, made["link"])) == (404, "staff_link_unknown")
    clock.shift(timedelta(hours=48))
    assert code_of(use(http, newer["link"])) == (404, "staff_link_expired")
    assert code_of(use(http, newer["link"] + "x")) == (404, "staff_link_unknown")


@pytest.mark.parametrize("password", ["corto", "luis@laesquina.co", "aaaaaaaaaaaaaaaa"])
def test_a_weak_password_is_refused_and_the_link_stays_good(http: Http, hire: HIRE, password: str) -> None:
    made = hire("admin").does("POST", "/staff/members", LUIS).json()
    assert code_of(use(http, made["link"], password)) == (422, "password_weak")
    assert use(http, made["link"]).status_code == 200


def test_who_leaves_is_out_at_once_everywhere_and_by_no_link_back_in(http: Http, hire: HIRE) -> None:  # case 91
    boss, agent = hire("admin"), hire("agent")
    link = boss.does("POST", f"/staff/members/{agent.id}/links").json()["link"]

    left = boss.does("PATCH", f"/staff/members/{agent.id}", {"is_active": False}).json()

    assert (left["is_active"], left["sessions"]) == (False, 0)
    body = {"email": "agent@laesquina.co", "password": PASSWORD}
    ways = agent.get("/staff/sessions"), use(http, link), http.request("POST", "/staff/sessions", json=body)
    print(f"ways back in {sum(each.is_success for each in ways)} of {len(ways)}: token, link, password")
    assert [each.status_code for each in ways] == [401, 404, 401]


def test_a_new_role_holds_from_the_next_request_on(hire: HIRE) -> None:  # case 91
    boss, agent = hire("admin"), hire("agent")
    assert agent.get("/staff/ledger/accounts").status_code == 403
    boss.does("PATCH", f"/staff/members/{agent.id}", {"role": "finance"})
    assert agent.get("/staff/ledger/accounts").status_code == 200


def test_nobody_changes_their_own_role_or_limits(hire: HIRE, database: Database) -> None:  # case 92
    boss = hire("admin")
    hire("admin", "other")
    for change in ({"role": "sales"}, {"limits": {"refund": None}}, {"is_active": False}):
        assert code_of(boss.does("PATCH", f"/staff/members/{boss.id}", change)) == (403, "own_account")
    assert boss.does("PATCH", f"/staff/members/{boss.id}", {"name": "La Jefa"}).json()["name"] == "La Jefa"
    with database.read() as session:
        assert session.get_one(StaffMember, boss.id).role == "admin"


def test_the_last_admin_stays(hire: HIRE) -> None:
    boss, other = hire("admin"), hire("admin", "other")
    assert boss.does("PATCH", f"/staff/members/{other.id}", {"role": "sales"}).status_code == 200
    again = hire("admin", "third")
    assert again.does("PATCH", f"/staff/members/{boss.id}", {"is_active": False}).status_code == 200
    # A tool that holds the key is no member: of those the third is the last.
    assert code_of(again.does("PATCH", f"/staff/members/{again.id}", {"is_active": False})) == (403, "own_account")
    headers = staff_as("admin") | {"Idempotency-Key": "last"}
    path = f"/staff/members/{again.id}"
    assert code_of(again.http.request("PATCH", path, headers=headers, json={"role": "agent"})) == (409, "last_admin")


def test_an_address_is_one_members(hire: HIRE) -> None:
    boss = hire("admin")
    assert boss.does("POST", "/staff/members", LUIS).status_code == 201
    assert code_of(boss.does("POST", "/staff/members", LUIS | {"role": "sales"})) == (409, "staff_email_taken")


def test_changing_my_password_ends_my_other_sessions(http: Http, hire: HIRE) -> None:
    agent = hire("agent")
    phone = Person(http, agent.id, enter(http, "agent@laesquina.co"))
    body = {"current": PASSWORD, "password": NEW}

    assert agent.does("POST", "/staff/me/password", body, key="new").status_code == 200

    assert phone.get("/staff/sessions").status_code == 401
    assert agent.get("/staff/sessions").status_code == 200
    assert agent.does("POST", "/staff/me/password", body, key="new").headers["Idempotent-Replay"] == "true"


def test_my_password_is_not_guessed_from_an_open_session(hire: HIRE) -> None:  # case 91
    agent = hire("agent")
    body = {"current": "no es esta", "password": NEW}
    for _ in range(5):
        assert code_of(agent.does("POST", "/staff/me/password", body)) == (403, "password_wrong")
    body = {"current": PASSWORD, "password": NEW}
    assert code_of(agent.does("POST", "/staff/me/password", body)) == (429, "too_many_sign_ins")
