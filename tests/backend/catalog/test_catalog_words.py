"""How the catalog compares words, sizes and units."""

from __future__ import annotations

from decimal import Decimal

import pytest

from backend.catalog.sizes import Size, find_sizes, measure, size_of
from backend.catalog.units import UNITS, codes_of
from backend.catalog.words import MAX_TEXT, fold, singulars, sound, tokens, undiminished


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Piña  ORO-miel", "pina oro miel"),
        ("1,5L", "1.5 l"),
        ("1.500 g", "1500 g"),
        ("lecheeee", "leche"),
        ("pilas AAA", "pilas aaa"),
        ("¿Café?", "cafe"),
        ("ｌｅｃｈｅ", "leche"),
        ("\x00\ud800🥛", ""),
    ],
)
def test_text_is_folded_to_bare_letters_and_numbers(written: str, folded: str) -> None:
    assert fold(written) == folded


def test_only_the_beginning_of_a_very_long_text_is_read() -> None:
    assert len(fold("a b" * 100_000)) <= MAX_TEXT * 2


def test_filler_words_tell_nothing_unless_there_is_nothing_else() -> None:
    assert tokens("me da una leche de la buena por favor") == ["da", "leche"]
    assert tokens("una") == ["una"]


@pytest.mark.parametrize(
    ("plural", "singular"),
    [
        ("panes", "pan"),
        ("huevos", "huevo"),
        ("nueces", "nuez"),
        ("berries", "berry"),
        ("loaves", "loaf"),
        ("gas", "gas"),
    ],
)
def test_a_plural_may_be_of_its_singular(plural: str, singular: str) -> None:
    assert singular in singulars(plural)


def test_short_words_have_no_singular() -> None:
    assert singulars("gas") == ("gas",)


@pytest.mark.parametrize(
    ("diminutive", "word"),
    [
        ("lechita", "leche"),
        ("pancitos", "pan"),
        ("juguito", "jugo"),
        ("arrocito", "arroz"),
        ("cervecita", "cerveza"),
        ("tomatico", "tomate"),
        ("vaquita", "vaca"),
        ("cafecito", "cafe"),
    ],
)
def test_a_diminutive_may_be_of_its_word(diminutive: str, word: str) -> None:
    assert word in undiminished(diminutive)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("keso", "queso"),
        ("guebo", "huevo"),
        ("arros", "arroz"),
        ("sanaoria", "zanahoria"),
        ("mantekiya", "mantequilla"),
    ],
)
def test_words_that_sound_the_same_in_latin_america_are_the_same(one: str, other: str) -> None:
    assert sound(one) == sound(other)


def test_words_that_sound_different_stay_different() -> None:
    assert len({sound(word) for word in ("pan", "pana", "papa", "pera", "queso", "yeso")}) == 6


@pytest.mark.parametrize(
    ("text", "sizes", "rest"),
    [
        ("Leche 1,5L", [Size("ml", Decimal(1500))], "leche"),
        ("arroz de 3 kilos", [Size("g", Decimal(3000))], "arroz de"),
        ("medio litro de jugo", [Size("ml", Decimal(500))], "de jugo"),
        ("litro y medio de cola", [Size("ml", Decimal(1500))], "de cola"),
        ("half a pound of cheese", [Size("g", Decimal(250))], "of cheese"),
        ("huevos x30", [Size("pieces", Decimal(30))], "huevos"),
        ("pañales etapa 3", [], "panales etapa 3"),
    ],
)
def test_sizes_are_found_in_a_text_and_taken_out_of_it(text: str, sizes: list[Size], rest: str) -> None:  # case 136
    assert find_sizes(text) == (sizes, rest)


def test_a_libra_weighs_500_grams() -> None:
    assert measure("libras") == Size("g", Decimal(500))
    assert size_of("500 g") == measure("lb")


def test_a_box_measures_nothing() -> None:
    assert measure("caja") is None
    assert size_of(None) is None


@pytest.mark.parametrize(
    ("word", "code"),
    [("cajas", "caja"), ("Boxes", "caja"), ("lbs", "libra"), ("galón", "galon"), ("six", "sixpack")],
)
def test_unit_words_of_both_languages_are_understood(word: str, code: str) -> None:
    assert codes_of(word)[0] == code


def test_a_word_may_stand_for_several_units_and_a_strange_one_for_none() -> None:
    assert codes_of("tray") == ("canasta", "bandeja")
    assert codes_of("montón") == ()


def test_every_unit_understands_its_own_names() -> None:
    assert [unit.code for unit in UNITS.values() if unit.code not in codes_of(unit.es)] == []
    assert [unit.code for unit in UNITS.values() if unit.code not in codes_of(unit.en)] == []
