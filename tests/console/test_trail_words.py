"""Whatever staff do stands in the log in words: every act that the trail may keep is known by name."""

from __future__ import annotations

import ast
import html
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from sqlalchemy import select

import backend.api.idempotency
import backend.app
from backend import trail
from backend.staff.models import ROLES, StaffMember
from console.words import WORDS
from kernel.config import Settings
from kernel.db import Database
from tests.backend.test_authorisation import MATRIX, STAFF
from tests.console.conftest import Members

ROOT = Path(__file__).parents[2]


@pytest.fixture
def oms(settings: Settings, database: Database) -> FastAPI:
    return backend.app.create_app(settings, database)


def done_once(dependant: Dependant) -> bool:
    """Whether a route is an act done once: of those the trail keeps what staff do."""
    return dependant.call is backend.api.idempotency._act or any(map(done_once, dependant.dependencies))


def routes_of_staff(oms: FastAPI) -> Iterator[str]:
    for route in oms.routes:
        for method in getattr(route, "methods", None) or ():
            named = MATRIX.get((method, route.path), set())  # type: ignore[attr-defined]
            is_staffs = STAFF in named or any(each.startswith("staff as ") for each in named)
            if is_staffs and done_once(route.dependant):  # type: ignore[attr-defined]
                yield f"{method} {route.path}"  # type: ignore[attr-defined]


def named_in_the_source() -> Iterator[str]:
    """What is written into the trail by name: `trail.write(session, doer, Asked("erase_person", …))`."""
    for part in ("backend", "comanda"):
        for file in sorted((ROOT / part).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and ast.unparse(node.func) == "trail.write":
                    asked = node.args[2]
                    if isinstance(asked, ast.Call):
                        yield str(ast.literal_eval(asked.args[0]))


# case 92
@pytest.mark.parametrize("language", ["es", "en"])
def test_whatever_staff_may_do_is_told_in_words_and_no_words_are_for_nothing(oms: FastAPI, language: str) -> None:
    words = WORDS[language]
    routes, named = set(routes_of_staff(oms)), set(named_in_the_source())
    told = words.trail_act.keys() | words.trail_act_on_person.keys()

    print(f"trail: {len(routes)} routes and {len(named)} acts named in the source")  # what a build's log says
    assert sorted((routes | named) - told) == [], "say in console/words/trail.yml what was done"
    assert sorted(told - routes - named) == [], "take out of console/words/trail.yml what nobody does"
    assert not words.trail_act.keys() & words.trail_act_on_person.keys()


def test_an_act_on_a_person_leads_to_that_person(oms: FastAPI) -> None:
    """Its subject is, or begins with, their id."""
    of_a_customer = {act for act in routes_of_staff(oms) if " /staff/customers/{customer_id}" in act}

    assert of_a_customer <= WORDS["es"].trail_act_on_person.keys()


@pytest.mark.parametrize("language", ["es", "en"])
async def test_the_log_has_words_for_what_was_done_a_members_name_and_a_way_to_the_person(
    members: Members, database: Database, language: str
) -> None:
    words, doer = WORDS[language], trail.Doer("system", "comanda", "admin")
    joined, changed = "POST /staff/customers/{customer_id}/links/{other_id}", "PATCH /staff/members/{member_id}"
    with database.write() as session:
        sales = session.scalars(select(StaffMember).where(StaffMember.role == "sales")).one()
        trail.write(session, doer, trail.Asked(changed, sales.id))
        trail.write(session, doer, trail.Asked(joined, "ana/beto"))

    page = html.unescape((await members["admin"].get("/trail", headers={"Accept-Language": language})).text)

    assert page.count(words.trail_act["POST /staff/sessions"]) == len(ROLES)
    assert f"<p>{words.trail_act[changed]} · sales</p>" in page
    person = f'<a href="/privacy/customers/ana">{words.trail_person}</a>'
    assert f"<p>{words.trail_act_on_person[joined]} · {person}</p>" in page
    assert "<code>" not in page
