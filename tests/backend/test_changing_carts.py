import pytest

from backend.carts import service as carts
from backend.carts.errors import CartFull
from backend.carts.quantity import base_units, in_units
from backend.inventory import service as inventory
from tests.backend.shopper import BREAD, DELIVERY_FEE, MILK, SODA, TOMATO, Shopper, code_of


def lines(cart):
    return [(line["sku"], line["quantity"], line["unit"]) for line in cart["lines"]]


def test_a_cart_nobody_touched_is_empty_and_free(ana):
    cart = ana.cart()

    assert (cart["id"], cart["version"], cart["is_empty"], cart["lines"]) == (None, 0, True, [])
    assert cart["total"] == {"amount_minor": 0, "currency": "COP"}


def test_a_cart_is_priced_by_the_shop(ana):
    ana.add(MILK, "2")

    cart = ana.add(SODA, "1", "sixpack")

    assert lines(cart) == [(MILK, "2", "unidad"), (SODA, "1", "sixpack")]
    assert [line["unit_price"]["amount_minor"] for line in cart["lines"]] == [450_000, 2_142_000]
    assert cart["lines"][1]["base_quantity"] == 6
    assert cart["subtotal"]["amount_minor"] == 3_042_000
    assert cart["tax"]["amount_minor"] == 342_000
    assert cart["total"]["amount_minor"] == 3_042_000 + DELIVERY_FEE


def test_what_is_added_twice_is_there_once(ana):
    ana.add(MILK, "2")

    assert lines(ana.add(MILK, "3")) == [(MILK, "5", "unidad")]


def test_without_a_unit_the_usual_one_is_meant(ana):
    [line] = ana.add(TOMATO, "2")["lines"]

    assert (line["unit"], line["base_quantity"], line["total"]["amount_minor"]) == ("libra", 1_000, 440_000)


def test_units_are_understood_in_both_languages(ana):
    ana.add(MILK, "1", "unidades")

    assert lines(ana.add(MILK, "2", "units")) == [(MILK, "3", "unidad")]


def test_set_keeps_the_unit_the_line_is_in(ana):
    ana.add(SODA, "1", "sixpack")

    assert lines(ana.change({"op": "set", "sku": SODA, "quantity": "0.5"}).json()) == [(SODA, "0.5", "sixpack")]


def test_set_is_all_there_shall_be_of_it(ana):
    ana.add(SODA, "1", "sixpack")
    ana.add(BREAD)
    ana.add(SODA, "2", "unidad")

    cart = ana.change({"op": "set", "sku": SODA, "quantity": "3", "unit": "unidad"}).json()

    assert lines(cart) == [(SODA, "3", "unidad"), (BREAD, "1", "unidad")]


def test_remove_takes_every_line_of_it(ana):
    ana.add(SODA, "1", "sixpack")
    ana.add(SODA, "2", "unidad")

    assert ana.change({"op": "remove", "sku": SODA}).json()["is_empty"]


def test_an_emptied_cart_costs_nothing_not_even_delivery(ana):
    assert ana.add(MILK)["delivery_fee"]["amount_minor"] == DELIVERY_FEE

    cart = ana.change({"op": "clear"}).json()

    assert (cart["is_empty"], cart["total"]["amount_minor"]) == (True, 0)


def test_changes_are_all_or_nothing(ana):
    ana.add(MILK, "1")

    answer = ana.change({"op": "remove", "sku": MILK}, {"op": "add", "sku": "NADA", "quantity": "1"})

    assert code_of(answer) == (404, "unknown_sku")
    assert (lines(ana.cart()), ana.cart()["version"]) == ([(MILK, "1", "unidad")], 1)


@pytest.mark.parametrize(
    ("quantity", "code"),
    [
        ("0", "invalid_quantity"),
        ("-5", "invalid_quantity"),
        ("-0.0", "invalid_quantity"),
        ("muchos", "invalid_quantity"),
        ("", "invalid_quantity"),
        ("NaN", "invalid_quantity"),
        ("sNaN", "invalid_quantity"),
        ("Infinity", "invalid_quantity"),
        ("1,5", "invalid_quantity"),
        ("0.5", "invalid_quantity"),
        ("1e-40", "invalid_quantity"),
        ("1e9", "quantity_too_large"),
        ("1000000000", "quantity_too_large"),
        ("10000.5", "quantity_too_large"),
        ("1e999999", "quantity_too_large"),
    ],
)
def test_what_is_no_quantity_of_it_is_refused(ana, quantity, code):  # cases 133, 136
    answer = ana.change({"op": "add", "sku": MILK, "quantity": quantity})

    assert code_of(answer) == (422, code)
    assert ana.cart()["is_empty"]


@pytest.mark.parametrize("quantity", [3, -5, 1e9, True, None, ["3"], {"n": 3}, "3" * 41])
def test_a_quantity_that_is_no_decimal_string_is_refused(ana, quantity):  # case 79
    answer = ana.change({"op": "add", "sku": MILK, "quantity": quantity})

    assert answer.status_code == 422
    assert ana.cart()["is_empty"]


def test_many_small_additions_do_not_pass_the_limit(ana, database, market):
    with database.write() as session:
        inventory.receive(session, MILK, market.norte, 1_000_000)
    ana.add(MILK, "9999")

    assert code_of(ana.change({"op": "add", "sku": MILK, "quantity": "2"})) == (422, "quantity_too_large")


@pytest.mark.parametrize(
    ("base_quantity", "factor", "shown"), [(36, 12, "3"), (18, 12, "1.5"), (1, 1000, "0.001"), (100, 1, "100")]
)
def test_quantities_are_said_back_as_people_write_them(base_quantity, factor, shown):  # case 136
    assert in_units(base_quantity, factor) == shown
    assert base_units(shown, factor) == base_quantity


def test_more_than_there_is_is_told_in_the_unit_asked(ana):
    answer = ana.change({"op": "add", "sku": SODA, "quantity": "2", "unit": "sixpack"})

    assert code_of(answer) == (409, "out_of_stock")
    assert answer.json()["params"] == {
        "sku": SODA,
        "name": "Gaseosa 400 ml",
        "unit": "sixpack",
        "available": 1,
        "choices": {"wait": None, "substitutes": [], "reduce": "1", "drop": True},
    }
    assert ana.cart()["is_empty"]


def test_the_lines_of_one_product_are_summed_whatever_their_units(ana):  # case 57
    ana.add(SODA, "1", "sixpack")

    answer = ana.change({"op": "add", "sku": SODA, "quantity": "5", "unit": "unidad"})

    assert code_of(answer) == (409, "out_of_stock")
    assert answer.json()["params"]["available"] == 10
    assert lines(ana.add(SODA, "4", "unidad")) == [(SODA, "1", "sixpack"), (SODA, "4", "unidad")]


def test_a_cart_promises_nothing(ana, available):
    ana.add(MILK, "10")

    assert available(MILK) == 10


def test_an_unknown_unit_is_told(ana):
    answer = ana.change({"op": "add", "sku": BREAD, "quantity": "1", "unit": "galón"})

    assert code_of(answer) == (422, "unknown_unit")
    assert answer.json()["params"] == {"sku": BREAD, "name": "Pan tajado", "unit": "galón"}


@pytest.mark.parametrize(
    "body",
    [
        {"changes": [{"op": "add", "sku": MILK, "quantity": "1", "price": 1}]},
        {"changes": [{"op": "add", "sku": MILK, "quantity": "1", "unit_price": {"amount_minor": 1}}]},
        {"changes": [{"op": "add", "sku": MILK, "quantity": "1"}], "discount": 100},
        {"changes": [{"op": "add", "sku": MILK, "quantity": "1"}], "customer_id": "someone"},
        {"changes": [{"op": "give", "sku": MILK, "quantity": "1"}]},
        {"changes": []},
        {"changes": [{"op": "add", "sku": MILK, "quantity": "1"}] * 51},
        {"changes": [{"op": "add", "sku": "LECHE\x00", "quantity": "1"}]},
        {},
        [],
        None,
    ],
)
def test_what_the_api_does_not_know_is_refused(ana, body):  # case 79
    answer = ana.act("POST", "/cart/changes", body)

    assert code_of(answer) == (422, "invalid_request")
    assert ana.cart()["is_empty"]


def test_a_lone_surrogate_is_refused_and_not_echoed(ana):
    answer = ana.http.request(
        "POST",
        "/cart/changes",
        content=rb'{"changes": [{"op": "add", "sku": "\ud800", "quantity": "1"}]}',
        headers=ana.headers | {"Idempotency-Key": "k", "Content-Type": "application/json"},
    )

    assert code_of(answer) == (422, "invalid_request")
    assert "ud800" not in answer.text


def test_an_incomplete_change_says_what_it_needs(ana):
    answer = ana.change({"op": "add", "quantity": "1"})

    assert code_of(answer) == (422, "invalid_change")
    assert answer.json()["params"] == {"op": "add", "missing": "sku"}


def test_a_cart_holds_a_hundred_lines_and_no_more():
    many = [carts.Line("X", f"u{number}", 1, 1) for number in range(carts.MAX_LINES + 1)]
    with pytest.raises(CartFull):
        carts.save(None, "cart", 1, many, carts.Choice())


def test_someone_elses_saved_address_is_unknown(ana, beto):  # case 82
    saved = beto.act("POST", "/customers/me/addresses", {"text": "Carrera 7 # 1-2"}).json()

    assert code_of(ana.act("PUT", "/cart/checkout", {"address_id": saved["id"]})) == (404, "address_not_found")
    assert code_of(ana.act("PUT", "/cart/checkout", {"address_id": "x"})) == (404, "address_not_found")


def test_a_payment_method_the_shop_does_not_take_is_refused(ana):
    answer = ana.act("PUT", "/cart/checkout", {"payment_method": "bitcoin"})

    assert code_of(answer) == (422, "unknown_payment_method")


def test_two_kinds_of_address_at_once_are_refused(ana):
    answer = ana.act("PUT", "/cart/checkout", {"address_id": "x", "address_text": "Calle 1"})

    assert code_of(answer) == (422, "invalid_change")


def test_a_token_of_a_customer_who_is_gone_changes_nothing(http, market):
    ghost = Shopper(http, "00000000-0000-7000-8000-000000000000")

    assert code_of(ghost.change({"op": "add", "sku": MILK, "quantity": "1"})) == (404, "customer_not_found")


@pytest.mark.parametrize(
    ("steps", "code"),
    [
        ([], "cart_empty"),
        (["add"], "address_missing"),
        (["add", "address"], "payment_method_missing"),
    ],
)
def test_a_confirmation_needs_goods_an_address_and_a_payment_method(ana, steps, code):
    if "add" in steps:
        ana.add(MILK)
    if "address" in steps:
        ana.act("PUT", "/cart/checkout", {"address_text": "Calle 45 # 12-30"})

    assert code_of(ana.act("POST", "/cart/confirmation")) == (409, code)
