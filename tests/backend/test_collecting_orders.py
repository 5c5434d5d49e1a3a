"""Orders that customers collect: no fee, one place, a code."""

import pytest
from sqlalchemy import text

from backend.events import Event
from backend.inventory import service as inventory
from backend.inventory.models import Location
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


def collect(warehouse, code):
    return warehouse.act(ONE, "collect", code=code)


def code_told(database):
    with database.read() as session:
        return session.query(Event).filter_by(kind="pickup.ready").one().payload["code"]


def other(code):
    return f"{(int(code) + 1) % 1_000_000:06}"


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
    assert kinds[-3:] == ["pickup.ready", "pickup.collected", "order.closed"]
    assert code_of(collect(warehouse, code)) == (409, "not_packed")


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
