"""What the lines of a wish mean: one variant, several to choose from, or none that we sell."""

from __future__ import annotations

from typing import Protocol

import pytest

from backend.catalog.index import SearchIndex
from backend.catalog.resolve import Asked, Resolved, resolve


class Ask(Protocol):
    def __call__(self, text: str, quantity: str = "1", unit: str | None = None) -> Resolved: ...


@pytest.fixture
def ask(known: SearchIndex) -> Ask:
    def ask(text: str, quantity: str = "1", unit: str | None = None) -> Resolved:
        return resolve(known, Asked(quantity, unit, text))

    return ask


def skus(resolved: Resolved) -> list[str]:
    return [meant.sku for meant in resolved.found]


@pytest.mark.parametrize(
    ("text", "sku"),
    [
        ("leche entera", "LECHE-ENTERA-1L"),
        ("whole milk", "LECHE-ENTERA-1L"),
        ("Leche entera larga vida Prado Alto 1 L", "LECHE-ENTERA-1L"),
        ("leche-entera-1l", "LECHE-ENTERA-1L"),
        ("la deslactosada", "LECHE-DESLACTOSADA-1L"),
        ("pan tajado integral", "PAN-TAJADO-INTEGRAL-480"),
        ("huevos AA", "HUEVO-AA"),
        ("coca cola 1.5", "GASEOSA-COLA-1.5L"),
        ("tomates", "TOMATE-CHONTO"),
        ("una polita", "CERVEZA-RUBIA-LATA-330"),
    ],
)
def test_a_text_that_names_one_thing_means_it(ask: Ask, text: str, sku: str) -> None:
    assert (ask(text).status, skus(ask(text))) == ("one", [sku])


def test_milk_may_be_several_and_each_is_offered_in_its_usual_size_the_popular_first(ask: Ask) -> None:
    expected = ["LECHE-ENTERA-1L", "LECHE-DESLACTOSADA-1L", "LECHE-DESCREMADA-1L", "LECHE-SEMIDESCREMADA-1L"]
    for text in ("leche", "milk", "lechita", "LECHE"):
        assert (ask(text).status, skus(ask(text))) == ("several", expected)


def test_sliced_bread_may_be_several(ask: Ask) -> None:
    assert skus(ask("pan tajado")) == [
        "PAN-TAJADO-BLANCO-450",
        "PAN-TAJADO-INTEGRAL-480",
        "PAN-TAJADO-MULTIGRANOS-480",
        "PAN-TAJADO-MANTEQUILLA-450",
    ]


def test_sizes_of_a_product_without_a_usual_one_are_asked_about(ask: Ask) -> None:
    assert (ask("arroz").status, skus(ask("arroz"))) == (
        "several",
        ["ARROZ-500", "ARROZ-1KG", "ARROZ-3KG", "ARROZ-5KG"],
    )


def test_there_are_never_more_than_ten_to_choose_from(ask: Ask) -> None:
    assert len(ask("gaseosa").found) == 10


def test_three_boxes_of_whole_milk_are_three_boxes_of_the_one_that_comes_in_boxes(ask: Ask) -> None:
    resolved = ask("leche entera", "3", "caja")
    (milk,) = resolved.found
    assert (resolved.status, milk.sku, milk.quantity, milk.unit) == ("one", "LECHE-ENTERA-1L", "3", "caja")


def test_an_english_unit_becomes_the_variants_own(ask: Ask) -> None:
    assert [(meant.sku, meant.unit) for meant in ask("almond milk", "2", "boxes").found] == [
        ("BEBIDA-ALMENDRAS-1L", "caja")
    ]


def test_a_unit_prefers_the_variants_that_are_sold_in_it(ask: Ask) -> None:
    assert skus(ask("leche", "2", "bolsa")) == ["LECHE-ENTERA-BOLSA-900", "LECHE-DESLACTOSADA-BOLSA-900"]
    assert skus(ask("cerveza", "1", "canasta")) == ["CERVEZA-RUBIA-BOTELLA-330"]


def test_a_unit_said_in_the_text_is_understood(ask: Ask) -> None:
    for text in ("canasta de huevos AA", "huevos AA x30", "huevos aa en cubeta"):
        assert [(meant.sku, meant.quantity, meant.unit) for meant in ask(text).found] == [("HUEVO-AA", "1", "canasta")]


@pytest.mark.parametrize(
    ("quantity", "unit", "text", "meant"),
    [
        ("500", "g", "café molido", ("CAFE-MOLIDO-500", "1", "unidad")),
        ("0.5", "libra", "café molido", ("CAFE-MOLIDO-250", "1", "unidad")),
        ("1", "kilo", "arroz blanco", ("ARROZ-1KG", "1", "kilo")),
        ("2", "libras", "arroz blanco", ("ARROZ-500", "2", "libra")),
        ("0.5", "kilo", "arroz blanco", ("ARROZ-500", "1", "unidad")),
        ("750", "g", "café molido", ("CAFE-MOLIDO-250", "3", "unidad")),
        ("0.5", "kilo", "tomate", ("TOMATE-CHONTO", "0.5", "kilo")),
        ("300", "gramos", "queso costeño", ("QUESO-COSTENO", "300", "g")),
        ("2", "litros", "jugo de naranja", ("JUGO-NARANJA-1L", "2", "litro")),
    ],
)  # case 136
def test_a_measure_is_put_in_packs_of_the_size_that_fits(
    ask: Ask, quantity: str, unit: str, text: str, meant: tuple[str, str, str]
) -> None:
    (found,) = ask(text, quantity, unit).found
    assert (found.sku, found.quantity, found.unit) == meant


def test_a_unit_in_which_it_is_not_sold_is_told_apart(ask: Ask) -> None:
    resolved = ask("leche entera", "1", "arroba")
    assert (resolved.status, skus(resolved), resolved.is_unit_known) == ("one", ["LECHE-ENTERA-1L"], False)
    assert ask("leche entera", "1", "caja").is_unit_known


@pytest.mark.parametrize("text", ["televisor", "leche de cabra", "arroz diana", "jeans", "hola", "quiero una foto"])
def test_what_we_do_not_sell_is_not_taken_for_something_else(ask: Ask, text: str) -> None:
    resolved = ask(text)
    assert resolved.status == "none"
    assert len(resolved.found) <= 3


def test_the_nearest_has_a_word_that_was_said_before_one_that_is_only_like_it(ask: Ask) -> None:
    # "Chula" is nearly "chela", a beer, but it is milk that was asked for.
    assert skus(ask("leche de chula"))[0] == "LECHE-ENTERA-1L"


@pytest.mark.parametrize("quantity", ["0", "-5", "1e9", "muchos", "NaN", "Infinity", ""])
def test_a_senseless_quantity_is_passed_on_for_the_cart_to_refuse(ask: Ask, quantity: str) -> None:
    resolved = ask("leche entera", quantity, "caja")  # case 133
    assert [(meant.sku, meant.quantity) for meant in resolved.found] == [("LECHE-ENTERA-1L", quantity)]


@pytest.mark.parametrize(
    ("text", "sku"),
    [
        ("coca cola de tres litros", "GASEOSA-COLA-3L"),
        ("coke one and a half liters", "GASEOSA-COLA-1.5L"),
        ("papel higiénico por doce", "PAPEL-HIGIENICO-12"),
        ("detergente en polvo de tres kilos", "DETERGENTE-POLVO-3KG"),
    ],
)
def test_a_size_in_words_is_a_condition(ask: Ask, text: str, sku: str) -> None:
    assert (ask(text).status, skus(ask(text))) == ("one", [sku])


def test_a_name_word_for_word_comes_before_its_words_in_another_order(ask: Ask) -> None:
    assert skus(ask("orange juice")) == ["JUGO-NARANJA-1L", "JUGO-NARANJA-2L"]


def test_half_of_what_comes_in_half_bottles_is_one_of_them(ask: Ask) -> None:
    (found,) = ask("aguardiente", "0.5").found
    assert (found.sku, found.quantity, found.unit) == ("AGUARDIENTE-375", "1", "media")
