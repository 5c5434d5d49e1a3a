"""Zones, rates and the calendar, as staff keep them."""

from itertools import count

import pytest
import time_machine

from backend.audit import audit
from backend.shipping.models import Rate, Zone
from tests.backend.parcels import ship_order_of
from tests.backend.shopper import MILK, code_of, staff_as

ZONE = {
    "name": {"es": "Centro", "en": "Centre"},
    "places": ["Bogotá"],
    "latitude": 4.6,
    "longitude": -74.1,
    "transit_days": 1,
    "position": 0,
    "is_default": True,
    "is_served": True,
}
WEEK = [{"weekday": day, "opens_at": "07:00", "cut_off": "17:00", "closes_at": "21:00"} for day in range(5)]


@pytest.fixture
def keep(http, staff, market):
    """Do one act as someone who works here."""
    keys = count(1)

    def act(method, path, body=None):
        return http.request(method, path, json=body, headers=staff | {"Idempotency-Key": f"staff:{next(keys)}"})

    return act


def test_a_new_zone_and_rate_price_the_next_cart(keep, ana):
    ana.add(MILK, "1")
    ana.choose()
    assert ana.cart()["delivery_fee"]["amount_minor"] == 400_000

    assert keep("PUT", "/staff/shipping/zones/centro", ZONE).json() == ZONE | {"code": "centro"}
    rate = {"carrier": "table_rate", "zone": "centro", "up_to_g": 5_000, "price_minor": 610_000}
    added = keep("POST", "/staff/shipping/rates", rate)

    assert (added.status_code, added.json()["price"]) == (201, {"amount_minor": 610_000, "currency": "COP"})
    assert ana.cart()["delivery_fee"]["amount_minor"] == 610_000
    changed = keep("PATCH", f"/staff/shipping/rates/{added.json()['id']}", {"price_minor": 0})
    assert changed.json()["price"]["amount_minor"] == 0
    assert ana.cart()["delivery_fee"]["amount_minor"] == 0
    assert keep("DELETE", f"/staff/shipping/rates/{added.json()['id']}").status_code == 200
    assert ana.cart()["delivery_fee"]["amount_minor"] == 400_000


def test_of_two_default_zones_the_newer_is_it(keep, http, staff):
    keep("PUT", "/staff/shipping/zones/uno", ZONE)
    keep("PUT", "/staff/shipping/zones/dos", ZONE)

    zones = http.request("GET", "/staff/shipping/zones", headers=staff).json()

    assert {zone["code"]: zone["is_default"] for zone in zones} == {"uno": False, "dos": True}


@pytest.mark.parametrize(
    "wrong",
    [
        {"latitude": 91},
        {"longitude": -181},
        {"transit_days": -1},
        {"places": ["x"]},
        {"places": ["a\x00b"]},
        {"name": {"es": "", "en": "x"}},
        {"fee": 5},
    ],
)
def test_a_zone_that_cannot_be_is_refused(keep, count_rows, wrong):
    assert code_of(keep("PUT", "/staff/shipping/zones/centro", ZONE | wrong)) == (422, "invalid_request")
    assert code_of(keep("PUT", "/staff/shipping/zones/Centro%20Uno", ZONE)) == (422, "invalid_request")
    assert count_rows(Zone) == 0


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"carrier": "pigeon"}, (404, "carrier_not_found")),
        ({"zone": "moon"}, (404, "zone_not_found")),
        ({}, (409, "rate_taken")),
        ({"up_to_g": 0}, (422, "invalid_request")),
        ({"price_minor": -1}, (422, "invalid_request")),
    ],
)
def test_a_rate_that_cannot_be_is_refused(keep, count_rows, changed, refusal):
    rate = {"carrier": "table_rate", "zone": "centro", "up_to_g": 5_000, "price_minor": 610_000}
    keep("PUT", "/staff/shipping/zones/centro", ZONE)
    keep("POST", "/staff/shipping/rates", rate)

    assert code_of(keep("POST", "/staff/shipping/rates", rate | changed)) == refusal
    assert count_rows(Rate) == 1


def test_a_zone_with_rates_stays(keep, count_rows):
    keep("PUT", "/staff/shipping/zones/centro", ZONE)
    rate = {"carrier": "table_rate", "zone": "centro", "up_to_g": 5_000, "price_minor": 610_000}
    added = keep("POST", "/staff/shipping/rates", rate).json()

    assert code_of(keep("DELETE", "/staff/shipping/zones/centro")) == (409, "zone_in_use")
    keep("DELETE", f"/staff/shipping/rates/{added['id']}")
    assert keep("DELETE", "/staff/shipping/zones/centro").status_code == 200
    assert code_of(keep("DELETE", "/staff/shipping/zones/centro")) == (404, "zone_not_found")
    assert code_of(keep("DELETE", f"/staff/shipping/rates/{added['id']}")) == (404, "rate_not_found")


def test_the_week_and_its_exceptions_move_what_is_promised(ana):
    with time_machine.travel("2026-11-25T15:00:00+00:00"):  # a Wednesday
        staff_now = staff_as("admin")
        ana.headers = type(ana)(ana.http, ana.id).headers
        ana.add(MILK, "1")
        ana.choose()

        def act(method, path, body=None, key="k"):
            return ana.http.request(method, path, json=body, headers=staff_now | {"Idempotency-Key": key})

        act("PUT", "/staff/shipping/zones/centro", ZONE, "1")
        week = act("PUT", "/staff/calendar/week", {"working_days": WEEK}, "2")
        assert [day["weekday"] for day in week.json()["working_days"]] == [0, 1, 2, 3, 4]
        assert "2026-12-08" in {holiday["on_date"] for holiday in week.json()["holidays"]}
        assert ana.cart()["promised_on"] == "2026-11-26"

        act("PUT", "/staff/calendar/special-days/2026-11-26", {"is_open": False, "name": "Inventario"}, "3")
        assert ana.cart()["promised_on"] == "2026-11-27"
        assert act("DELETE", "/staff/calendar/special-days/2026-11-26", key="4").status_code == 200
        assert ana.cart()["promised_on"] == "2026-11-26"
        missing = act("DELETE", "/staff/calendar/special-days/2026-11-26", key="5")
        assert code_of(missing) == (404, "special_day_not_found")


@pytest.mark.parametrize("wrong", [{"cut_off": "06:00"}, {"closes_at": "16:00"}, {"opens_at": "22:00"}])
def test_hours_that_cannot_be_are_refused(keep, wrong):
    assert code_of(keep("PUT", "/staff/calendar/week", {"working_days": [WEEK[0] | wrong]})) == (422, "invalid_hours")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/staff/shipping/zones"),
        ("GET", "/staff/shipping/rates"),
        ("GET", "/staff/calendar"),
        ("GET", "/staff/shipments/PED-1-1-A"),
    ],
)
def test_customers_do_not_see_how_the_shop_ships(ana, method, path):
    assert code_of(ana.act(method, path)) == (403, "wrong_role")


@pytest.mark.parametrize(
    ("planted", "invariant"),
    [
        ({"status": "in_transit"}, "a parcel is where its tracking events say"),
        ({"shipped_at": None}, "what was delivered had left"),
        ({"status": "delivered"}, "what was delivered had left"),
    ],
)
def test_the_auditor_finds_a_parcel_that_is_not_where_its_events_say(ana, database, planted, invariant):
    order = ana.order((MILK, "1"))
    with database.write() as session:
        shipment = ship_order_of(session, order["number"])
        for name, value in planted.items():
            setattr(shipment, name, value)
        session.flush()
        found = {finding.invariant for finding in audit(session)}
        session.rollback()

    assert invariant in found
