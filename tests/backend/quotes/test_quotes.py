"""A cart that the shop makes for a customer: accepted once by them, or placed once for them."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select, update

from backend.catalog.models import CatalogVersion, Variant
from backend.events import Event
from backend.inventory import service as inventory
from backend.orders.models import Order
from kernel import clock
from kernel.tokens import Principal
from tests.backend.quotes.conftest import ADDRESS, WHOLE
from tests.backend.shopper import BREAD, DELIVERY_FEE, MILK, bearer, code_of, staff_as


def accept(shopper, quote, confirmation=None, key=None):
    body = {"confirmation": confirmation or quote["confirmation"]}
    return shopper.act("POST", f"/quotes/{quote['number']}/accept", body, key=key)


def reprice(database, sku, price_minor):
    with database.write() as session:
        session.execute(update(Variant).where(Variant.sku == sku).values(price_minor=price_minor))
        session.execute(update(CatalogVersion).values(version=CatalogVersion.version + 1))


def facts_of(database, kind):
    with database.read() as session:
        return [event.payload for event in session.scalars(select(Event).where(Event.kind == kind))]


def test_what_is_sent_is_accepted_as_the_customers_own_order(ana, desk, database, available):
    quote = desk.sent(ana.id, (MILK, "2"), (BREAD, "1"))
    [told] = facts_of(database, "quote.sent")
    assert (told["number"], told["customer_id"], told["confirmation"]) == ("COT-10001", ana.id, quote["confirmation"])
    assert told["total"]["amount_minor"] == 2 * 450_000 + 620_000 + DELIVERY_FEE
    assert available(MILK) == 10

    order = accept(ana, quote).json()

    assert (order["status"], order["address"], order["payment_method"]) == ("confirmed", ADDRESS, "nequi")
    assert order["total"] == quote["cart"]["total"]
    assert available(MILK) == 8
    seen = desk.look("COT-10001")
    assert (seen["status"], seen["order_number"]) == ("accepted", order["number"])
    staff = ana.http.request("GET", f"/staff/orders/{order['number']}", headers=staff_as("sales")).json()
    assert staff["timeline"][0]["who"] == f"customer:{ana.id}"
    assert "by" not in facts_of(database, "order.confirmed")[0]


def test_accepted_twice_it_is_one_order(ana, desk, count_rows):  # case 61
    quote = desk.sent(ana.id, (MILK, "2"))

    first, again = accept(ana, quote), accept(ana, quote)

    assert first.json()["number"] == again.json()["number"]
    assert count_rows(Order) == 1


def test_the_customers_own_cart_stays_as_it_is(ana, desk):
    ana.add(BREAD, "3")

    assert accept(ana, desk.sent(ana.id, (MILK, "1"))).status_code == 200

    assert [(line["sku"], line["quantity"]) for line in ana.cart()["lines"]] == [(BREAD, "3")]


def test_an_expired_quote_orders_nothing(ana, desk, count_rows):
    quote = desk.sent(ana.id, (MILK, "1"))

    with time_machine.travel(clock.now() + timedelta(days=3), tick=False):
        ana.headers = bearer(Principal("customer", ana.id))
        assert code_of(accept(ana, quote)) == (409, "quote_expired")

    assert count_rows(Order) == 0


def test_another_price_is_shown_before_it_is_accepted(ana, desk, database, count_rows):
    quote = desk.sent(ana.id, (MILK, "2"))
    reprice(database, MILK, 500_000)

    refused = accept(ana, quote)

    assert code_of(refused) == (409, "quote_repriced")
    params = refused.json()["params"]
    assert (params["was_minor"], params["total_minor"]) == (900_000 + DELIVERY_FEE, 1_000_000 + DELIVERY_FEE)
    assert count_rows(Order) == 0
    assert ana.get(f"/quotes/{quote['number']}").json()["confirmation"] == params["confirmation"]
    order = accept(ana, quote, params["confirmation"]).json()
    assert order["total"]["amount_minor"] == 1_000_000 + DELIVERY_FEE


def test_nobody_sees_or_accepts_what_is_someone_elses_or_not_sent(ana, beto, desk, count_rows):
    quote = desk.sent(ana.id, (MILK, "1"))
    draft = desk.draft(ana.id, (MILK, "1")).json()

    assert code_of(accept(beto, quote)) == (404, "quote_not_found")
    assert code_of(beto.get(f"/quotes/{quote['number']}")) == (404, "quote_not_found")
    assert code_of(accept(ana, draft)) == (404, "quote_not_found")
    assert count_rows(Order) == 0


def test_a_quote_that_was_withdrawn_is_not_to_be_had(ana, desk, count_rows):
    quote = desk.sent(ana.id, (MILK, "1"))
    gone = desk.act("POST", f"/quotes/{quote['number']}/withdraw", {"version": quote["version"]})

    assert gone.json()["status"] == "withdrawn"
    assert code_of(accept(ana, quote)) == (409, "quote_over")
    assert count_rows(Order) == 0


def test_what_is_gone_meanwhile_is_out_of_stock(ana, desk, database, count_rows):
    quote = desk.sent(ana.id, (MILK, "8"))
    ana.order((MILK, "5"))

    assert code_of(accept(ana, quote)) == (409, "out_of_stock")
    assert count_rows(Order) == 1


def test_an_order_taken_on_the_telephone_is_placed_by_staff_and_told(ana, desk, database):
    quote = desk.draft(ana.id, (MILK, "2")).json()

    order = desk.place(quote)

    assert (order.status_code, order.json()["status"]) == (200, "confirmed")
    number = order.json()["number"]
    staff = ana.http.request("GET", f"/staff/orders/{number}", headers=staff_as("sales")).json()
    assert (staff["timeline"][0]["what"], staff["timeline"][0]["who"]) == ("placed", "staff:someone")
    assert staff["customer_id"] == ana.id
    assert facts_of(database, "order.confirmed")[0]["by"] == "staff"
    assert code_of(desk.place(quote)) == (409, "quote_over")
    assert [each["text"] for each in ana.get("/customers/me/addresses").json()] == [ADDRESS]


def test_who_looked_at_another_version_or_price_places_nothing(ana, desk, database, count_rows):  # case 61
    quote = desk.draft(ana.id, (MILK, "2")).json()
    body = {"version": 1, "lines": [{"sku": BREAD, "quantity": "1"}]} | WHOLE
    changed = desk.act("PUT", f"/quotes/{quote['number']}", body).json()

    assert code_of(desk.place(quote)) == (409, "quote_changed")
    assert code_of(desk.place(changed, confirmation=quote["confirmation"])) == (409, "quote_repriced")
    assert count_rows(Order) == 0


@pytest.mark.parametrize(
    ("facts", "lines", "code"),
    [
        ({}, [], "cart_empty"),
        ({"address_text": None}, [(MILK, "1")], "address_missing"),
        ({"payment_method": None}, [(MILK, "1")], "payment_method_missing"),
    ],
)
def test_what_is_not_whole_is_neither_sent_nor_placed(ana, desk, facts, lines, code):
    quote = desk.draft(ana.id, *lines, **facts).json()

    sent = desk.act("POST", f"/quotes/{quote['number']}/send", {"version": quote["version"]})
    assert code_of(sent)[1] == code
    assert code_of(desk.place(quote))[1] == code


@pytest.mark.parametrize(
    ("lines", "facts", "refused"),
    [
        ([("NADA", "1")], {}, (404, "unknown_sku")),
        ([(MILK, "11")], {}, (409, "out_of_stock")),
        ([(MILK, "x")], {}, (422, "invalid_quantity")),
        ([(MILK, "1")], {"payment_method": "bitcoin"}, (422, "unknown_payment_method")),
        ([(MILK, "1")], {"address_text": None, "pickup_location": "CENTRO"}, (422, "pickup_location_unknown")),
    ],
)
def test_a_draft_is_refused_for_what_a_cart_is(ana, desk, lines, facts, refused):
    assert code_of(desk.draft(ana.id, *lines, **facts)) == refused


def test_an_order_that_is_collected_is_quoted_without_a_fee(ana, desk, database):
    with database.write() as session:
        inventory.change_location(session, "CENTRO", {"is_pickup": True})

    quote = desk.draft(ana.id, (MILK, "1"), address_text=None, pickup_location="CENTRO").json()

    assert quote["cart"]["total"]["amount_minor"] == 450_000
    assert desk.place(quote).json()["pickup"]["location"] == "Centro"


def test_quotes_are_listed_newest_first_by_status(ana, desk):
    desk.sent(ana.id, (MILK, "1"))
    desk.draft(ana.id, (BREAD, "1"))

    def numbers(query=""):
        page = ana.http.request("GET", f"/staff/quotes{query}", headers=desk.headers).json()
        return [each["number"] for each in page["quotes"]]

    assert numbers() == ["COT-10002", "COT-10001"]
    assert numbers("?status=sent") == ["COT-10001"]


def test_who_calls_is_found_by_number_however_it_is_said_and_made_once(ana, desk, http):
    first = desk.act("POST", "/customers", {"phone": "300 111 2233", "name": "Zoe Mora", "email": "zoe@example.com"})
    again = desk.act("POST", "/customers", {"phone": "+57 300 1112233", "name": "Otra"})

    assert first.status_code == 200, first.text
    assert (again.json()["id"], again.json()["name"]) == (first.json()["id"], "Zoe Mora")
    found = http.request("GET", "/staff/customers?q=3001112233", headers=desk.headers).json()["customers"]
    assert [each["name"] for each in found] == ["Zoe Mora"]
    assert code_of(desk.act("POST", "/customers", {"phone": "hola"})) == (422, "invalid_request")
    assert code_of(desk.act("POST", "/customers", {"phone": "1234567890123456789012"})) == (422, "phone_unreadable")


def test_who_writes_on_whatsapp_is_known_when_they_call(desk, http):
    bot = bearer(Principal("service", "bot")) | {"Idempotency-Key": "w"}
    body = {"channel": "whatsapp", "external_id": "+573005556677", "phone": "+573005556677"}
    known = http.request("PUT", "/customers/identities", json=body, headers=bot).json()["customer_id"]

    assert desk.act("POST", "/customers", {"phone": "3005556677"}).json()["id"] == known
