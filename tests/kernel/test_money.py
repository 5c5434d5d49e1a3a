from decimal import Decimal

import pytest

from kernel.money import Money, format_money, round_half_away, tax_included


@pytest.mark.parametrize(
    ("money", "locale", "shown"),
    [
        (Money(1_230_000, "COP"), "es_CO", "$12.300"),
        (Money(1_230_000, "COP"), "en_US", "$12,300"),
        (Money(1999, "USD"), "en_US", "$19.99"),
        (Money(-500_000, "COP"), "es_CO", "-$5.000"),
        (Money(0, "COP"), "es_CO", "$0"),
    ],
)
def test_money_is_shown_as_people_write_it(money, locale, shown):  # case 133
    assert format_money(money, locale) == shown


@pytest.mark.parametrize(("value", "rounded"), [("0.5", 1), ("-0.5", -1), ("1.5", 2), ("2.4999", 2), ("-2.5", -3)])
def test_halves_are_rounded_away_from_zero(value, rounded):
    assert round_half_away(Decimal(value)) == rounded


def test_tax_is_taken_out_of_an_inclusive_price():
    assert tax_included(11_900, Decimal("0.19")) == 1_900
    assert tax_included(10_500, Decimal("0.05")) == 500
    assert tax_included(10_000, Decimal("0")) == 0


def test_a_float_is_not_money():  # case 133
    with pytest.raises(AssertionError):
        Money(19.99, "USD")  # type: ignore[arg-type]


def test_two_currencies_are_never_added():  # case 137
    with pytest.raises(AssertionError):
        Money(1, "COP") + Money(1, "USD")
