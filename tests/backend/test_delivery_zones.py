"""Where an address is, what its delivery costs, and when it arrives."""

from datetime import time

import pytest
import time_machine
from sqlalchemy import event, update

from backend.calendar import service as calendar
from backend.calendar.service import Hours
from backend.catalog.models import Variant
from backend.catalog.shop import delivery_changed, shop
from backend.orders.models import Order, OrderEntry
from backend.seed.demo import _SHOP_FILE, _open_for_delivery
from backend.shipping import tariff
from kernel.yaml_files import read_yaml
from tests.backend.shopper import BREAD, DELIVERY_FEE, MILK, code_of

ZONES = [
    ("Calle 57 # 9-28, Chapinero, Bogotá", "chapinero"),
    ("cra 13 # 63-10 CHAPINERO bogota", "chapinero"),
    ("Carrera 7 # 140-20, Cedritos", "usaquen"),
    ("Cl. 44 #19-20 Teusaquillo", "teusaquillo"),
    ("Calle 72 # 28-10, barrio Siete de Agosto, Bogotá D.C.", "barrios-unidos"),
    ("Calle 100 # 68-20, Suba, Bogotá", "bogota"),
    ("Calle 45 # 12-30, Bogotá", "bogota"),
    ("Carrera 4 # 12-30, Chía, Cundinamarca", "sabana"),
    ("carrera 4 # 12-30 chia", "sabana"),
    ("Soacha, calle 13 # 7-30", "sabana"),
    ("Carrera 43A # 1-50, El Poblado, Medellín", "nacional"),
    ("Av. 6N # 23-10, CALI", "nacional"),
    ("Calle 45 # 12-30", "chapinero"),
    ("apto 301, torre 2", "chapinero"),
    ("Calle 8 # 9-10, Leticia, Amazonas", None),
    ("Av. Amazonas N34, Quito", None),
    ("Calicanto 4", "chapinero"),
]


@pytest.fixture
def zoned(database, market):
    with database.write() as session:
        _open_for_delivery(session, read_yaml(_SHOP_FILE))
        session.execute(update(Variant).where(Variant.sku == MILK).values(weight_g=1_030))
        session.execute(update(Variant).where(Variant.sku == BREAD).values(weight_g=500))


def choose(shopper, address):
    choice = {"address_text": address, "payment_method": "nequi"}
    answer = shopper.act("PUT", "/cart/checkout", choice)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize(("address", "code"), ZONES)
def test_the_longest_place_in_an_address_is_its_zone(zoned, database, address, code):
    with database.read() as session:
        found = tariff.zone_of(session, address)

    assert (found.code if found else None) == code


def test_a_zone_says_where_it_is(zoned, database):
    with database.read() as session:
        usaquen = tariff.zone_of(session, "Usaquén")

    assert (usaquen.latitude, usaquen.longitude, usaquen.transit_days) == (4.7006, -74.031, 0)


@pytest.mark.parametrize(
    ("address", "bottles", "fee"),
    [
        ("Chapinero", "4", 450_000),
        ("Suba", "4", 690_000),
        ("Suba", "5", 890_000),
        ("Chía", "10", 1_290_000),
        ("Medellín", "4", 1_890_000),
        ("Leticia", "1", DELIVERY_FEE),
    ],
)
def test_a_delivery_costs_what_its_zone_and_weight_say(zoned, ana, address, bottles, fee):
    ana.add(MILK, bottles)

    cart = choose(ana, f"Calle 1 # 2-3, {address}")

    assert cart["delivery_fee"] == {"amount_minor": fee, "currency": "COP"}
    assert cart["total"]["amount_minor"] == cart["subtotal"]["amount_minor"] + fee


def test_before_there_is_an_address_the_shops_own_fee_is_shown(zoned, ana):
    assert ana.add(MILK, "4")["delivery_fee"]["amount_minor"] == DELIVERY_FEE


def test_a_rate_that_rose_since_is_told_and_not_charged(zoned, ana, database, count_rows):  # case 137
    ana.add(MILK, "1")
    choose(ana, "Calle 1 # 2-3, Suba")
    confirmation = ana.confirm()
    with database.write() as session:
        rate = next(rate for rate in tariff.rates(session) if (rate.zone_code, rate.up_to_g) == ("bogota", 5_000))
        tariff.change_rate(session, rate.id, 790_000)
        delivery_changed(session)

    answer = ana.place(confirmation)

    assert code_of(answer) == (409, "confirmation_stale")
    assert answer.json()["params"]["changes"] == [
        {"what": "delivery_fee", "was": 690_000, "now": 790_000},
        {"what": "total", "was": 1_140_000, "now": 1_240_000},
    ]
    assert count_rows(Order) == 0


@pytest.mark.parametrize(
    ("now", "address", "day"),
    [
        ("2026-11-25T15:00:00+00:00", "Chapinero", "2026-11-25"),
        ("2026-11-26T00:00:00+00:00", "Chapinero", "2026-11-26"),  # 19:00 in Bogotá is after the cut-off
        ("2026-11-25T15:00:00+00:00", "Suba", "2026-11-26"),
        ("2026-11-25T15:00:00+00:00", "Medellín", "2026-11-28"),
        ("2026-12-24T15:00:00+00:00", "Suba", "2026-12-26"),  # not at Christmas
        ("2026-11-25T15:00:00+00:00", "Leticia", None),
    ],
)
def test_an_order_is_promised_for_a_day_and_keeps_it(zoned, ana, database, now, address, day):
    with time_machine.travel(now):
        ana.headers = type(ana)(ana.http, ana.id).headers
        ana.add(MILK, "1")
        assert choose(ana, f"Calle 1 # 2-3, {address}")["promised_on"] == day
        bound = ana.act("POST", "/cart/confirmation").json()
        assert bound["cart"]["promised_on"] == day
        order = ana.place(bound["confirmation"]).json()

    assert order["promised_on"] == day
    with database.read() as session:
        stored = session.query(Order).one()
    assert stored.promised_on == (day and stored.promised_on.fromisoformat(day))
    assert stored.zone == {"Chapinero": "chapinero", "Suba": "bogota", "Medellín": "nacional"}.get(address)


def test_a_promise_that_is_later_when_placing_is_told_and_not_refused(zoned, ana, database):
    with time_machine.travel("2026-11-25T23:50:00+00:00") as traveller:
        ana.headers = type(ana)(ana.http, ana.id).headers
        ana.add(MILK, "1")
        assert choose(ana, "Calle 1 # 2-3, Chapinero")["promised_on"] == "2026-11-25"
        confirmation = ana.confirm()
        traveller.shift(15 * 60)
        ana.headers = type(ana)(ana.http, ana.id).headers

        order = ana.place(confirmation)

    assert (order.status_code, order.json()["promised_on"]) == (201, "2026-11-26")
    with database.read() as session:
        told = session.query(OrderEntry).filter_by(what="promised_later").one()
    assert (told.who, told.note) == ("system", "2026-11-25 → 2026-11-26")


def test_zones_rates_and_calendar_cost_no_statement_while_they_stay_the_same(zoned, ana, database):
    statements: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    ana.add(MILK, "1")
    choose(ana, "Calle 1 # 2-3, Suba")
    reads = [each for each in statements if "oms_zone" in each or "oms_rate" in each or "working_day" in each]
    assert len(reads) == 3

    statements.clear()
    ana.place(ana.confirm())

    assert [each for each in statements if "oms_zone" in each or "oms_rate" in each or "ing_day" in each] == []


def test_a_change_of_the_calendar_is_seen_by_the_next_cart(zoned, ana, database):
    with time_machine.travel("2026-11-25T15:00:00+00:00"):
        ana.headers = type(ana)(ana.http, ana.id).headers
        ana.add(MILK, "1")
        assert choose(ana, "Chapinero")["promised_on"] == "2026-11-25"
        with database.write() as session:
            calendar.set_hours(session, {4: Hours(time(8), time(9), time(10))})
            delivery_changed(session)

        assert ana.cart()["promised_on"] == "2026-11-27"


def close_for_good_and_fail(database):
    with database.write() as session:
        calendar.set_hours(session, {})
        delivery_changed(session)
        seller = shop(session)
        assert calendar.calendar(session, seller.country, seller.time_zone, seller.delivery_version).hours == {}
        raise RuntimeError("no")


def test_what_was_rolled_back_is_not_kept(zoned, ana, database):
    with pytest.raises(RuntimeError, match="no"):
        close_for_good_and_fail(database)

    ana.add(MILK, "1")
    assert choose(ana, "Chapinero")["promised_on"] is not None
