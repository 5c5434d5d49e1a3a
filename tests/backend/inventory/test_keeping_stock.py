"""What staff do with stock over HTTP: receive, announce, carry, adjust, count, watch, and look."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from backend.events import Event
from backend.fulfillment.models import FulfillmentLine
from backend.inventory import service as inventory
from backend.inventory.models import Backorder, IncomingStock, StockCount, StockMove
from backend.workflows.keep_stock import keep_stock
from kernel import clock
from tests.backend.shopper import BREAD, MILK, code_of


@pytest.fixture
def do(http, staff):
    keys = iter(range(1_000))

    def act(method, path, body=None, key=None):
        headers = staff | {"Idempotency-Key": key or f"stock:{next(keys)}"}
        return http.request(method, f"/staff/stock{path}", json=body, headers=headers)

    return act


@pytest.fixture
def look(http, staff):
    return lambda path: http.request("GET", f"/staff/stock{path}", headers=staff).json()


def events(database, kind):
    with database.read() as session:
        query = select(Event.subject, Event.payload).where(Event.kind == kind).order_by(Event.id)
        return [row._tuple() for row in session.execute(query)]


def announce(do, quantity=20, reference="OC-7"):
    new = {
        "sku": MILK,
        "location": "NORTE",
        "quantity": quantity,
        "expected_on": (clock.now().date() + timedelta(days=3)).isoformat(),
        "reference": reference,
    }
    answer = do("POST", "/incoming", new)
    assert answer.status_code == 201, answer.text
    return new


def order_waiting(shopper, quantity, unit="unidad"):
    """An order of milk that waits for what is not there: its number."""
    shopper.choose()
    answer = shopper.change({"op": "add", "sku": MILK, "quantity": str(quantity), "unit": unit, "may_wait": True})
    assert answer.status_code == 200, answer.text
    placed = shopper.place(shopper.confirm())
    assert placed.status_code == 201, placed.text
    return placed.json()["number"]


def receive(do, quantity, **given):
    return do("POST", "/receipts", {"location": "NORTE", "lines": [{"sku": MILK, "quantity": quantity}]} | given)


def test_what_comes_goes_to_those_who_wait_first_in_first_out(ana, beto, do, database, look):
    announce(do)
    first, second = order_waiting(ana, 14), order_waiting(beto, 5)

    part = receive(do, 6, reference="OC-7")
    rest = receive(do, 10)

    assert part.status_code == rest.status_code == 201
    assert part.json()["filled"] == [
        {"number": first, "sku": MILK, "quantity": 4},
        {"number": second, "sku": MILK, "quantity": 2},
    ]
    assert rest.json()["filled"] == [{"number": second, "sku": MILK, "quantity": 3}]
    assert [(level["location"], level["available"]) for level in rest.json()["levels"]] == [("CENTRO", 0), ("NORTE", 7)]
    told = [(number, fact["number"], fact["quantity"]) for number, fact in events(database, "backorder.filled")]
    assert told == [(first, first, "4"), (second, second, "2"), (second, second, "3")]
    assert [(row["quantity"], row["received"]) for row in look("/incoming")] == [(20, 16)]
    with database.read() as session:
        assert {row.state for row in session.scalars(select(Backorder))} == {"filled"}
        # And the warehouse is asked for it.
        assert sum(line.quantity for line in session.scalars(select(FulfillmentLine))) == 19


def test_what_has_come_is_told_in_the_unit_it_was_ordered_in_if_it_comes_out_even(ana, beto, do, database):
    announce(do)
    ana.order((MILK, "10"))
    order_waiting(beto, 1, "caja")

    receive(do, 5)
    receive(do, 6)
    receive(do, 1)
    order_waiting(ana, 4)
    receive(do, 4)

    told = [fact for _, fact in events(database, "backorder.filled")]
    assert {(fact["sku"], fact["name"], fact["name_en"]) for fact in told} == {
        (MILK, "Leche entera 1 L", "Leche entera 1 L")
    }
    assert [(fact["quantity"], fact.get("unit"), fact.get("unit_name_en")) for fact in told] == [
        ("5", None, None),
        ("0.5", "caja", "box"),
        ("1", None, None),
        ("4", "unidad", "unit"),
    ]


def test_what_a_cancelled_order_gives_back_goes_to_those_who_wait(ana, beto, do, database):
    announce(do)
    blocking = ana.order((MILK, "10"))["number"]
    waiting = order_waiting(beto, 3)
    ana.act("POST", f"/orders/{blocking}/cancel", {})

    keep_stock(database)

    assert [number for number, _ in events(database, "backorder.filled")] == [waiting]
    with database.read() as session:
        assert inventory.levels(session, MILK) == [(MILK, "CENTRO", 10, 3)]


def test_a_cancelled_order_waits_no_longer(ana, do, database):
    announce(do)
    number = order_waiting(ana, 14)
    ana.act("POST", f"/orders/{number}/cancel", {})

    assert receive(do, 6).json()["filled"] == []
    with database.read() as session:
        assert [row.state for row in session.scalars(select(Backorder))] == ["cancelled"]


def test_a_receipt_named_again_is_received_once(do, market, count_rows):
    body = {"location": "NORTE", "lines": [{"sku": MILK, "quantity": 6}]}

    again = [do("POST", "/receipts", body, key="delivery-note:88") for _ in range(3)]

    assert {answer.json()["levels"][1]["on_hand"] for answer in again} == {6}
    assert count_rows(StockMove) == 4 + 1


def test_a_count_is_kept_and_its_difference_is_moved(do, database, look, market):  # case 62
    assert do("POST", "/locations/CENTRO/bins", {"code": "A-01", "walking_order": 3}).status_code == 201
    assert receive(do, 8, location="CENTRO", lines=[{"sku": MILK, "quantity": 8, "bin": "A-01"}]).status_code == 201

    counts = [
        do("POST", "/counts", {"location": "CENTRO", "bin": "A-01", "sku": MILK, "counted": found})
        for found in (5, 5, 9)
    ]

    assert [(each.json()["expected"], each.json()["counted"]) for each in counts] == [(8, 5), (5, 5), (5, 9)]
    moved = [(move["kind"], move["bin"], move["quantity"]) for move in look(f"/moves?sku={MILK}")["moves"][:3]]
    assert moved == [("adjustment", "A-01", 4), ("adjustment", "A-01", -3), ("receipt", "A-01", 8)]
    with database.read() as session:
        assert inventory.levels(session, MILK) == [(MILK, "CENTRO", 19, 0)]
        assert {row.who for row in session.scalars(select(StockCount))} == {"staff:someone"}


def test_a_count_does_not_take_what_is_promised(ana, do, market, count_rows, available):  # case 62
    ana.order((MILK, "10"))
    do("POST", "/locations/CENTRO/bins", {"code": "A-01"})
    receive(do, 2, location="CENTRO", lines=[{"sku": MILK, "quantity": 2, "bin": "A-01"}])
    ana.order((MILK, "1"))

    refused = do("POST", "/counts", {"location": "CENTRO", "bin": "A-01", "sku": MILK, "counted": 0})

    assert code_of(refused) == (409, "not_enough_on_hand")
    assert (count_rows(StockCount), available(MILK)) == (0, 1)


def test_a_transfer_may_go_into_a_bin(do, database, market):
    do("POST", "/locations/NORTE/bins", {"code": "B-02"})

    body = {"sku": MILK, "from_location": "CENTRO", "to_location": "NORTE", "quantity": 4, "to_bin": "B-02"}
    carried = do("POST", "/transfers", body)

    assert [(each["location"], each["on_hand"]) for each in carried.json()["levels"]] == [("CENTRO", 6), ("NORTE", 4)]
    with database.read() as session:
        [lying] = inventory.bins_of(session, market.norte, [MILK])[MILK]
    assert (lying.bin, lying.quantity) == ("B-02", 4)


def test_low_stock_is_told_once_and_again_after_it_recovered(ana, do, database, look):
    assert do("PUT", "/thresholds", {"sku": MILK, "location": "CENTRO", "minimum": 5}).status_code == 200
    assert events(database, "stock.low") == []

    ana.order((MILK, "6"))
    ana.order((MILK, "1"))
    assert events(database, "stock.low") == [(MILK, {"location": "CENTRO", "available": 4, "minimum": 5})]
    assert look("/thresholds?low=true") == [{"sku": MILK, "location": "CENTRO", "minimum": 5, "available": 3}]

    receive(do, 9, location="CENTRO")
    do("POST", "/adjustments", {"sku": MILK, "location": "CENTRO", "difference": -8, "note": "rotas"})
    assert [fact["available"] for _, fact in events(database, "stock.low")] == [4, 4]


def test_a_threshold_that_is_broken_when_it_is_set_is_told_once(do, database, market):
    for minimum in (20, 30):
        do("PUT", "/thresholds", {"sku": MILK, "location": "CENTRO", "minimum": minimum})

    assert events(database, "stock.low") == [(MILK, {"location": "CENTRO", "available": 10, "minimum": 20})]
    assert do("DELETE", f"/thresholds/CENTRO/{MILK}").json()["minimum"] == 30
    assert code_of(do("DELETE", f"/thresholds/CENTRO/{MILK}")) == (404, "threshold_not_found")


def test_locations_and_bins_are_kept(do, look, market):
    new = {"code": "SUR", "name": "Sur", "preference": 3, "latitude": 4.6, "longitude": -74.1, "is_pickup": True}
    assert do("POST", "/locations", new).status_code == 201
    assert code_of(do("POST", "/locations", new)) == (409, "location_taken")
    assert do("PATCH", "/locations/SUR", {"latitude": 4.5, "city": "Bogotá"}).json()["latitude"] == 4.5
    assert [(each["code"], each["is_pickup"]) for each in look("/locations")] == [
        ("CENTRO", False),
        ("NORTE", False),
        ("SUR", True),
    ]
    assert do("POST", "/locations/SUR/bins", {"code": "A", "walking_order": 2}).status_code == 201
    assert do("POST", "/locations/SUR/bins", {"code": "B", "walking_order": 1}).status_code == 201
    assert code_of(do("POST", "/locations/SUR/bins", {"code": "A"})) == (409, "bin_taken")
    assert [shelf["code"] for shelf in look("/locations/SUR/bins")] == ["B", "A"]
    assert do("PATCH", "/locations/SUR/bins/A", {"walking_order": 0}).status_code == 200
    assert [shelf["code"] for shelf in look("/locations/SUR/bins")] == ["A", "B"]


def test_stock_is_paged_by_variant(look, market, monkeypatch):
    monkeypatch.setattr("backend.api.inventory.PAGE", 3)

    first = look("")
    second = look(f"?cursor={first['next_cursor']}")

    assert len(first["levels"]) == 3
    assert [level["sku"] for level in first["levels"] + second["levels"]] == sorted(
        ["GASEOSA-400", MILK, BREAD, "TOMATE"]
    )
    assert second["next_cursor"] is None


BAD = [
    ("POST", "/receipts", {"location": "CENTRO", "lines": [{"sku": MILK, "quantity": 0}]}, 422, "invalid_request"),
    ("POST", "/receipts", {"location": "CENTRO", "lines": [{"sku": MILK, "quantity": -1}]}, 422, "invalid_request"),
    ("POST", "/receipts", {"location": "CENTRO", "lines": []}, 422, "invalid_request"),
    ("POST", "/receipts", {"location": "LUNA", "lines": [{"sku": MILK, "quantity": 1}]}, 404, "location_not_found"),
    ("POST", "/receipts", {"location": "CENTRO", "lines": [{"sku": "NADA", "quantity": 1}]}, 404, "unknown_sku"),
    (
        "POST",
        "/receipts",
        {"location": "CENTRO", "lines": [{"sku": MILK, "quantity": 1}, {"sku": BREAD, "quantity": 1, "bin": "Z"}]},
        404,
        "bin_not_found",
    ),
    (
        "POST",
        "/transfers",
        {"sku": MILK, "from_location": "CENTRO", "to_location": "NORTE", "quantity": 11},
        409,
        "not_enough_on_hand",
    ),
    (
        "POST",
        "/transfers",
        {"sku": MILK, "from_location": "CENTRO", "to_location": "CENTRO", "quantity": 1},
        422,
        "same_location",
    ),
    (
        "POST",
        "/adjustments",
        {"sku": MILK, "location": "CENTRO", "difference": 0, "note": "?"},
        422,
        "nothing_to_adjust",
    ),
    (
        "POST",
        "/adjustments",
        {"sku": MILK, "location": "CENTRO", "difference": -11, "note": "rotas"},
        409,
        "not_enough_on_hand",
    ),
    ("POST", "/counts", {"location": "CENTRO", "bin": "Z-99", "sku": MILK, "counted": 1}, 404, "bin_not_found"),
    ("POST", "/counts", {"location": "CENTRO", "bin": "Z-99", "sku": MILK, "counted": -1}, 422, "invalid_request"),
    ("PUT", "/thresholds", {"sku": MILK, "location": "CENTRO", "minimum": 0}, 422, "invalid_request"),
    ("PUT", "/thresholds", {"sku": "NADA", "location": "CENTRO", "minimum": 1}, 404, "unknown_sku"),
    ("PATCH", "/locations/LUNA", {"name": "Luna"}, 404, "location_not_found"),
    ("PATCH", "/locations/CENTRO/bins/Z", {"walking_order": 1}, 404, "bin_not_found"),
    (
        "POST",
        "/incoming",
        {"sku": MILK, "location": "CENTRO", "quantity": 0, "expected_on": "2030-01-01", "reference": "x"},
        422,
        "invalid_request",
    ),
]


@pytest.mark.parametrize(("method", "path", "body", "status", "code"), BAD)
def test_what_cannot_be_is_refused_and_leaves_no_trace(do, look, market, count_rows, method, path, body, status, code):
    before = look("")

    refused = do(method, path, body)

    assert code_of(refused) == (status, code)
    assert look("") == before
    assert (count_rows(StockMove), count_rows(StockCount), count_rows(IncomingStock)) == (4, 0, 0)
