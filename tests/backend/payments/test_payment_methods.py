"""How the shop is paid is data: which methods, of which kind, who collects, and what waits to be paid."""

from itertools import count

import pytest
from sqlalchemy import update

from backend.catalog.payment_methods import PaymentMethod
from backend.catalog.shop import set_payments, shop
from backend.customers.models import Customer
from backend.payments.providers import Providers
from backend.workflows.check_payment import check_payment
from backend.workflows.offer_payment_methods import offer_payment_methods
from backend.workflows.start_payment import open_at_provider
from tests.backend.payments.at_provider import ask, told
from tests.backend.shopper import MILK, code_of, staff_as

NAMES = {"es": "Algo", "en": "Something"}
CASH = {"code": "cash_on_delivery", "name": NAMES, "kind": "on_delivery"}
ONLINE = {"code": "online", "name": NAMES, "kind": "online", "holds_until_paid": True, "expires_minutes": 60}
_keys = count(1)


def put(http, methods, online_provider=None, role="admin"):
    headers = staff_as(role) | {"Idempotency-Key": f"payments:{next(_keys)}"}
    body = {"online_provider": online_provider, "methods": methods}
    return http.request("PUT", "/staff/shop/payments", json=body, headers=headers)


def test_the_shop_says_anew_how_it_is_paid(http, market, ana):
    answer = put(http, [CASH, ONLINE], "demo")

    assert answer.status_code == 200
    looked = http.request("GET", "/staff/shop/payments", headers=staff_as("finance")).json()
    assert looked == answer.json()
    assert (looked["online_provider"], looked["providers"]) == ("demo", ["demo"])
    assert [(each["code"], each["expires_minutes"]) for each in looked["methods"]] == [
        ("cash_on_delivery", None),
        ("online", 60),
    ]
    assert ana.get("/shop").json()["takes_online_payments"] is True
    assert [method["code"] for method in ana.get("/cart/payment-methods").json()] == ["cash_on_delivery", "online"]
    ana.add(MILK)
    assert code_of(ana.act("PUT", "/cart/checkout", {"payment_method": "nequi"})) == (422, "unknown_payment_method")


@pytest.mark.parametrize(
    ("methods", "provider", "reason"),
    [
        ([CASH, CASH], None, "named_twice"),
        ([CASH], "stripe", "provider_not_ready"),
        ([ONLINE], None, "provider_missing"),
        ([ONLINE | {"provider": "stripe"}], "demo", "provider_not_ready"),
        ([CASH | {"provider": "demo"}], None, "provider_is_for_online"),
        ([CASH | {"holds_until_paid": True, "expires_minutes": 60}], None, "paid_after_delivery"),
        ([ONLINE | {"expires_minutes": None}], "demo", "expiry_goes_with_the_hold"),
        ([ONLINE | {"holds_until_paid": False}], "demo", "expiry_goes_with_the_hold"),
        ([CASH | {"kind": "credit"}], None, "credit_is_customer_credit"),
        ([CASH | {"code": "customer_credit"}], None, "credit_is_customer_credit"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_changed(http, market, database, methods, provider, reason):
    answer = put(http, methods, provider)

    assert code_of(answer) == (422, "payment_method_invalid")
    assert answer.json()["params"]["reason"] == reason
    with database.read() as session:
        assert [method.code for method in shop(session).payment_methods] == ["cash_on_delivery", "nequi"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"code": "Has Spaces"},
        {"kind": "barter"},
        {"name": {"es": "Sólo español"}},
        {"expires_minutes": 29, "holds_until_paid": True},
        {"fee": 3},
    ],
)
def test_what_is_no_method_is_refused(http, market, wrong):
    assert code_of(put(http, [ONLINE | wrong], "demo")) == (422, "invalid_request")


def test_credit_is_offered_to_those_who_have_a_limit(database, market, ana):
    with database.write() as session:
        set_payments(session, [PaymentMethod("customer_credit", NAMES, "credit")], None)
        assert offer_payment_methods(session, ana.id, ()) == []
    ana.add(MILK)
    refused = ana.act("PUT", "/cart/checkout", {"payment_method": "customer_credit"})
    assert code_of(refused) == (422, "unknown_payment_method")

    with database.write() as session:
        session.execute(update(Customer).where(Customer.id == ana.id).values(credit_limit_minor=1_000_000))
    assert ana.act("PUT", "/cart/checkout", {"payment_method": "customer_credit"}).status_code == 200


def test_online_is_not_offered_where_nobody_can_collect(database, market, ana):
    """A production shop that was left with the demo's provider."""
    with database.write() as session:
        set_payments(session, [PaymentMethod("online", NAMES, "online")], "stripe")

    assert ana.get("/shop").json()["takes_online_payments"] is False
    assert ana.get("/cart/payment-methods").json() == []
    ana.add(MILK)
    assert code_of(ana.act("PUT", "/cart/checkout", {"payment_method": "online"})) == (422, "unknown_payment_method")


def test_a_link_is_refused_where_nobody_can_make_it(database, ana, number):
    with database.write() as session:
        set_payments(session, shop(session).payment_methods, "stripe")

    assert code_of(ask(ana, number)) == (409, "no_online_payment")


def test_a_provider_without_keys_stops_no_worker_and_the_customer_hears(ana, number, online, database):
    ask(ana, number)
    nobody = Providers({})

    open_at_provider(database, nobody, online.payment().id, "http://shop")

    assert online.payment().status == "failed"
    assert len(told(database, "payment.failed")) == 1


def test_what_waits_at_a_provider_without_keys_is_asked_again_later(ana, number, online, database):
    ask(ana, number)
    online.open()
    online.press("captured")

    check_payment(database, Providers({}), online.payment().id)
    assert online.payment().status == "pending"

    assert online.check().status == "captured"
