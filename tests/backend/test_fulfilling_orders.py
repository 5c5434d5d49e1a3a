"""From a confirmed order to a parcel that left."""

import pytest
from sqlalchemy import text

from backend.events import Event
from backend.inventory import service as inventory
from tests.backend.shopper import BREAD, MILK, SODA, TOMATO, code_of

ONE = "PED-10001-1"


ELSEWHERE = ("order.placed", "order.confirmed", "invoice.issued")


@pytest.fixture
def events(database):
    """(kind, payload) of what happened to the goods, but for placing and confirming: bills are told elsewhere."""

    def look():
        with database.read() as session:
            rows = session.query(Event).order_by(Event.id)
            return [(row.kind, row.payload) for row in rows if row.kind not in ELSEWHERE]

    return look


def levels(database, sku):
    with database.read() as session:
        return [level[1:] for level in inventory.levels(session, sku)]


def test_an_order_goes_from_the_queue_to_its_carrier(ana, warehouse, database, events):
    number = ana.order((MILK, "2"), (BREAD, "1"))["number"]
    [waiting] = warehouse.get("")["fulfillments"]
    assert (waiting["number"], waiting["location"], waiting["status"]) == (ONE, "CENTRO", "pending")

    assert warehouse.pick_all(ONE)["status"] == "picked"
    packed = warehouse.pack(ONE)
    assert (packed["status"], [parcel["number"] for parcel in packed["parcels"]]) == ("packed", ["PED-10001-1-A"])
    assert levels(database, MILK) == [("CENTRO", 10, 2)]
    assert ana.get(f"/orders/{number}").json()["fulfillment_status"] == "packed"
    shipped = warehouse.ship(ONE)

    assert (shipped["status"], shipped["parcels"][0]["status"]) == ("shipped", "shipped")
    assert levels(database, MILK) == [("CENTRO", 8, 0)]
    order = ana.get(f"/orders/{number}").json()
    assert (order["status"], order["fulfillment_status"], order["can_cancel"]) == ("confirmed", "shipped", False)
    [parcel] = order["parcels"]
    assert [(line["sku"], line["quantity"], line["unit"]) for line in parcel["lines"]] == [
        (line["sku"], line["quantity"], line["unit"]) for line in order["lines"]
    ]
    assert [kind for kind, _ in events()] == ["fulfillment.packed", "shipment.shipped"]
    fact = events()[-1][1]
    assert (fact["number"], fact["customer_id"], fact["shipment"]) == (number, ana.id, "PED-10001-1-A")
    assert fact["is_partial"] is False


def test_a_pick_list_is_in_walking_order_over_several_fulfillments(ana, beto, warehouse, database, market):
    with database.write() as session:
        far, near = (inventory.add_bin(session, market.centro, code) for code in ("Z-9", "A-1"))
        session.execute(text("UPDATE oms_bin SET walking_order = 2 WHERE code = 'Z-9'"))
        session.execute(text("UPDATE oms_bin SET walking_order = 1 WHERE code = 'A-1'"))
        inventory.receive(session, MILK, market.centro, 3, bin_id=near)
        inventory.receive(session, MILK, market.centro, 9, bin_id=far)
    ana.order((MILK, "2"), (BREAD, "1"))
    beto.order((MILK, "4"))

    walk = warehouse.get(f"/pick-list?number={ONE}&number=PED-10002-1")

    assert [(stop["bin"], stop["sku"], stop["quantity"]) for stop in walk["lines"]] == [
        ("A-1", MILK, 3),
        ("Z-9", MILK, 3),
        (None, BREAD, 1),
    ]
    assert [(part["fulfillment"], part["quantity"]) for part in walk["lines"][0]["for"]] == [
        (ONE, 2),
        ("PED-10002-1", 1),
    ]


def test_picks_of_one_line_add_up(ana, warehouse):
    ana.order((MILK, "3"))
    warehouse.done(ONE, "start")

    warehouse.pick(ONE, (MILK, 1))
    picked = warehouse.pick(ONE, (MILK, 2))

    assert (picked["status"], picked["lines"][0]["picked"]) == ("picked", 3)


def test_a_scanned_sku_stands_for_all_its_lines(ana, warehouse):
    ana.add(SODA, "1", "sixpack")
    ana.order((SODA, "2"))
    warehouse.done(ONE, "start")

    picked = warehouse.pick(ONE, (SODA, 7))

    assert [line["picked"] for line in picked["lines"]] == [6, 1]


def test_several_parcels_leave_one_by_one(ana, warehouse, events, database):
    number = ana.order((MILK, "3"), (BREAD, "1"))["number"]
    warehouse.pick_all(ONE)
    warehouse.pack(
        ONE,
        {"lines": [{"line": MILK, "quantity": 2}], "weight_g": 2_100},
        {"lines": [{"line": MILK, "quantity": 1}, {"line": BREAD, "quantity": 1}]},
    )

    first = warehouse.ship(ONE, "PED-10001-1-B")

    assert (first["status"], [parcel["status"] for parcel in first["parcels"]]) == ("packed", ["packed", "shipped"])
    assert [parcel["weight_g"] for parcel in first["parcels"]] == [2_100, None]
    assert ana.get(f"/orders/{number}").json()["fulfillment_status"] == "partially_shipped"
    assert events()[-1][1]["is_partial"] is True
    assert levels(database, MILK) == [("CENTRO", 9, 2)]
    assert warehouse.ship(ONE)["status"] == "shipped"
    assert events()[-1][1]["is_partial"] is False
    assert levels(database, MILK) == [("CENTRO", 7, 0)]


def test_what_is_picked_can_leave_before_the_rest_is_found(ana, warehouse):
    ana.order((MILK, "3"))
    warehouse.done(ONE, "start")
    warehouse.pick(ONE, (MILK, 1))
    warehouse.pack(ONE)
    assert warehouse.ship(ONE)["status"] == "picking"

    warehouse.pick(ONE, (MILK, 2))
    packed = warehouse.pack(ONE)
    assert (packed["status"], len(packed["parcels"])) == ("packed", 2)

    assert warehouse.ship(ONE)["status"] == "shipped"


def test_of_two_at_once_one_wins_and_the_other_is_told(ana, warehouse, count_rows):  # case 61
    ana.order((MILK, "3"))
    started = warehouse.done(ONE, "start")
    warehouse.pick(ONE, (MILK, 1))

    late = warehouse.act(ONE, "picks", version=started["version"], picks=[{"line": MILK, "quantity": 1}])

    assert code_of(late) == (409, "fulfillment_changed")
    assert late.json()["params"] == {"number": ONE, "version": started["version"] + 1, "status": "picking"}
    assert warehouse.get(f"/{ONE}")["lines"][0]["picked"] == 1


def test_handing_a_parcel_over_again_changes_nothing(ana, warehouse, database, events):
    ana.order((MILK, "3"))
    first = warehouse.ship_all(ONE)

    again = warehouse.done(ONE, "ship", version=1, carrier="table_rate")

    assert again == first
    assert levels(database, MILK) == [("CENTRO", 7, 0)]
    assert [kind for kind, _ in events()].count("shipment.shipped") == 1


@pytest.mark.parametrize(
    ("step", "body", "status", "code"),
    [
        ("start", {"version": 2}, 409, "fulfillment_changed"),
        ("start", {"version": 0}, 422, "invalid_request"),
        ("picks", {"picks": [{"line": MILK, "quantity": 1}]}, 409, "fulfillment_step_illegal"),
        ("parcels", {"parcels": [{}]}, 409, "fulfillment_step_illegal"),
        ("ship", {"carrier": "table_rate"}, 409, "not_packed"),
        ("collect", {"code": "000000"}, 409, "not_packed"),
        ("collect/reset", {}, 409, "not_packed"),
    ],
)
def test_a_pending_fulfillment_is_only_started(ana, warehouse, count_rows, step, body, status, code):
    ana.order((MILK, "3"))
    before = warehouse.get(f"/{ONE}")

    assert code_of(warehouse.act(ONE, step, **body)) == (status, code)
    assert warehouse.get(f"/{ONE}") == before


@pytest.mark.parametrize(
    ("picks", "status", "code"),
    [
        ([{"line": MILK, "quantity": 4}], 409, "picked_too_many"),
        ([{"line": MILK, "quantity": 2, "short": 2}], 409, "picked_too_many"),
        ([{"line": MILK, "quantity": 2}, {"line": MILK, "quantity": 2}], 409, "picked_too_many"),
        ([{"line": MILK, "quantity": -1}], 422, "invalid_request"),
        ([{"line": MILK, "short": -1}], 422, "invalid_request"),
        ([{"line": MILK}], 422, "invalid_request"),
        ([{"line": MILK, "quantity": 10**30}], 422, "invalid_request"),
        ([{"line": BREAD, "quantity": 1}], 422, "not_in_fulfillment"),
        ([{"line": "no-such-line", "quantity": 1}], 422, "not_in_fulfillment"),
        ([], 422, "invalid_request"),
    ],
)
def test_only_what_is_asked_for_is_picked(ana, warehouse, picks, status, code):
    ana.order((MILK, "3"))
    before = warehouse.done(ONE, "start")

    assert code_of(warehouse.act(ONE, "picks", picks=picks)) == (status, code)
    assert warehouse.get(f"/{ONE}") == before


@pytest.mark.parametrize(
    ("parcels", "status", "code"),
    [
        ([{"lines": [{"line": MILK, "quantity": 4}]}], 409, "packed_too_many"),
        ([{"lines": [{"line": MILK, "quantity": 2}]}] * 2, 409, "packed_too_many"),
        ([{"lines": [{"line": MILK, "quantity": 2}, {"line": MILK, "quantity": 2}]}], 409, "packed_too_many"),
        ([{"lines": [{"line": MILK, "quantity": 0}]}], 422, "invalid_request"),
        ([{"lines": [{"line": MILK, "quantity": -1}]}], 422, "invalid_request"),
        ([{"lines": [{"line": BREAD, "quantity": 1}]}], 422, "not_in_fulfillment"),
        ([{}, {}], 409, "nothing_to_pack"),
        ([{"weight_g": 0}], 422, "invalid_request"),
        ([], 422, "invalid_request"),
    ],
)
def test_only_what_was_picked_is_packed(ana, warehouse, parcels, status, code):
    ana.order((MILK, "3"))
    before = warehouse.pick_all(ONE)

    assert code_of(warehouse.act(ONE, "parcels", parcels=parcels)) == (status, code)
    assert warehouse.get(f"/{ONE}") == before


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"carrier": "pigeon"}, 404, "carrier_not_found"),
        ({"carrier": "manual"}, 422, "tracking_number_missing"),
        ({"carrier": "table_rate", "shipment": "PED-10001-1-Z"}, 409, "not_packed"),
        ({"carrier": "table_rate", "version": 99}, 409, "fulfillment_changed"),
    ],
)
def test_a_parcel_that_is_not_handed_over_stays(ana, warehouse, database, body, status, code):
    ana.order((MILK, "3"))
    warehouse.pick_all(ONE)
    before = warehouse.pack(ONE)

    assert code_of(warehouse.act(ONE, "ship", **body)) == (status, code)
    assert warehouse.get(f"/{ONE}") == before
    assert levels(database, MILK) == [("CENTRO", 10, 3)]


def test_unknown_numbers_are_not_found(warehouse):
    for path in ("/PED-1-1", "/PED-1-1/pick-list", "/pick-list?number=PED-1-1"):
        assert warehouse.get(path)["code"] == "fulfillment_not_found"
    assert code_of(warehouse.act("PED-1-1", "start")) == (404, "fulfillment_not_found")
    assert warehouse.get("?location=NOWHERE")["code"] == "location_not_found"


def test_the_queue_is_read_page_by_page(ana, warehouse, monkeypatch):
    monkeypatch.setattr("backend.api.fulfillment.PAGE", 2)
    for _ in range(3):
        ana.order((MILK, "1"))
    warehouse.done("PED-10002-1", "start")

    first = warehouse.get("?location=CENTRO")
    second = warehouse.get(f"?cursor={first['next_cursor']}")

    assert [one["number"] for one in first["fulfillments"]] == [ONE, "PED-10002-1"]
    assert [one["number"] for one in second["fulfillments"]] == ["PED-10003-1"]
    assert second["next_cursor"] is None
    picking = warehouse.get("?status=picking&status=packed")["fulfillments"]
    assert [one["number"] for one in picking] == ["PED-10002-1"]


def test_parts_of_an_order_from_two_places_are_got_ready_apart(ana, warehouse, database, market):
    with database.write() as session:
        inventory.receive(session, MILK, market.norte, 5)
    number = ana.order((MILK, "12"))["number"]

    warehouse.ship_all(ONE)
    assert ana.get(f"/orders/{number}").json()["fulfillment_status"] == "partially_shipped"
    warehouse.ship_all("PED-10001-2")

    order = ana.get(f"/orders/{number}").json()
    assert (order["fulfillment_status"], len(order["parcels"])) == ("shipped", 2)
    assert sum(int(parcel["lines"][0]["quantity"]) for parcel in order["parcels"]) == 12


def test_a_weight_is_computed_from_the_goods(ana, warehouse, database):
    with database.write() as session:
        session.execute(text("UPDATE oms_variant SET weight_g = 1030 WHERE sku = 'LECHE-1L'"))
        session.execute(text("UPDATE oms_variant SET weight_g = 1 WHERE sku = 'TOMATE'"))
    ana.order((MILK, "2"), (TOMATO, "1.5"))
    warehouse.pick_all(ONE)

    assert warehouse.pack(ONE)["parcels"][0]["weight_g"] == 2 * 1_030 + 750


def test_customers_do_not_work_in_the_warehouse(ana):
    number = ana.order((MILK, "3"))["number"]

    assert code_of(ana.get(f"/staff/fulfillments/{number}-1")) == (403, "wrong_role")
    assert code_of(ana.act("POST", f"/staff/fulfillments/{number}-1/start", {"version": 1})) == (403, "wrong_role")
