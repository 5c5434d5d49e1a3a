"""Before a return is asked for it is told what it would come to, and when it could be fetched."""

from datetime import UTC, datetime
from itertools import count

import pytest
import time_machine
from sqlalchemy import select

from backend.invoicing.models import Invoice
from backend.returns.models import Return
from tests.backend.returns.conftest import ask, asked
from tests.backend.shopper import BREAD, MILK, SODA, code_of

# A Wednesday in Bogotá; the shop works from Monday to Friday, and takes stock on the Friday.
NOW = datetime(2026, 12, 2, 15, tzinfo=UTC)
SLOTS = ["09:00-12:00", "14:00-17:00"]
BREAD_PRICE, MILK_PRICE, SODA_PRICE = 620_000, 450_000, 357_000


def signed_in_again(shopper):
    """At another time, with a token of then."""
    again = type(shopper)(shopper.http, shopper.id)
    again._keys = count(1000)
    return again


def quote(shopper, number, sku, quantity=1, reason="not_wanted", **wish):
    body = {"lines": [{"line": sku, "quantity": quantity, "reason": reason}], **wish}
    return shopper.act("POST", f"/orders/{number}/returns/quote", body)


def slots(shopper, number, sku):
    return [(each["on"], each["slot"]) for each in quote(shopper, number, sku).json()["pickup_slots"]]


def test_slots_are_offered_on_working_days_within_their_hours(ana, desk, december, delivered):
    desk.policy(pickup_slots=SLOTS, accept_up_to_minor=10_000_000)
    number = delivered(ana, (MILK, "1"))

    with time_machine.travel(NOW, tick=False):
        shopper = signed_in_again(ana)
        # On Thursday it closes early, on Friday it is closed, and the 8th is a holiday.
        assert slots(shopper, number, MILK) == [
            ("2026-12-03", "09:00-12:00"),
            ("2026-12-07", "09:00-12:00"),
            ("2026-12-07", "14:00-17:00"),
            ("2026-12-09", "09:00-12:00"),
            ("2026-12-09", "14:00-17:00"),
            ("2026-12-10", "09:00-12:00"),
        ]


def test_what_has_to_be_answered_first_is_fetched_after_that(ana, desk, december, delivered):
    desk.policy(pickup_slots=SLOTS, accept_up_to_minor=0, answer_days=2)
    number = delivered(ana, (MILK, "1"))

    with time_machine.travel(NOW, tick=False):
        shopper = signed_in_again(ana)
        assert slots(shopper, number, MILK)[0] == ("2026-12-09", "09:00-12:00")
        early = ask(shopper, number, (MILK, 1), way="pickup", pickup_on="2026-12-07", pickup_slot="09:00-12:00")

    assert code_of(early) == (422, "return_day_impossible")


def test_a_shop_that_names_no_hours_offers_none(ana, delivered):
    assert quote(ana, delivered(ana, (MILK, "1")), MILK).json()["pickup_slots"] == []


@pytest.mark.parametrize("slot", ["20:00-22:00", "14:00-17:00", "noon"])
def test_other_hours_than_those_offered_are_refused(ana, desk, december, delivered, count_rows, slot):
    desk.policy(pickup_slots=SLOTS, accept_up_to_minor=10_000_000)
    number = delivered(ana, (MILK, "1"))

    with time_machine.travel(NOW, tick=False):
        shopper = signed_in_again(ana)
        answer = ask(shopper, number, (MILK, 1), way="pickup", pickup_on="2026-12-03", pickup_slot=slot)

    assert code_of(answer) == (422, "return_day_impossible")
    assert count_rows(Return) == 0


def test_the_slot_is_kept_and_told_to_staff(ana, desk, december, delivered):
    desk.policy(pickup_slots=SLOTS, accept_up_to_minor=10_000_000)
    number = delivered(ana, (MILK, "1"))

    with time_machine.travel(NOW, tick=False):
        shopper = signed_in_again(ana)
        rma = asked(shopper, number, (MILK, 1), way="pickup", pickup_on="2026-12-07", pickup_slot=SLOTS[1])
        seen = type(desk)(desk.http).get(f"/returns/{rma}")

    assert (seen["pickup_on"], seen["pickup_slot"]) == ("2026-12-07", "14:00-17:00")


@pytest.mark.parametrize("slot", ["9-12", "12:00-09:00", "25:00-26:00"])
def test_hours_that_no_day_has_are_no_policy(desk, slot):
    policy = desk.get("/return-policy") | {"pickup_slots": [slot]}

    assert code_of(desk.act("/return-policy", policy, method="PUT"))[0] == 422
    assert desk.get("/return-policy")["pickup_slots"] == []


@pytest.mark.parametrize(
    ("sku", "count", "cost"), [(SODA, "2", 2 * SODA_PRICE), (MILK, "1", MILK_PRICE)], ids=["dearer", "cheaper"]
)
def test_an_exchange_is_told_with_what_it_costs_today(ana, delivered, sku, count, cost, count_rows):
    number = delivered(ana, (BREAD, "2"))

    said = quote(ana, number, BREAD, wish="exchange", exchange_for=[{"sku": sku, "quantity": count}]).json()

    assert (said["value"]["amount_minor"], said["exchange"]["amount_minor"]) == (BREAD_PRICE, cost)
    assert count_rows(Return) == 0


def test_fees_are_told_where_it_is_the_customers_doing(ana, desk, delivered):
    desk.policy(restocking_fee_percent=10, pickup_fee_minor=100_000, fee_tax_class="standard")
    number = delivered(ana, (BREAD, "2"))

    def charged(**wish):
        return quote(ana, number, BREAD, **wish).json()["charged"]["amount_minor"]

    assert (charged(), charged(way="pickup"), charged(reason="wrong_item")) == (62_000, 162_000, 0)


def test_anothers_order_is_not_quoted(ana, beto, delivered):
    assert code_of(quote(beto, delivered(ana, (MILK, "1")), MILK)) == (404, "order_not_found")


@pytest.mark.parametrize(
    ("when", "by"), [("on_request", "2026-12-15"), ("first_scan", "2026-12-30"), ("inspection", "2027-01-05")]
)
def test_the_day_of_the_money_is_told_from_the_first_on(ana, desk, december, finance, delivered, when, by):
    desk.policy(refund_when=[{"when": when}], answer_days=2, send_days=10, inspect_days=3, pay_days=5)
    number = delivered(ana, (MILK, "1"))
    finance.pay(number, MILK_PRICE + 400_000)

    with time_machine.travel(NOW, tick=False):
        shopper = signed_in_again(ana)
        assert ask(shopper, number, (MILK, 1)).json()["money_by"] == by


def test_no_day_is_told_where_no_money_goes_back(ana, desk, december, finance, delivered):
    number = delivered(ana, (MILK, "2"))
    assert ask(ana, delivered(ana, (SODA, "1")), (SODA, 1)).json()["money_by"] is None
    finance.pay(number, 2 * MILK_PRICE + 400_000)

    assert ask(ana, number, (MILK, 1), wish="store_credit").json()["money_by"] is None
    rma = asked(ana, delivered(ana, (BREAD, "1")), (BREAD, 1))
    assert desk.done(rma, "reject", reason="Está abierto")["money_by"] is None


def test_no_day_is_told_where_the_money_went_back_already(ana, desk, december, finance, delivered, database, credit):
    number = delivered(ana, (MILK, "2"))
    paid = finance.pay(number, 2 * MILK_PRICE + 400_000)["number"]
    rma = asked(ana, number, (MILK, 1))
    assert ana.get(f"/returns/{rma}").json()["money_by"] is not None
    with database.read() as session:
        invoice = session.scalars(select(Invoice.number)).one()
    credit(invoice, (1, 2), with_delivery=True)

    back = {"amount_minor": 2 * MILK_PRICE + 400_000, "currency": "COP", "reason": "Se agotó"}
    assert finance.post(f"/payments/{paid}/refunds", back).status_code == 201

    assert ana.get(f"/returns/{rma}").json()["money_by"] is None


def test_no_day_is_told_for_money_that_has_not_come(ana, december, delivered, online):
    number = delivered(ana, (MILK, "1"))
    assert ana.act("POST", f"/orders/{number}/payment-link").status_code == 201
    assert online.open().status == "pending"

    assert ask(ana, number, (MILK, 1)).json()["money_by"] is None


def test_no_day_is_told_where_nothing_of_what_is_credited_can_go_back(ana, desk, december, finance, delivered):
    """It was paid from the balance, and is balance again."""
    finance.pay(delivered(ana, (SODA, "1")), 1_000_000)
    number = delivered(ana, (MILK, "1"))
    rma = asked(ana, number, (MILK, 1))

    done = desk.resolved(rma, MILK, 1)

    assert (done["resolution"], done["refunded"]["amount_minor"], done["pay_by"]) == ("refund", 0, None)
