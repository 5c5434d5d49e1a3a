"""What goes back to a supplier goes with a debit note: what, how much of it, and how much less we owe them."""

import re

import pytest

from backend.partners.models import SupplierNote
from backend.returns.models import ReturnInspection
from backend.workflows.receive_stock import Received, receive_stock
from tests.backend.partnering import add_partner
from tests.backend.returns.conftest import asked
from tests.backend.shopper import BREAD, MILK, code_of

# Minor units for one, on the average.
MILK_COST, BREAD_COST = 100_000, 200_000


@pytest.fixture
def rma(ana, desk, delivered, database):
    """Three of milk and two of bread came back."""
    add_partner(database, "lecheria", language="en")
    add_partner(database, "molino")
    with database.write() as session:
        # Beside ten of each that nobody knows the cost of.
        for sku, cost_minor in ((MILK, MILK_COST), (BREAD, BREAD_COST)):
            receive_stock(session, "CENTRO", [Received(sku, 10, cost_minor=20 * cost_minor)], who="staff:1")
    number = asked(ana, delivered(ana, (MILK, "3"), (BREAD, "2")), (MILK, 3), (BREAD, 2))
    desk.done(number, "accept")
    desk.receive(number, (MILK, 3), (BREAD, 2))
    return number


def back(sku, quantity, supplier=None, note=None):
    line = {"line": sku, "quantity": quantity, "disposition": "back_to_supplier", "note": note}
    return line if supplier is None else line | {"supplier": supplier}


def test_each_supplier_gets_one_note_of_what_went_back_to_them(rma, desk, books):
    lines = [back(MILK, 2, "lecheria", "caja rota"), back(BREAD, 1, "molino"), back(MILK, 1, "lecheria")]
    owed = books()["2205"]

    desk.done(rma, "inspections", location="CENTRO", lines=lines)

    notes = desk.get(f"/supplier-notes?return={rma}")
    assert [(note["number"], note["partner"], note["reference"]) for note in notes] == [
        ("NP-10002", "Molino", rma), ("NP-10001", "Lecheria", rma),
    ]  # fmt: skip
    assert [(line["sku"], line["quantity"], line["note"]) for line in notes[1]["lines"]] == [
        (MILK, 2, "caja rota"), (MILK, 1, None),
    ]  # fmt: skip
    assert [note["cost"]["amount_minor"] for note in notes] == [BREAD_COST, 3 * MILK_COST]
    assert owed - books()["2205"] == BREAD_COST + 3 * MILK_COST


def test_who_supplies_a_variant_takes_it_back_unless_someone_else_is_named(rma, desk, count_rows):
    answer = desk.step(rma, "inspections", location="CENTRO", lines=[back(MILK, 1)])

    assert code_of(answer) == (422, "supplier_required")
    assert answer.json()["params"]["sku"] == MILK
    answer = desk.step(rma, "inspections", location="CENTRO", lines=[back(MILK, 1, "nadie")])
    assert code_of(answer) == (404, "partner_not_found")
    assert (count_rows(ReturnInspection), count_rows(SupplierNote)) == (0, 0)


def test_a_note_is_printed_in_its_suppliers_language_the_same_each_time(rma, desk):
    desk.done(rma, "inspections", location="CENTRO", lines=[back(MILK, 1, "lecheria")])

    def printed():
        return desk.http.request("GET", "/staff/supplier-notes/NP-10001/file", headers=desk.headers)

    first = printed()
    assert (first.status_code, first.headers["content-type"]) == (200, "application/pdf")
    assert len(re.findall(rb"/Type\s*/Page\b", first.content)) == 1
    assert first.content == printed().content
    answer = desk.http.request("GET", "/staff/supplier-notes/NP-1/file", headers=desk.headers)
    assert code_of(answer) == (404, "supplier_note_not_found")


def test_notes_are_told_page_by_page(rma, desk):
    for quantity in (1, 2):
        desk.done(rma, "inspections", location="CENTRO", lines=[back(MILK, quantity, "lecheria")])

    assert [note["number"] for note in desk.get("/supplier-notes")] == ["NP-10002", "NP-10001"]
    assert [note["number"] for note in desk.get("/supplier-notes?before=NP-10002")] == ["NP-10001"]
    answer = desk.http.request("GET", "/staff/supplier-notes?before=NP-9", headers=desk.headers)
    assert code_of(answer) == (404, "supplier_note_not_found")
