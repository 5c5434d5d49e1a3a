"""Discounts on a cart and on an order: who gets them, what they take off, how often."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from backend.discounts import service as discounts
from backend.discounts.errors import DiscountUsedUp
from backend.discounts.models import DiscountUse
from backend.events import Event
from backend.orders import service as orders
from backend.orders.models import Order
from kernel import clock
from tests.backend.shopper import BREAD, DELIVERY_FEE, MILK, SODA, code_of, staff_as
from tests.backend.storm import Storm, place


def say(shopper, code):
    return shopper.act("PUT", "/cart/discount", {"code": code})


def minor(shown, *names):
    return [shown[name]["amount_minor"] for name in names]


def off(shown):
    """The discount that applies: its code and what it takes off, or None."""
    return (shown["discount"]["code"], shown["discount"]["amount"]["amount_minor"]) if shown["discount"] else None


def change(shopper, number, *changes):
    shown = shopper.act("POST", f"/orders/{number}/changes", {"changes": list(changes)}).json()
    return shopper.act("POST", f"/orders/{number}/changes/{shown['confirmation']}").json()


def test_a_code_takes_its_part_off_each_line(ana, put):
    put("LECHE10", percent="10")
    ana.add(SODA, "2")
    ana.add(BREAD)

    cart = say(ana, "leche10").json()

    assert off(cart) == ("LECHE10", 133_400)
    assert [minor(line, "total", "discount", "tax") for line in cart["lines"]] == [
        [714_000, 71_400, 102_600],
        [620_000, 62_000, 26_571],
    ]
    assert minor(cart, "subtotal", "tax", "total") == [1_334_000, 129_171, 1_334_000 - 133_400 + DELIVERY_FEE]


def test_an_amount_is_split_by_the_largest_remainder_and_never_more_than_the_goods(ana, put):
    put("MIL", amount_minor=100_000)
    put("TODO", amount_minor=99_000_000)
    for sku in (SODA, BREAD, MILK):
        ana.add(sku)

    cart = say(ana, "MIL").json()
    everything = say(ana, "TODO").json()

    # In proportion 25,017.5; 43,447.8; 31,534.7: the two largest remainders get the two units that are left.
    assert [line["discount"]["amount_minor"] for line in cart["lines"]] == [25_017, 43_448, 31_535]
    assert minor(everything, "tax", "total") == [0, DELIVERY_FEE]
    assert code_of(ana.act("PUT", "/cart/discount", {"code": "X"})) == (404, "discount_unknown")
    assert off(ana.cart()) == ("TODO", 1_427_000)


@pytest.mark.parametrize(("scope", "taken"), [({"sku": SODA}, 35_700), ({"category": "mercado"}, 97_700)])
def test_it_may_be_on_one_variant_or_one_category(ana, put, scope, taken):
    put("DIEZ", percent="10", **scope)
    ana.add(SODA)
    ana.add(BREAD)

    assert off(say(ana, "DIEZ").json()) == ("DIEZ", taken)


def test_who_says_nothing_gets_the_automatic_one_and_the_best_one_applies(ana, put):
    put("MARTES", percent="5", is_automatic=True)
    put("TRES", percent="3")
    put("DIEZ", percent="10")

    assert off(ana.add(BREAD)) == ("MARTES", 31_000)
    worse = say(ana, "TRES").json()
    assert (off(worse), worse["discount_refused"]["reason"]) == (("MARTES", 31_000), "better")
    assert off(say(ana, "DIEZ").json()) == ("DIEZ", 62_000)
    assert off(ana.act("DELETE", "/cart/discount").json()) == ("MARTES", 31_000)


def test_what_does_not_apply_is_refused_with_its_reason_and_changes_nothing(ana, put, offers, database):
    now = clock.now()
    ana.add(BREAD)
    put("TARDE", percent="10", valid_until=(now - timedelta(hours=1)).isoformat())
    put("PRONTO", percent="10", valid_from=(now + timedelta(hours=1)).isoformat())
    put("GRANDE", percent="10", minimum_minor=620_001)
    put("SODA", percent="10", sku=SODA)
    put("IDO", percent="10")
    offers.act("DELETE", "/discounts/IDO")
    version = ana.cart()["version"]

    refused = {code: say(ana, code) for code in ("NADA", "TARDE", "PRONTO", "GRANDE", "SODA", "IDO")}

    assert {code: code_of(answer) for code, answer in refused.items()} == {
        "NADA": (404, "discount_unknown"),
        "TARDE": (409, "discount_ended"),
        "PRONTO": (409, "discount_not_yet"),
        "GRANDE": (409, "discount_below_minimum"),
        "SODA": (409, "discount_on_nothing"),
        "IDO": (404, "discount_unknown"),
    }
    assert refused["GRANDE"].json()["params"]["minimum"] == {"amount_minor": 620_001, "currency": "COP"}
    assert (ana.cart()["version"], off(ana.cart())) == (version, None)


def test_a_code_said_before_anything_is_in_the_cart_is_kept(ana, put):
    put("GRANDE", percent="10", minimum_minor=700_000)

    assert say(ana, "GRANDE").status_code == 200
    little = ana.add(BREAD)
    assert (off(little), little["discount_refused"]["reason"]) == (None, "below_minimum")
    assert off(ana.add(BREAD)) == ("GRANDE", 124_000)


def test_the_order_keeps_what_was_shown_whatever_becomes_of_the_discount(ana, put, offers):
    put("DIEZ", percent="10")
    ana.add(SODA, "2")
    say(ana, "DIEZ")
    order = ana.order()
    put("DIEZ", percent="50")
    offers.act("DELETE", "/discounts/DIEZ")

    kept = ana.get(f"/orders/{order['number']}").json()

    assert off(order) == off(kept) == ("DIEZ", 71_400)
    assert minor(kept, "total") == [642_600 + DELIVERY_FEE]
    assert offers.look("DIEZ")["uses"] == 1
    # A change is priced by the terms that the order has: 10 % of what it is now.
    changed = change(
        ana, order["number"], {"op": "add", "sku": SODA, "quantity": "1"}, {"op": "add", "sku": BREAD, "quantity": "1"}
    )
    assert off(changed) == ("DIEZ", 107_100 + 62_000)


def test_a_change_below_the_minimum_loses_the_discount_and_one_above_has_it_again(ana, put):
    put("GRANDE", amount_minor=100_000, minimum_minor=1_000_000)
    ana.add(SODA)
    ana.add(BREAD, "2")
    say(ana, "GRANDE")
    number = ana.order()["number"]

    less = change(ana, number, {"op": "set", "sku": BREAD, "quantity": "1"})
    more = change(ana, number, {"op": "set", "sku": BREAD, "quantity": "2"})

    assert (off(less), minor(less, "total")) == (None, [977_000 + DELIVERY_FEE])
    assert (off(more), minor(more, "total")) == (("GRANDE", 100_000), [1_597_000 - 100_000 + DELIVERY_FEE])


def test_what_changed_since_the_summary_is_refused(ana, put, offers, count_rows):
    put("DIEZ", percent="10")
    ana.add(BREAD)
    say(ana, "DIEZ")
    confirmation = ana.confirmed()
    put("DIEZ", percent="5")

    assert code_of(ana.place(confirmation)) == (409, "confirmation_stale")
    assert count_rows(Order) == 0


def test_a_customer_uses_it_as_often_as_each_may_and_a_cancelled_order_gives_it_back(
    ana, beto, put, offers, count_rows
):
    put("UNA", percent="10", max_uses_each=1, max_uses=5)
    ana.add(BREAD)
    say(ana, "UNA")
    number = ana.order()["number"]

    ana.add(BREAD)
    assert code_of(say(ana, "UNA")) == (409, "discount_used_up")
    assert ana.act("POST", f"/orders/{number}/cancel", {}).status_code == 200
    assert (offers.look("UNA")["uses"], count_rows(DiscountUse)) == (0, 0)
    assert off(say(ana, "UNA").json()) == ("UNA", 62_000)


def test_of_two_who_confirmed_the_last_use_the_second_is_refused(ana, beto, put, offers, count_rows):
    put("ULTIMO", percent="10", max_uses=1)
    confirmed = []
    for shopper in (ana, beto):
        shopper.add(BREAD)
        say(shopper, "ULTIMO")
        confirmed.append(shopper.confirmed())

    assert ana.place(confirmed[0]).status_code == 201
    # The summary no longer holds: it is seen when the cart is priced anew.
    assert code_of(beto.place(confirmed[1])) == (409, "confirmation_stale")
    assert (offers.look("ULTIMO")["uses"], count_rows(DiscountUse), count_rows(Order)) == (1, 1, 1)


@pytest.mark.timeout(300)
def test_of_many_at_once_the_last_use_is_one_order(database, database_url, new_shopper, put, offers, count_rows):
    put("ULTIMO", percent="10", max_uses=1)
    shoppers, jobs = [new_shopper() for _ in range(6)], []
    for shopper in shoppers:
        shopper.add(BREAD)
        say(shopper, "ULTIMO")
        confirmation = shopper.confirmed()
        jobs.append((place, shopper.id, confirmation, confirmation))

    with Storm(database_url, len(jobs)) as storm:
        answers = storm.rage(jobs)

    lost = {"discount_used_up", "confirmation_stale"}
    assert len([answer for answer in answers if answer.startswith("PED-")]) == 1
    assert {answer for answer in answers if not answer.startswith("PED-")} <= lost
    assert (offers.look("ULTIMO")["uses"], count_rows(DiscountUse), count_rows(Order)) == (1, 1, 1)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"percent": "101"}, "invalid_request"),
        ({"percent": "0"}, "invalid_request"),
        ({"percent": "10", "amount_minor": 5}, "invalid_request"),
        ({"percent": "10", "kind": "amount"}, "discount_invalid"),
        ({"percent": "10", "sku": MILK, "category": "mercado"}, "discount_invalid"),
        (
            {"percent": "10", "valid_from": "2026-01-02T00:00:00Z", "valid_until": "2026-01-01T00:00:00Z"},
            "discount_invalid",
        ),
        ({"percent": "10", "sku": "NADA"}, "unknown_sku"),
        ({"percent": "10", "category": "nada"}, "unknown_category"),
    ],
)
def test_what_can_be_no_discount_is_refused(offers, given, code):
    answer = offers.put("MALO", **given)

    assert answer.json()["code"] == code
    assert offers.http.request("GET", "/staff/discounts", headers=staff_as("sales")).json() == []


def test_it_cannot_have_fewer_uses_than_it_had(ana, beto, put, offers):
    put("DOS", percent="10", max_uses=2)
    for shopper in (ana, beto):
        shopper.add(BREAD)
        say(shopper, "DOS")
        shopper.order()

    assert code_of(offers.put("DOS", percent="10", max_uses=1)) == (422, "discount_invalid")
    assert offers.look("DOS")["max_uses"] == 2


def test_the_events_of_an_order_say_its_discount(ana, put, database):
    put("SIETE", percent="7", name_es="Siete", name_en="Seven")
    ana.add(SODA, "3")
    say(ana, "SIETE")
    order = ana.order()

    with database.read() as session:
        told = session.scalars(select(Event).where(Event.kind == "order.confirmed")).one().payload
    total = told["total"]["amount_minor"]
    assert (told["discount"]["name"], told["discount"]["name_en"]) == ("Siete", "Seven")
    assert told["discount"]["amount"] == {"amount_minor": 74_970, "currency": "COP"}
    assert total == minor(order, "total")[0] == 1_071_000 - 74_970 + DELIVERY_FEE


@pytest.mark.parametrize(("limit", "second"), [("max_uses", "beto"), ("max_uses_each", "ana")])
def test_a_use_too_many_is_refused_by_itself(ana, beto, put, database, count_rows, limit, second):
    """Whatever the cart said a moment before: of two who want the last use one has it."""
    put("UNO", percent="7", **{limit: 1})
    ana.add(SODA)
    say(ana, "UNO")
    ana.order()
    shopper = {"ana": ana, "beto": beto}[second]
    number = shopper.order((BREAD, "1"))["number"]

    with database.read() as session:
        order_id = orders.find_any(session, number).order.id

    with pytest.raises(DiscountUsedUp), database.write() as session:
        discounts.use(session, "UNO", order_id, shopper.id)

    assert count_rows(DiscountUse) == 1
