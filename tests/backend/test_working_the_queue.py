"""What pickers do beyond the straight way: scan, put back, say why something is short, print a label."""

from datetime import date

import pytest
from sqlalchemy import select, text, update

from backend.fulfillment.models import Fulfillment, Shortage
from backend.inventory.models import StockMove
from tests.backend.shopper import BREAD, MILK, code_of, staff_as

ONE = "PED-10001-1"
CASE = "17701234567894"


def put_barcode(ana, code, sku, quantity, key="b"):
    headers = staff_as("warehouse") | {"Idempotency-Key": key}
    body = {"sku": sku, "quantity": quantity}
    return ana.http.request("PUT", f"/staff/barcodes/{code}", json=body, headers=headers)


def test_a_barcode_says_how_much_of_what_a_package_holds(ana):
    assert put_barcode(ana, CASE, MILK, 12).status_code == 200
    assert put_barcode(ana, CASE, MILK, 24, key="again").json() == {"code": CASE, "sku": MILK, "quantity": 24}

    headers = staff_as("warehouse")
    assert ana.http.request("GET", f"/staff/barcodes/{CASE}", headers=headers).json()["quantity"] == 24
    unknown = ana.http.request("GET", "/staff/barcodes/770", headers=headers)
    assert code_of(unknown) == (404, "unknown_barcode")
    assert code_of(put_barcode(ana, CASE, "NADA", 1, key="no")) == (404, "unknown_sku")


def test_what_was_scanned_by_mistake_is_put_back_and_picked_again(ana, warehouse):
    ana.order((MILK, "2"))
    warehouse.done(ONE, "start")
    assert warehouse.pick(ONE, (MILK, 2))["status"] == "picked"

    back = warehouse.done(ONE, "put-back", line=MILK, quantity=1)

    assert (back["status"], back["lines"][0]["picked"]) == ("picking", 1)
    assert warehouse.pick(ONE, (MILK, 1))["status"] == "picked"


def test_no_more_is_put_back_than_is_in_the_basket_and_in_no_parcel(ana, warehouse):
    ana.order((MILK, "3"))
    warehouse.done(ONE, "start")
    warehouse.pick(ONE, (MILK, 2))
    assert code_of(warehouse.act(ONE, "put-back", line=MILK, quantity=3)) == (409, "nothing_to_put_back")
    warehouse.pack(ONE, {"lines": [{"line": MILK, "quantity": 2}]})

    refused = warehouse.act(ONE, "put-back", line=MILK, quantity=1)

    assert code_of(refused) == (409, "nothing_to_put_back")
    assert refused.json()["params"] == {"sku": MILK, "picked": 0}
    assert warehouse.get(f"/{ONE}")["lines"][0]["picked"] == 2


def test_nothing_is_put_back_of_what_nobody_picks_or_what_someone_else_changed(ana, warehouse):  # case 61
    ana.order((MILK, "2"))
    assert code_of(warehouse.act(ONE, "put-back", line=MILK, quantity=1)) == (409, "fulfillment_step_illegal")
    seen = warehouse.done(ONE, "start")["version"]
    warehouse.pick(ONE, (MILK, 1))

    late = warehouse.act(ONE, "put-back", line=MILK, quantity=1, version=seen)

    assert code_of(late) == (409, "fulfillment_changed")
    assert warehouse.get(f"/{ONE}")["lines"][0]["picked"] == 1


@pytest.mark.parametrize(("reason", "kept", "note"), [("damaged", "damaged", "damaged"), (None, None, "not found")])
def test_why_something_is_short_is_kept_with_the_question_and_the_write_off(
    ana, warehouse, database, reason, kept, note
):
    ana.order((MILK, "2"))
    warehouse.done(ONE, "start")

    warehouse.done(ONE, "picks", picks=[{"line": MILK, "quantity": 1, "short": 1, "reason": reason}])

    with database.read() as session:
        assert session.scalars(select(Shortage.reason)).all() == [kept]
        [move] = session.scalars(select(StockMove).where(StockMove.kind == "adjustment"))
        assert (move.quantity, move.note) == (-1, f"{note} while picking (staff:wendy)")


def test_a_reason_is_for_what_is_short(ana, warehouse):
    ana.order((MILK, "2"))
    warehouse.done(ONE, "start")

    answer = warehouse.act(ONE, "picks", picks=[{"line": MILK, "quantity": 1, "reason": "damaged"}])

    assert answer.status_code == 422


def test_the_queue_by_promise_has_the_next_day_first_and_pages_through(ana, warehouse, database, monkeypatch):
    monkeypatch.setattr("backend.api.fulfillment.PAGE", 2)
    for _ in range(4):
        ana.order((MILK, "1"))
    days = {"PED-10001-1": None, "PED-10002-1": date(2026, 12, 9), "PED-10003-1": date(2026, 12, 3)}
    with database.write() as session:
        for number, day in (days | {"PED-10004-1": date(2026, 12, 9)}).items():
            session.execute(update(Fulfillment).where(Fulfillment.number == number).values(promised_on=day))

    first = warehouse.get("?by=promise")
    second = warehouse.get(f"?by=promise&cursor={first['next_cursor']}")

    numbers = [row["number"] for page in (first, second) for row in page["fulfillments"]]
    assert numbers == ["PED-10003-1", "PED-10002-1", "PED-10004-1", "PED-10001-1"]
    assert second["next_cursor"] is None
    assert [row["number"] for row in warehouse.get("")["fulfillments"]] == ["PED-10001-1", "PED-10002-1"]


def test_the_queue_of_a_carrier_is_what_goes_where_it_has_a_rate(ana, warehouse, database):
    ana.order((MILK, "1"))
    ana.order((BREAD, "1"))
    with database.write() as session:
        session.execute(
            text(
                "INSERT INTO oms_zone (code, name_es, name_en, places, latitude, longitude, transit_days, position,"
                " is_default, is_served) VALUES ('lejos', 'l', 'l', '[]', 0, 0, 1, 9, false, true)"
            )
        )
        session.execute(
            text(
                "INSERT INTO oms_rate (id, carrier, zone_code, up_to_g, price_minor, currency)"
                " VALUES ('r', 'manual', 'lejos', 1000, 1, 'COP')"
            )
        )
        session.execute(text("UPDATE oms_order SET zone = 'lejos' WHERE number = 'PED-10002'"))

    assert [row["number"] for row in warehouse.get("?carrier=manual")["fulfillments"]] == ["PED-10002-1"]
    assert warehouse.get("?kind=pickup")["fulfillments"] == []
    assert len(warehouse.get("?kind=delivery")["fulfillments"]) == 2


def test_a_parcel_has_a_label_that_is_the_same_whenever_it_is_printed(ana, warehouse):
    ana.order((MILK, "2"))
    warehouse.pick_all(ONE)
    warehouse.pack(ONE)

    def label():
        return ana.http.request("GET", f"/staff/shipments/{ONE}-A/label", headers=warehouse.headers)

    first = label()
    assert (first.status_code, first.headers["content-type"]) == (200, "application/pdf")
    assert first.content.startswith(b"%PDF-")
    assert label().content == first.content
    missing = ana.http.request("GET", "/staff/shipments/PED-9-1-A/label", headers=warehouse.headers)
    assert code_of(missing) == (404, "shipment_not_found")
