"""An order that someone of the shop holds back, the list in which it is found, and the link that is sent again."""

from datetime import date

import pytest
from sqlalchemy import update

from backend.customers.models import ChannelIdentity, Customer
from backend.orders.models import Order
from kernel import clock
from kernel.ids import new_id
from tests.backend.payments.at_provider import ask, number, online, told
from tests.backend.shopper import BREAD, MILK, code_of, staff_as
from tests.backend.test_approving_orders import decide, events_of, seen

__all__ = ["number", "online"]


def find(http, **query):
    page = http.request("GET", "/staff/orders", params=query, headers=staff_as("agent")).json()
    return [row["number"] for row in page["orders"]]


def test_an_order_that_is_held_back_is_not_picked_until_someone_lets_it_go_on(ana, http, warehouse, database):
    number = ana.order((MILK, "2"))["number"]
    version = seen(http, number)["version"]

    held = decide(http, number, "hold", version=version, note="Llamar antes de despachar")

    assert (held.status_code, held.json()["status"]) == (200, "on_hold")
    shown = seen(http, number)
    assert [(hold["reason"], hold["outcome"]) for hold in shown["holds"]] == [("by_hand", None)]
    step = shown["timeline"][-1]
    assert (step["what"], step["who"], step["note"]) == ("held", "staff:someone", "Llamar antes de despachar")
    assert events_of(database, number)[-1][1]["reason"] == "by_hand"
    assert warehouse.act(f"{number}-1", "start").status_code == 409
    assert find(http, hold="by_hand") == [number]

    assert decide(http, number, "approve", version=shown["version"]).json()["status"] == "confirmed"
    [waiting] = warehouse.get("?status=pending")["fulfillments"]
    assert warehouse.act(waiting["number"], "start").status_code == 200
    assert find(http, hold="by_hand") == []


def test_what_someone_has_begun_to_get_ready_is_not_held_back(ana, http, warehouse):  # case 61
    number = ana.order((MILK, "2"))["number"]
    version = seen(http, number)["version"]
    warehouse.done(f"{number}-1", "start")

    refused = decide(http, number, "hold", version=version, note="tarde")

    assert code_of(refused) == (409, "order_not_holdable")
    assert seen(http, number)["status"] == "confirmed"


def test_who_looked_at_another_version_holds_nothing_back(ana, http):  # case 61
    number = ana.order((MILK, "2"))["number"]

    refused = decide(http, number, "hold", version=seen(http, number)["version"] + 1, note="x")

    assert code_of(refused) == (409, "order_changed")
    assert seen(http, number)["holds"] == []


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ({"q": "PED-10001"}, True),
        ({"q": "ped-1000"}, True),
        ({"q": "rueda"}, True),
        ({"q": "ANA@EXAMPLE"}, True),
        ({"q": "300 111 22"}, True),
        ({"q": "100%"}, False),
        ({"q": "otra"}, False),
        ({"q": "2233"}, False),
        ({"payment_method": "cash_on_delivery"}, True),
        ({"payment_method": "nequi"}, False),
        ({"status": "confirmed", "q": "rueda"}, True),
        ({"status": "cancelled", "q": "rueda"}, False),
        ({"hold": "by_hand"}, False),
    ],
)
def test_an_order_is_found_by_what_is_known_of_it(ana, http, database, query, is_found):
    number = ana.order((MILK, "1"))["number"]
    with database.write() as session:
        named = {"name": "Ana Rueda", "email": "ana@example.com"}
        session.execute(update(Customer).where(Customer.id == ana.id).values(**named))
        now = clock.now()
        session.add(
            ChannelIdentity(
                id=new_id(), customer_id=ana.id, channel="whatsapp", external_id="+573001112233",
                phone="+573001112233", seen_at=now, created_at=now,
            )
        )  # fmt: skip

    assert find(http, **query) == ([number] if is_found else [])


def test_the_whole_number_of_an_order_means_that_order(ana, beto, http, database):
    numbers = [each.order((MILK, "1"))["number"] for each in (ana, beto)]
    with database.write() as session:
        session.execute(update(Customer).where(Customer.id == beto.id).values(name="Tienda 10001"))

    assert find(http, q="10001") == find(http, q="#10001") == ["PED-10001"]
    # A part of it is looked for everywhere.
    assert find(http, q="1000") == numbers[::-1]


def test_orders_are_found_by_the_day_at_the_shop_on_which_they_were_placed(ana, http, database):
    ana.order((MILK, "1"))
    ana.order((BREAD, "1"))
    with database.write() as session:
        # Two in the morning in Greenwich, the evening before in Bogotá.
        at = clock.now().replace(year=2026, month=3, day=2, hour=2)
        session.execute(update(Order).where(Order.number == "PED-10001").values(placed_at=at))

    assert find(http, since="2026-03-01", until="2026-03-01") == ["PED-10001"]
    assert find(http, since="2026-03-02", until="2026-03-02") == []
    assert find(http, until=str(date.max), since=str(date.min)) == ["PED-10002", "PED-10001"]


def test_a_row_says_whose_it_is_and_what_holds_it(ana, http, database):
    number = ana.order((MILK, "1"))["number"]
    decide(http, number, "hold", version=seen(http, number)["version"], note="x")
    with database.write() as session:
        session.execute(update(Customer).where(Customer.id == ana.id).values(name="Ana Rueda"))

    page = http.request("GET", "/staff/orders", headers=staff_as("sales")).json()

    [row] = page["orders"]
    assert (row["customer_name"], row["holds"], row["lines_count"]) == ("Ana Rueda", ["by_hand"], 1)


def test_the_link_that_waits_is_sent_again_and_a_repeat_of_the_act_sends_nothing(ana, number, online, http, database):
    ask(ana, number)
    payment = online.open()
    headers = staff_as("agent") | {"Idempotency-Key": "again"}

    answers = [http.request("POST", f"/staff/orders/{number}/payment-link", headers=headers) for _ in range(2)]

    assert [(answer.status_code, answer.json()["url"]) for answer in answers] == [(201, payment.url)] * 2
    assert [said["url"] for said in told(database, "payment.link_ready")] == [payment.url] * 2


def test_without_a_link_there_is_one_made_and_who_owes_nothing_gets_none(ana, number, online, http, database):
    headers = staff_as("sales") | {"Idempotency-Key": "first"}
    assert http.request("POST", f"/staff/orders/{number}/payment-link", headers=headers).json()["url"] is None
    online.open()
    assert len(told(database, "payment.link_ready")) == 1

    ana.act("POST", f"/orders/{number}/cancel", {})
    headers["Idempotency-Key"] = "late"
    refused = http.request("POST", f"/staff/orders/{number}/payment-link", headers=headers)
    assert code_of(refused) == (409, "nothing_due")
