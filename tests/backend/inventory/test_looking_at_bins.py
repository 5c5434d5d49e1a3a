"""What lies in a bin by the books, and a count whose difference was looked at before it is booked."""

import pytest
from sqlalchemy import select

from backend.inventory import service as inventory
from backend.inventory.models import StockCount, StockMove
from tests.backend.shopper import BREAD, MILK, code_of, staff_as


@pytest.fixture
def shelf(database, market):
    """Six of milk in bin A-1 of the centre, beside what lies in no bin."""
    with database.write() as session:
        bin_id = inventory.add_bin(session, market.centro, "A-1")
        inventory.receive(session, MILK, market.centro, 6, bin_id=bin_id)
    return "A-1"


def look(ana, code="A-1"):
    return ana.http.request("GET", f"/staff/stock/locations/CENTRO/bins/{code}", headers=staff_as("warehouse"))


def count(ana, key="c", **given):
    headers = staff_as("warehouse") | {"Idempotency-Key": key}
    body = {"location": "CENTRO", "bin": "A-1", "sku": MILK} | given
    return ana.http.request("POST", "/staff/stock/counts", json=body, headers=headers)


def test_a_bin_shows_what_lies_in_it_and_what_someone_may_have_in_hands(ana, warehouse, shelf):
    ana.order((MILK, "2"))
    warehouse.done("PED-10001-1", "start")
    warehouse.pick("PED-10001-1", (MILK, 2))

    [line] = look(ana).json()["lines"]

    assert (line["sku"], line["quantity"], line["in_hands"]) == (MILK, 6, 2)
    assert line["names"]["es"] == "Leche entera 1 L"
    warehouse.pack("PED-10001-1")
    warehouse.ship("PED-10001-1")
    assert [each["in_hands"] for each in look(ana).json()["lines"]] == [0]


def test_a_bin_there_is_not_is_said(ana, shelf):
    assert code_of(look(ana, "Z-9")) == (404, "bin_not_found")


def test_a_difference_that_was_looked_at_is_booked_if_the_books_still_say_so(ana, shelf, database):
    answer = count(ana, counted=4, expected=6, note="Dañado")

    assert (answer.status_code, answer.json()["expected"]) == (201, 6)
    assert [line["quantity"] for line in look(ana).json()["lines"]] == [4]
    with database.read() as session:
        moved = session.scalars(select(StockMove).where(StockMove.kind == "adjustment")).one()
        assert (moved.quantity, moved.note) == (-2, "Dañado")


def test_a_difference_that_is_no_longer_so_books_nothing(ana, shelf, count_rows):
    assert count(ana, counted=5, expected=6).status_code == 201

    late = count(ana, key="late", counted=4, expected=6)

    assert code_of(late) == (409, "count_stale")
    assert late.json()["params"] == {"sku": MILK, "expected": 5}
    assert count_rows(StockCount) == 1


def test_what_was_never_there_may_be_found(ana, shelf):
    assert count(ana, sku=BREAD, counted=3, expected=0).status_code == 201

    assert [(line["sku"], line["quantity"]) for line in look(ana).json()["lines"]] == [(MILK, 6), (BREAD, 3)]
