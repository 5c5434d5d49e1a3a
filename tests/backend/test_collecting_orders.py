"""Orders that customers collect: no fee, one place, a code."""

from datetime import date

import pytest
from sqlalchemy import select, text

from backend.audit import audit
from backend.events import Event
from backend.inventory import service as inventory
from backend.inventory.models import Backorder, Location
from backend.payments.models import Payment
from backend.workflows.fill_backorders import fill_backorders
from backend.workflows.keep_promises import keep_promises
from backend.workflows.receive_stock import Received, receive_stock
from tests.backend.shopper import BREAD, MILK, code_of

ONE = "PED-10001-1"


@pytest.fixture
def collected(ana, database, market):
    """An order of three milks and a bread, to be collected in the north."""
    with database.write() as session:
        for sku in (MILK, BREAD):
            inventory.receive(session, sku, market.norte, 5)
        place = session.get_one(Location, market.norte)
        place.is_pickup, place.address = True, "Calle 170 # 8-10"
    ana.add(MILK, "3")
    ana.add(BREAD, "1")
    choice = {"pickup_location": "NORTE", "payment_method": "nequi"}
    assert ana.act("PUT", "/cart/checkout", choice).status_code == 200
    return ana.place(ana.confirm()).json()["number"]


def collect(warehouse, code, **taken):
    return warehouse.act(ONE, "collect", code=code, **taken)


def code_told(database):
    with database.read() as session:
        return session.query(Event).filter_by(kind="pickup.ready").one().payload["code"]


def other(code):
    return f"{(int(code) + 1) % 1_000_000:06}"


def test_customers_read_where_they_may_collect(ana, collected):
    places = ana.get("/shop").json()["pickup_places"]

    assert places == [{"code": "NORTE", "name": "Norte", "address": "Calle 170 # 8-10"}]


def test_the_answer_to_placing_says_where_it_is_collected(ana, collected):
    choice = {"pickup_location": "NORTE", "payment_method": "nequi"}
    ana.add(MILK, "1")
    assert ana.act("PUT", "/cart/checkout", choice).status_code == 200

    placed = ana.place(ana.confirm()).json()

    assert placed["pickup"] == {"location": "Norte", "code": None}


def test_what_is_collected_costs_no_delivery_and_comes_from_that_place(ana, warehouse, database, collected):
    order = ana.get(f"/orders/{collected}").json()

    assert (order["delivery_fee"]["amount_minor"], order["address"]) == (0, "Norte, Calle 170 # 8-10")
    assert order["pickup"] == {"location": "Norte", "code": None}
    assert (warehouse.get(f"/{ONE}")["location"], warehouse.get(f"/{ONE}")["kind"]) == ("NORTE", "pickup")


def test_whoever_says_the_code_is_given_the_goods(ana, warehouse, database, collected):
    warehouse.pick_all(ONE)
    warehouse.pack(ONE)
    code = code_told(database)
    assert (len(code), ana.get(f"/orders/{collected}").json()["pickup"]["code"]) == (6, code)

    assert collect(warehouse, code).json()["status"] == "delivered"

    order = ana.get(f"/orders/{collected}").json()
    assert (order["status"], order["fulfillment_status"]) == ("closed", "delivered")
    assert order["pickup"] == {"location": "Norte", "code": None}
    with database.read() as session:
        assert inventory.levels(session, MILK) == [(MILK, "CENTRO", 10, 0), (MILK, "NORTE", 2, 0)]
        kinds = [event.kind for event in session.query(Event).order_by(Event.id)]
    assert kinds[-4:] == ["pickup.ready", "pickup.collected", "invoice.issued", "order.closed"]
    assert code_of(collect(warehouse, code)) == (409, "not_packed")


def test_what_is_ready_is_told_with_where_it_lies_and_how_to_get_there(warehouse, database, market, collected):
    with database.write() as session:
        place = session.get_one(Location, market.norte)
        place.latitude, place.longitude = 4.75, -74.04
    warehouse.pick_all(ONE)
    warehouse.pack(ONE)

    with database.read() as session:
        told = session.query(Event).filter_by(kind="pickup.ready").one().payload
    assert (told["location"], told["address"]) == ("Norte", "Calle 170 # 8-10")
    assert told["map_url"] == "https://www.google.com/maps/search/?api=1&query=4.75%2C-74.04"


def test_what_is_paid_at_the_counter_pays_the_order_once(ana, warehouse, database, collected):
    warehouse.pick_all(ONE)
    warehouse.pack(ONE)
    code = code_told(database)
    total = ana.get(f"/orders/{collected}").json()["total"]["amount_minor"]

    assert code_of(collect(warehouse, other(code), collected_minor=total)) == (409, "pickup_code_wrong")
    assert ana.get(f"/orders/{collected}").json()["payment_status"] == "due"
    assert collect(warehouse, code, collected_minor=total).status_code == 200

    order = ana.get(f"/orders/{collected}").json()
    assert (order["payment_status"], order["due"]["amount_minor"]) == ("paid", 0)
    with database.read() as session:
        [paid] = session.query(Payment).all()
        assert (paid.amount_minor, paid.reference) == (total, ONE)


def test_five_wrong_codes_lock_it_until_someone_looks(ana, warehouse, database, collected):
    warehouse.pick_all(ONE)
    warehouse.pack(ONE)
    code = code_told(database)

    refused = [collect(warehouse, other(code)) for _ in range(5)]

    assert [code_of(answer) for answer in refused] == [(409, "pickup_code_wrong")] * 5
    assert [answer.json()["params"]["tries_left"] for answer in refused] == [4, 3, 2, 1, 0]
    assert code_of(collect(warehouse, code)) == (429, "pickup_locked")
    warehouse.done(ONE, "collect/reset")
    assert collect(warehouse, code).json()["status"] == "delivered"


def test_what_is_collected_is_not_shipped(warehouse, collected):
    warehouse.pick_all(ONE)
    warehouse.pack(ONE)

    assert code_of(warehouse.act(ONE, "ship", carrier="table_rate")) == (409, "fulfillment_step_illegal")


def test_it_is_collected_only_where_that_is_possible(ana, database, market):
    ana.add(MILK, "1")

    for place in ("CENTRO", "NOWHERE"):
        answer = ana.act("PUT", "/cart/checkout", {"pickup_location": place})
        assert code_of(answer) == (422, "pickup_location_unknown")
    assert ana.cart()["checkout"]["pickup_location"] is None


def test_what_the_place_does_not_have_is_not_collected_there(ana, database, market):
    with database.write() as session:
        session.execute(text("UPDATE oms_location SET is_pickup = true WHERE code = 'NORTE'"))
    ana.add(MILK, "1")
    ana.act("PUT", "/cart/checkout", {"pickup_location": "NORTE", "payment_method": "nequi"})

    assert code_of(ana.act("POST", "/cart/confirmation")) == (409, "out_of_stock")


def test_the_last_said_counts(ana, database, market):
    with database.write() as session:
        session.execute(text("UPDATE oms_location SET is_pickup = true WHERE code = 'CENTRO'"))
    ana.add(MILK, "1")
    ana.act("PUT", "/cart/checkout", {"pickup_location": "CENTRO"})
    assert ana.cart()["delivery_fee"]["amount_minor"] == 0

    cart = ana.act("PUT", "/cart/checkout", {"address_text": "Calle 1 # 2-3"}).json()

    assert (cart["checkout"]["pickup_location"], cart["delivery_fee"]["amount_minor"]) == (None, 400_000)


@pytest.fixture
def waiting(ana, database, market):
    """An order of two milks that wait to be collected in the north, where none is; the centre has ten."""
    with database.write() as session:
        session.get_one(Location, market.norte).is_pickup = True
        inventory.announce(session, MILK, market.centro, 9, date(2030, 1, 7), "OC-1")
        inventory.announce(session, MILK, market.norte, 9, date(2030, 1, 9), "OC-2")
    ana.change({"op": "add", "sku": MILK, "quantity": "2", "may_wait": True})
    choice = {"pickup_location": "NORTE", "payment_method": "nequi"}
    assert ana.act("PUT", "/cart/checkout", choice).status_code == 200
    return ana.place(ana.confirm()).json()["number"]


def test_what_is_collected_waits_for_goods_that_come_to_that_place(database, market, waiting):
    with database.read() as session:
        [backorder] = session.scalars(select(Backorder))
    assert (backorder.location_id, backorder.promised_on) == (market.norte, date(2030, 1, 9))

    with database.write() as session:
        assert keep_promises(session, [MILK]) == 0
        [backorder] = session.scalars(select(Backorder))
        assert backorder.promised_on == date(2030, 1, 9)


def test_goods_elsewhere_do_not_fill_what_is_collected(database, market, waiting, warehouse):
    with database.write() as session:
        assert (inventory.skus_to_fill(session), fill_backorders(session)) == ([], [])
        assert receive_stock(session, "CENTRO", [Received(MILK, 5)]) == []
        [(number, filled)] = receive_stock(session, "NORTE", [Received(MILK, 2)])

    assert (number, filled.quantity) == (waiting, 2)
    assert warehouse.get(f"/{ONE}")["location"] == "NORTE"
    with database.read() as session:
        assert inventory.levels(session, MILK) == [(MILK, "CENTRO", 15, 0), (MILK, "NORTE", 2, 2)]


def test_who_waits_behind_it_for_a_delivery_is_not_held_up(database, market, beto, waiting, count_rows):
    with database.write() as session:
        inventory.adjust(session, MILK, market.centro, -10, note="gone")
    beto.change({"op": "add", "sku": MILK, "quantity": "1", "may_wait": True})
    beto.choose()
    assert beto.place(beto.confirm()).status_code == 201

    with database.write() as session:
        filled = receive_stock(session, "CENTRO", [Received(MILK, 1)])

    assert [number for number, _ in filled] == ["PED-10002"]


def test_what_is_short_where_it_is_collected_is_offered_from_there(ana, database, market):
    with database.write() as session:
        session.get_one(Location, market.norte).is_pickup = True
        inventory.receive(session, MILK, market.norte, 1)
    ana.add(MILK, "3")
    ana.act("PUT", "/cart/checkout", {"pickup_location": "NORTE", "payment_method": "nequi"})

    refused = ana.act("POST", "/cart/confirmation")
    reduced = ana.act("PUT", "/cart/shortages", {"sku": MILK, "choice": "reduce"}).json()

    assert code_of(refused) == (409, "out_of_stock")
    assert refused.json()["params"]["choices"]["reduce"] == "1"
    assert [line["quantity"] for line in reduced["lines"]] == ["1"]
    assert ana.confirm()


def test_more_of_what_is_collected_comes_from_that_place_too(ana, database, market, collected):
    number = collected
    more = {"changes": [{"op": "add", "sku": MILK, "quantity": "2"}]}
    shown = ana.act("POST", f"/orders/{number}/changes", more)
    changed = ana.act("POST", f"/orders/{number}/changes/{shown.json()['confirmation']}").json()

    assert (changed["delivery_fee"]["amount_minor"], changed["address"]) == (0, "Norte, Calle 170 # 8-10")
    assert changed["total"]["amount_minor"] == 5 * 450_000 + 620_000
    with database.read() as session:
        assert inventory.levels(session, MILK) == [(MILK, "CENTRO", 10, 0), (MILK, "NORTE", 5, 5)]
    assert code_of(ana.act("POST", f"/orders/{number}/changes", more)) == (409, "out_of_stock")
    elsewhere = ana.act("POST", f"/orders/{number}/changes", {"changes": [], "address_text": "Calle 1 # 1-1"})
    assert code_of(elsewhere) == (409, "not_delivered")


def test_a_promise_elsewhere_for_what_is_collected_is_found(database, market, collected):
    with database.write() as session:
        session.execute(text("UPDATE oms_reservation SET location_id = :centro"), {"centro": market.centro})
        found = [finding for finding in audit(session, has_worker=False) if "collected" in finding.invariant]
        session.execute(text("UPDATE oms_reservation SET location_id = :norte"), {"norte": market.norte})

    assert {(finding.subject, finding.facts["sku"]) for finding in found} == {(collected, MILK), (collected, BREAD)}
