"""Above one's limit an act waits for a second person: never the same, and done as it was asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from backend.approvals.models import PendingAct
from backend.base import Base
from backend.invoicing.models import Invoice
from backend.ledger.models import JournalEntry
from kernel.db import Database
from tests.backend.shopper import MILK, Market, Shopper, code_of
from tests.backend.staff.conftest import Person
from tests.backend.warehouse import Warehouse

HIRE = Callable[..., Person]
COUNT = Callable[[type[Base]], int]
PRICE = 450_000


@pytest.fixture
def invoice(ana: Shopper, warehouse: Warehouse, hire: HIRE) -> str:
    """The number of an invoice of three milks."""
    order = ana.order((MILK, "3"))
    warehouse.ship_all(f"{order['number']}-1")
    shipped = hire("finance", "biller").does("POST", f"/staff/shipments/{order['number']}-1-A/invoice")
    assert shipped.status_code == 201, shipped.text
    number: str = shipped.json()["number"]
    return number


@pytest.fixture
def boss(hire: HIRE, market: Market) -> Person:
    boss = hire("admin")
    limits = {"refund": {"finance": 0}, "credit_note": {"finance": PRICE}, "write_off": {"finance": 1_000}}
    assert boss.does("PUT", "/staff/limits", {"limits": limits}).status_code == 200
    return boss


def note(milks: int) -> dict[str, Any]:
    return {"lines": [{"position": 1, "base_quantity": milks}], "with_delivery": False, "reason": "Llegó dañada"}


def credit(person: Person, invoice: str, milks: int, key: str | None = None) -> Any:
    return person.does("POST", f"/staff/invoices/{invoice}/credit-notes", note(milks), key=key)


def test_within_the_limit_it_is_done_at_once(hire: HIRE, boss: Person, invoice: str) -> None:
    assert credit(hire("finance"), invoice, 1).status_code == 201


def test_above_it_waits_and_nothing_is_written(
    hire: HIRE, boss: Person, invoice: str, count_rows: COUNT
) -> None:  # case 92
    documents, entries = count_rows(Invoice), count_rows(JournalEntry)
    asked = credit(hire("finance"), invoice, 2)

    assert asked.status_code == 202
    told = asked.json()
    assert (told["number"], told["status"], told["amount"]["amount_minor"]) == ("APR-10001", "pending", 2 * PRICE)
    assert (told["act"], told["subject"], told["reason"]) == ("credit_note", invoice, "Llegó dañada")
    assert (count_rows(Invoice), count_rows(JournalEntry)) == (documents, entries)


def test_whoever_asked_does_not_approve_whatever_they_become(
    hire: HIRE, boss: Person, invoice: str, count_rows: COUNT
) -> None:  # case 92
    ines = hire("finance", "ines")
    credit(ines, invoice, 2)
    tries = [ines.does("POST", "/staff/pending-acts/APR-10001/approval")]
    boss.does("PATCH", f"/staff/members/{ines.id}", {"role": "admin"})
    tries.append(ines.does("POST", "/staff/pending-acts/APR-10001/approval"))
    tries.append(ines.does("POST", "/staff/pending-acts/APR-10001/refusal", {"note": "x"}))

    print(f"single-person success {sum(each.is_success for each in tries)} of {len(tries)}")
    assert [code_of(each) for each in tries] == [(403, "same_person")] * 3


def test_nobody_approves_what_they_could_not_do(hire: HIRE, boss: Person, invoice: str) -> None:  # case 92
    credit(hire("finance", "ines"), invoice, 2)
    other = hire("finance", "other")
    refused = other.does("POST", "/staff/pending-acts/APR-10001/approval")
    assert code_of(refused) == (403, "above_limit")
    assert refused.json()["params"] == {"amount_minor": 2 * PRICE, "limit_minor": PRICE, "currency": "COP"}

    boss.does("PATCH", f"/staff/members/{other.id}", {"limits": {"credit_note": 2 * PRICE}})
    assert other.does("POST", "/staff/pending-acts/APR-10001/approval").status_code == 200


def test_approved_it_is_done_once_in_the_name_of_who_asked(
    hire: HIRE, boss: Person, invoice: str, database: Database, count_rows: COUNT
) -> None:
    ines = hire("finance", "ines")
    credit(ines, invoice, 2)

    done = boss.does("POST", "/staff/pending-acts/APR-10001/approval").json()

    assert (done["status"], done["decided_by_name"]) == ("approved", "Admin")
    issued = boss.get(f"/staff/invoices/{done['result']}").json()
    assert (issued["corrects"], issued["total"]["amount_minor"]) == (invoice, 2 * PRICE)
    assert code_of(boss.does("POST", "/staff/pending-acts/APR-10001/approval")) == (409, "pending_act_decided")
    assert count_rows(Invoice) == 2
    trail = boss.get("/staff/audit?about=APR-10001").json()["entries"]
    assert [each["who"] for each in trail] == [f"staff:{boss.id}", f"staff:{ines.id}"]
    assert all("invoice" not in change["row"] for change in trail[1]["changes"])


def test_a_repeat_is_the_same_wish(hire: HIRE, boss: Person, invoice: str, count_rows: COUNT) -> None:  # case 65
    ines = hire("finance", "ines")
    first, again = (credit(ines, invoice, 2, key="note:1") for _ in range(2))
    assert (again.status_code, again.json()) == (202, first.json())
    assert count_rows(PendingAct) == 1


def test_what_cannot_be_done_never_waits(hire: HIRE, boss: Person, invoice: str, count_rows: COUNT) -> None:
    assert code_of(credit(hire("finance"), invoice, 4)) == (409, "too_much_to_credit")
    assert count_rows(PendingAct) == 0


def test_what_stands_against_it_by_now_is_refused_and_it_waits_on(hire: HIRE, boss: Person, invoice: str) -> None:
    ines = hire("finance", "ines")
    credit(ines, invoice, 3)
    credit(ines, invoice, 1)
    assert code_of(boss.does("POST", "/staff/pending-acts/APR-10001/approval")) == (409, "too_much_to_credit")
    (waiting,) = boss.get("/staff/pending-acts?status=pending").json()["acts"]
    assert waiting["number"] == "APR-10001"


def test_it_is_refused_with_a_reason_or_taken_back(hire: HIRE, boss: Person, invoice: str) -> None:
    ines = hire("finance", "ines")
    credit(ines, invoice, 2)
    credit(ines, invoice, 2)
    refused = boss.does("POST", "/staff/pending-acts/APR-10001/refusal", {"note": "Falta la foto"}).json()
    assert (refused["status"], refused["note"], refused["result"]) == ("refused", "Falta la foto", None)
    path = "/staff/pending-acts/APR-10002/withdrawal"
    assert code_of(boss.does("POST", path)) == (404, "pending_act_not_found")
    assert ines.does("POST", path).json()["status"] == "withdrawn"


def test_a_write_off_above_the_limit_waits_too(hire: HIRE, boss: Person, invoice: str) -> None:
    ines = hire("finance", "ines")
    body = {"amount_minor": 1_001, "reason": "No aparece"}
    assert ines.does("POST", f"/staff/invoices/{invoice}/write-offs", body).status_code == 202
    owed = boss.does("POST", "/staff/pending-acts/APR-10001/approval").json()
    assert owed["result"] == invoice
    body = {"amount_minor": 1_000, "reason": "No aparece"}
    assert ines.does("POST", f"/staff/invoices/{invoice}/write-offs", body).status_code == 200


def test_an_admin_has_a_limit_once_one_is_told(hire: HIRE, boss: Person, invoice: str) -> None:  # case 92
    assert credit(boss, invoice, 1).status_code == 201
    boss.does("PUT", "/staff/limits", {"limits": {"credit_note": {"admin": 0}}})
    assert credit(boss, invoice, 1).status_code == 202
