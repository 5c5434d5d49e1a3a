"""What is found in a message beside its order lines, and under which intent it is looked for."""

from __future__ import annotations

import pytest

from nlu.addresses import find_address
from nlu.entities import find_entities
from nlu.language_names import find_language_name
from nlu.options import find_option
from nlu.order_numbers import find_order_numbers
from nlu.payment_methods import find_payment_method


def values(text: str, intent: str | None, language: str = "es") -> dict[str, object]:
    return {entity.entity: entity.value for entity in find_entities(text, language, intent)}


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("dónde está PED-10023", "PED-10023"),
        ("ped 10023", "PED-10023"),
        ("cancela el pedido 10023", "PED-10023"),
        ("pedido número 10023", "PED-10023"),
        ("la orden #10023 no llega", "PED-10023"),
        ("#10023", "PED-10023"),
        ("10023", "PED-10023"),
        ("order no. 10023", "PED-10023"),
        ("where is order number 10023?", "PED-10023"),
        ("PED10023", "PED-10023"),
        ("el pedido PED-10023 va tarde", "PED-10023"),
    ],
)
def test_an_order_number_is_found_however_it_is_written(text: str, number: str) -> None:
    assert [found for found, _, _ in find_order_numbers(text)] == [number]


@pytest.mark.parametrize(
    "text",
    [
        "2 panes",
        "calle 45 #120-34",
        "cra 15 # 100",
        "1000000 de panes",
        "mi teléfono es 3001234567",
        "$10000",
        "10.000",
    ],
)
def test_other_figures_are_no_order_number(text: str) -> None:
    assert find_order_numbers(text) == []


def test_an_order_number_knows_its_place() -> None:
    text = "y el pedido 10023 qué?"

    (_, start, end) = find_order_numbers(text)[0]

    assert text[start:end] == "pedido 10023"


@pytest.mark.parametrize(
    ("text", "option"),
    [
        ("2", 2), ("la segunda", 2), ("el primero", 1), ("la tercera porfa", 3), ("the second one", 2), ("third", 3),
        ("la última", -1), ("the last one", -1), ("opción 4", 4), ("number three", 3), ("la dos", 2), ("#2", 2),
        ("la 2da", 2), ("el décimo", 10),
    ],
)  # fmt: skip
def test_a_choice_is_found_by_figure_word_or_ordinal(text: str, option: int) -> None:
    found = find_option(text)

    assert found is not None
    assert found[0] == option


@pytest.mark.parametrize("text", ["hola", "", "la grande", "1000"])
def test_no_choice_is_found_where_none_is_named(text: str) -> None:
    assert find_option(text) is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("en efectivo", "cash_on_delivery"),
        ("pago contra entrega", "cash_on_delivery"),
        ("cash please", "cash_on_delivery"),
        ("cuando llegue le pago", "cash_on_delivery"),
        ("por Nequi", "nequi"),
        ("con tarjeta de crédito", "card_on_delivery"),
        ("traiga el datáfono", "card_on_delivery"),
        ("by card", "card_on_delivery"),
        ("transferencia bancaria", "bank_transfer"),
        ("bank transfer", "bank_transfer"),
        ("por daviplata", "bank_transfer"),
        ("por pse", "online"),
        ("pago en línea", "online"),
        ("I'll pay online", "online"),
        ("con un cheque", "cheque"),
        ("by money order", "cheque"),
        ("fiado", "customer_credit"),
        ("a crédito", "customer_credit"),
        ("on credit please", "customer_credit"),
        ("tarjeta de crédito", "card_on_delivery"),
    ],
)
def test_a_way_of_paying_is_known_by_its_code(text: str, code: str) -> None:
    found = find_payment_method(text)

    assert found is not None
    assert found[0] == code


def test_no_way_of_paying_is_found_in_an_order() -> None:
    assert find_payment_method("2 panes y una postal") is None
    assert find_payment_method("check out") is None


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("calle 45 # 12-34 apto 301", "calle 45 # 12-34 apto 301"),
        ("mándelo a la carrera 15 #80-20, por favor", "carrera 15 #80-20"),
        ("vivo en la cra 7 # 12-30 torre 2", "cra 7 # 12-30 torre 2"),
        ("av. siempre viva 742", "av. siempre viva 742"),
        ("123 Main Street apt 4", "123 Main Street apt 4"),
    ],
)
def test_an_address_is_found_without_the_words_around_it(text: str, address: str) -> None:
    found = find_address(text)

    assert found is not None
    assert found[0] == address


@pytest.mark.parametrize("text", ["2 panes", "manzana verde 3", "3 manzanas", "quiero pagar", "tr 3x"])
def test_an_order_is_no_address(text: str) -> None:
    assert find_address(text) is None


@pytest.mark.parametrize(
    ("text", "language"), [("en inglés", "en"), ("speak spanish", "es"), ("no English, español por favor", "es")]
)
def test_the_language_asked_for_is_the_last_one_named(text: str, language: str) -> None:
    found = find_language_name(text)

    assert found is not None
    assert found[0] == language


def test_order_lines_are_looked_for_only_where_goods_are_spoken_of() -> None:
    assert "order_line" in values("2 panes", "cart_add")
    assert "order_line" in values("cuánto vale el pan", "product_price")
    assert "order_line" not in values("2 panes", "complaint")
    assert "order_line" not in values("2 panes", "nlu_fallback")


def test_a_choice_is_looked_for_only_where_one_is_made() -> None:
    assert values("la segunda", "option_choose") == {"option": 2}
    assert values("la segunda", "greet") == {}


def test_a_message_with_an_order_and_an_address_gives_both() -> None:
    assert values("2 panes a la calle 45 # 12-34", "cart_add") == {
        "address": "calle 45 # 12-34",
        "order_line": {"quantity": "2", "unit": None, "text": "panes", "quantity_given": True},
    }
