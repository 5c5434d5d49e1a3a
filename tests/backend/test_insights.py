"""How far the orders of some days have come, counted exactly."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from backend.catalog.service import shop, shop_day
from backend.orders.models import Order
from tests.backend.receivables.conftest import bill, pay
from tests.backend.shopper import BREAD, MILK, staff_as

__all__ = ["bill", "pay"]


@pytest.fixture
def insights(http):
    def get(query="", role="finance"):
        return http.request("GET", f"/staff/insights{query}", headers=staff_as(role))

    return get


@pytest.fixture
def today(database, market):
    with database.read() as session:
        return shop_day(shop(session))


def test_a_shop_without_orders_has_days_of_nothing(insights, market, today):
    found = insights().json()

    assert set(found["funnel"].values()) == {0}
    assert (found["through"], len(found["days"])) == (today.isoformat(), 30)
    assert {(day["orders"], day["total"]["amount_minor"]) for day in found["days"]} == {(0, 0)}
    assert found["products"] == []
    assert found["days_sales_outstanding"] is None


def test_each_order_counts_as_far_as_it_has_come(ana, beto, warehouse, bill, pay, insights, today):
    shipped = ana.order((MILK, "3"))
    warehouse.ship_all(f"{shipped['number']}-1")
    paid = beto.order((BREAD, "1"))
    bill(paid["number"], {BREAD: 1})
    pay(paid["number"], paid["total"]["amount_minor"])
    dropped = ana.order((MILK, "1"))
    ana.act("POST", f"/orders/{dropped['number']}/cancel", {})

    found = insights().json()

    total = shipped["total"]["amount_minor"] + paid["total"]["amount_minor"]
    assert found["funnel"] == {
        "placed": 3,
        "by_chat": 0,
        "cancelled": 1,
        "shipped": 1,
        "delivered": 0,
        "invoiced": 2,
        "paid": 1,
        "returned": 0,
    }
    assert found["total"]["amount_minor"] == total
    assert found["due"]["amount_minor"] == shipped["total"]["amount_minor"]
    assert (found["days"][-1]["on"], found["days"][-1]["orders"]) == (today.isoformat(), 2)
    assert [(each["sku"], each["quantity"]) for each in found["products"]] == [(MILK, 3), (BREAD, 1)]


def test_an_order_counts_on_the_day_of_the_shop_on_which_it_was_placed(ana, database, insights):
    number = ana.order((MILK, "1"))["number"]
    with database.write() as session:
        # 23:59 in Bogotá.
        placed_at = datetime(2026, 11, 25, 4, 59, tzinfo=UTC)
        session.execute(update(Order).where(Order.number == number).values(placed_at=placed_at))

    def on(day):
        return insights(f"?since={day}&through={day}").json()["funnel"]["placed"]

    assert (on("2026-11-24"), on("2026-11-25")) == (1, 0)


def test_a_span_is_a_year_at_most_and_never_ends_before_it_begins(insights, market, today):
    long = insights("?since=2024-01-01&through=2026-01-01").json()
    turned = insights("?since=2026-01-02&through=2026-01-01").json()

    assert (long["through"], len(long["days"])) == ("2024-12-31", 366)
    assert (turned["since"], turned["through"]) == ("2026-01-02", "2026-01-02")


def test_who_packs_does_not_see_what_the_shop_earns(insights, market):
    assert insights(role="warehouse").status_code == 403
    assert insights(role="agent").status_code == 200
