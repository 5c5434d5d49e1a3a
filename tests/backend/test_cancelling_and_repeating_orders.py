import pytest
from sqlalchemy import update

from backend.catalog.models import Variant, VariantUnit
from backend.orders.errors import IllegalStep
from backend.orders.models import STATUSES, Order
from backend.orders.status import STEPS, step
from tests.backend.shopper import BREAD, MILK, SODA, code_of


def cancel(shopper, number, **body):
    return shopper.act("POST", f"/orders/{number}/cancel", body)


def test_a_cancelled_order_gives_its_stock_back(ana, available):
    number = ana.order((MILK, "4"), (BREAD, "1"))["number"]

    cancelled = cancel(ana, number, reason="me equivoqué").json()

    assert (cancelled["status"], cancelled["can_cancel"]) == ("cancelled", False)
    assert (cancelled["fulfillment_status"], cancelled["payment_status"]) == ("none", "none")
    assert (available(MILK), available(BREAD)) == (10, 10)


def test_an_order_is_cancelled_once(ana, available):
    number = ana.order((MILK, "4"))["number"]
    cancel(ana, number)

    answer = cancel(ana, number)

    assert code_of(answer) == (409, "order_not_cancellable")
    assert answer.json()["params"] == {"number": number, "status": "cancelled"}
    assert available(MILK) == 10


def test_a_closed_order_is_not_cancelled(ana, database, available):
    number = ana.order((MILK, "4"))["number"]
    with database.write() as session:
        session.execute(update(Order).values(status="closed"))

    assert code_of(cancel(ana, number)) == (409, "order_not_cancellable")
    assert available(MILK) == 6


def test_someone_elses_order_is_not_cancelled(ana, beto, available):  # case 82
    number = ana.order((MILK, "4"))["number"]

    assert code_of(cancel(beto, number)) == (404, "order_not_found")
    assert available(MILK) == 6


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("next_status", STATUSES)
def test_an_order_only_takes_the_declared_steps(status, next_status):
    order = Order(number="PED-1", status=status, version=1)
    if next_status in STEPS[status]:
        step(order, next_status)
        assert (order.status, order.version) == (next_status, 2)
    else:
        with pytest.raises(IllegalStep) as refused:
            step(order, next_status)
        assert refused.value.params == {"number": "PED-1", "status": status, "step": next_status}
        assert order.status == status


def test_the_history_says_who_did_what(ana, http, staff):
    number = ana.order((MILK, "1"))["number"]
    cancel(ana, number, reason="ya no")

    timeline = http.request("GET", f"/staff/orders/{number}", headers=staff).json()["timeline"]

    assert [(entry["what"], entry["who"], entry["note"]) for entry in timeline] == [
        ("placed", f"customer:{ana.id}", None),
        ("confirmed", "system", None),
        ("cancelled", f"customer:{ana.id}", "ya no"),
    ]


def test_the_latest_order_is_repeated_at_todays_prices(ana, database):
    ana.order((BREAD, "1"))
    ana.order((MILK, "2"), (SODA, "1"))
    with database.write() as session:
        session.execute(update(Variant).where(Variant.sku == MILK).values(price_minor=480_000))

    repeated = ana.act("POST", "/orders/latest/repeat").json()

    assert [(line["sku"], line["quantity"]) for line in repeated["cart"]["lines"]] == [(MILK, "2"), (SODA, "1")]
    assert repeated["cart"]["subtotal"]["amount_minor"] == 960_000 + 357_000
    assert repeated["skipped"] == []
    assert repeated["repriced"] == [
        {
            "sku": MILK,
            "name": "Leche entera 1 L",
            "unit": "unidad",
            "was": {"amount_minor": 450_000, "currency": "COP"},
            "now": {"amount_minor": 480_000, "currency": "COP"},
        }
    ]


def test_what_cannot_be_had_again_is_named_and_left_out(ana, database):
    ana.add(SODA, "1", "sixpack")
    number = ana.order((MILK, "6"), (BREAD, "1"))["number"]
    with database.write() as session:
        session.execute(update(Variant).where(Variant.sku == BREAD).values(is_sold=False))
        session.query(VariantUnit).filter_by(sku=SODA, code="sixpack").delete()

    repeated = ana.act("POST", f"/orders/{number}/repeat").json()

    assert repeated["cart"]["is_empty"]
    assert {line["sku"]: line["reason"] for line in repeated["skipped"]} == {
        SODA: "unit_discontinued",
        MILK: "out_of_stock",
        BREAD: "discontinued",
    }


def test_a_repeat_counts_what_is_in_the_cart_already(ana):
    number = ana.order((MILK, "3"))["number"]
    ana.add(MILK, "5")

    repeated = ana.act("POST", f"/orders/{number}/repeat").json()

    assert [line["reason"] for line in repeated["skipped"]] == ["out_of_stock"]
    assert [line["quantity"] for line in repeated["cart"]["lines"]] == ["5"]


def test_nothing_is_repeated_for_someone_who_never_ordered(ana, beto):
    number = ana.order((MILK, "1"))["number"]

    assert code_of(beto.act("POST", "/orders/latest/repeat")) == (404, "order_not_found")
    assert code_of(beto.act("POST", f"/orders/{number}/repeat")) == (404, "order_not_found")
