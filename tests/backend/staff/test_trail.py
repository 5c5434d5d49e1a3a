"""Whatever a member does is in the trail, written with it: who, what, why, and how it was before and after."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from backend.base import Base
from backend.trail import AuditEntry
from kernel.db import Database
from tests.backend.shopper import MILK, Market, code_of
from tests.backend.staff.conftest import PASSWORD, Person

HIRE = Callable[..., Person]
COUNT = Callable[[type[Base]], int]


def newest(boss: Person, query: str = "") -> dict[str, Any]:
    entry: dict[str, Any] = boss.get(f"/staff/audit{query}").json()["entries"][0]
    return entry


def test_an_act_is_kept_with_before_and_after(hire: HIRE) -> None:  # case 92
    boss, agent = hire("admin"), hire("agent")
    boss.does("PATCH", f"/staff/members/{agent.id}", {"role": "finance", "limits": {"refund": 5_000}})

    entry = newest(boss)

    assert (entry["who"], entry["name"], entry["role"]) == (f"staff:{boss.id}", "Admin", "admin")
    assert (entry["act"], entry["subject"]) == ("PATCH /staff/members/{member_id}", agent.id)
    assert entry["request"] == {"role": "finance", "limits": {"refund": 5_000}}
    (change,) = entry["changes"]
    assert change == {
        "row": f"staff_member {agent.id}",
        "before": {"role": "agent", "limits": {}},
        "after": {"role": "finance", "limits": {"refund": 5_000}},
    }


def test_why_it_was_done_is_found_and_what_came_of_it(market: Market, hire: HIRE) -> None:
    boss, wendy = hire("admin"), hire("warehouse")
    body = {"location": "CENTRO", "sku": MILK, "difference": -2, "note": "damaged"}
    moved = wendy.does("POST", "/staff/stock/adjustments", body)
    assert moved.status_code < 300, moved.text

    assert newest(boss, f"?member={wendy.id}")["reason"] == "damaged"
    assert newest(boss, "?act=adjustments")["who"] == f"staff:{wendy.id}"
    assert boss.get("/staff/audit?act=100%25").json()["entries"] == []


def test_what_is_refused_leaves_no_trace_and_a_repeat_no_second(hire: HIRE, count_rows: COUNT) -> None:
    boss, agent = hire("admin"), hire("agent")
    before = count_rows(AuditEntry)
    assert code_of(boss.does("PATCH", "/staff/members/nobody", {"name": "X"})) == (404, "staff_member_not_found")
    for _ in range(2):
        boss.does("PATCH", f"/staff/members/{agent.id}", {"name": "X"}, key="x")
    assert count_rows(AuditEntry) == before + 1


def test_no_password_and_no_secret_is_in_the_trail(hire: HIRE, database: Database) -> None:  # case 108
    agent = hire("agent")
    agent.does("POST", "/staff/me/password", {"current": PASSWORD, "password": "cuatro caballos verdes"})
    with database.read() as session:
        rows = str(session.execute(text("SELECT * FROM oms_audit_entry")).all())
    assert "POST /staff/me/password" in rows
    for secret in (PASSWORD, "caballos", "argon2", agent.token):
        assert secret not in rows


def test_signing_in_is_in_the_trail(hire: HIRE) -> None:
    boss = hire("admin")
    entry = newest(boss)
    assert (entry["act"], entry["request"]["by"], entry["request"]["device"]) == (
        "POST /staff/sessions",
        "password",
        "Firefox",
    )


@pytest.mark.parametrize("change", ["UPDATE oms_audit_entry SET who = 'x'", "DELETE FROM oms_audit_entry"])
def test_the_trail_only_grows(hire: HIRE, database: Database, change: str) -> None:  # case 72
    hire("agent")
    with pytest.raises(DBAPIError, match="oms_audit_entry is append-only"), database.write() as session:
        session.execute(text(change))


def test_who_takes_the_books_out_of_the_house_is_in_the_trail(market: Market, hire: HIRE) -> None:  # case 92
    boss, ines = hire("admin"), hire("finance", "ines")
    assert ines.get("/staff/ledger/journal.beancount").status_code == 200
    entry = newest(boss)
    assert (entry["act"], entry["name"]) == ("GET /staff/ledger/journal.beancount", "Ines")
