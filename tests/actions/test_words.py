"""Comparing what was typed with what a thing is called."""

from __future__ import annotations

import pytest

from actions.words import covers, is_refusal

MILK = "Leche deslactosada larga vida Prado Alto 1 L Lactose-free milk long-life"


@pytest.mark.parametrize(
    "said",
    [
        "deslactosada",
        "la deslactosada porfa",
        "DESLACTOSADA",
        "deslactozada",
        "leches deslactosadas",
        "the lactose-free one",
    ],
)
def test_words_that_all_occur_in_the_name_mean_it(said: str) -> None:
    assert covers(said, MILK)


@pytest.mark.parametrize("said", ["¿cuánto vale la deslactosada?", "deslactosada de 2 L", "entera", "la de", "", "no"])
def test_a_word_that_does_not_occur_means_something_else(said: str) -> None:
    assert not covers(said, MILK)


@pytest.mark.parametrize("said", ["ninguna", "Ninguno, gracias", "no, ninguna de esas", "none of these", "olvídalo"])
def test_a_refusal_of_all_choices_is_understood(said: str) -> None:
    assert is_refusal(said)


@pytest.mark.parametrize("said", ["ninguna leche sin azúcar", "nada más que pan", "no"])
def test_a_refusal_inside_a_longer_wish_is_not_one(said: str) -> None:
    assert not is_refusal(said)
