"""From a worth of goods on the shop delivers for nothing: in the cart, in the order, and when that changes."""

import pytest

from backend.orders.models import Order
from tests.backend.discounts.test_discounts import change, minor, say
from tests.backend.shopper import BREAD, DELIVERY_FEE, SODA, code_of, staff_as

# A soda is 3,570.00, a bread 6,200.00.
SODAS = 2 * 357_000


@pytest.fixture
def free_from(http, market):
    def put(from_minor, role="admin"):
        headers = staff_as(role) | {"Idempotency-Key": f"free:{from_minor}:{role}"}
        return http.request("PUT", "/staff/shop/free-delivery", json={"from_minor": from_minor}, headers=headers)

    return put


def test_delivery_is_free_from_its_worth_of_goods_on(ana, free_from):
    assert free_from(SODAS).json() == {"from_minor": SODAS}
    ana.add(SODA, "1")
    assert minor(ana.cart(), "delivery_fee", "total") == [DELIVERY_FEE, 357_000 + DELIVERY_FEE]

    ana.add(SODA, "1")

    assert minor(ana.cart(), "delivery_fee", "total") == [0, SODAS]
    assert ana.get("/shop").json()["free_delivery_from"] == {"amount_minor": SODAS, "currency": "COP"}


def test_what_a_discount_takes_off_does_not_count(ana, free_from, put):
    free_from(SODAS)
    put("SIETE", percent="7")
    ana.add(SODA, "2")
    assert minor(ana.cart(), "delivery_fee") == [0]

    say(ana, "SIETE")

    assert minor(ana.cart(), "delivery_fee", "total") == [DELIVERY_FEE, SODAS - 49_980 + DELIVERY_FEE]


def test_the_order_its_invoice_and_its_note_have_none(ana, free_from, bill, credit):
    free_from(SODAS)
    ana.add(SODA, "2")
    number = ana.order()["number"]

    invoice, note = bill(number, {SODA: 2}), credit("FV-1", (1, 2))

    assert [each.invoice.delivery_minor for each in (invoice, note)] == [0, 0]
    assert invoice.invoice.total_minor == note.invoice.total_minor == SODAS


def test_a_change_is_free_by_what_the_order_becomes(ana, free_from, put):
    free_from(SODAS + 620_000)
    put("SIETE", percent="7")
    ana.add(SODA, "2")
    ana.add(BREAD)
    say(ana, "SIETE")
    number = ana.order()["number"]
    assert minor(ana.get(f"/orders/{number}").json(), "delivery_fee") == [DELIVERY_FEE]

    # Its discount is on what is added, too: 1,690,000 less 7 %.
    more = change(ana, number, {"op": "add", "sku": SODA, "quantity": "1"})
    assert minor(more, "delivery_fee", "total") == [0, 1_691_000 - 118_370]

    less = change(ana, number, {"op": "remove", "sku": BREAD})
    assert minor(less, "delivery_fee", "total") == [DELIVERY_FEE, 1_071_000 - 74_970 + DELIVERY_FEE]


def test_what_is_shown_is_what_is_placed(ana, free_from, count_rows):
    free_from(SODAS)
    ana.add(SODA, "2")
    confirmation = ana.confirmed()
    free_from(None)

    assert code_of(ana.place(confirmation)) == (409, "confirmation_stale")
    assert count_rows(Order) == 0


@pytest.mark.parametrize("from_minor", [0, -1, "viel"])
def test_free_from_nothing_is_no_setting(ana, free_from, from_minor):
    assert code_of(free_from(from_minor)) == (422, "invalid_request")
    assert code_of(free_from(SODAS, role="sales")) == (403, "wrong_role")
    assert ana.get("/shop").json()["free_delivery_from"] is None
