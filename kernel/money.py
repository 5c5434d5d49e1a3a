"""Money: integer minor units with a currency, and the one rounding rule."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Self

from babel.numbers import format_currency

# Currencies that people write without the cents that ISO 4217 gives them.
_SHOWN_WITHOUT_CENTS = frozenset({"COP", "CLP", "PYG"})


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """Minor units of an ISO 4217 currency: `Money(1999, "USD")` is $19.99, `Money(500000, "COP")` is 5.000 pesos."""

    amount_minor: int
    currency: str

    def __post_init__(self) -> None:
        assert type(self.amount_minor) is int, "money is an integer of minor units"

    def __add__(self, other: Self) -> Money:
        assert self.currency == other.currency, "two currencies never meet in one sum"
        return Money(self.amount_minor + other.amount_minor, self.currency)

    def __sub__(self, other: Self) -> Money:
        assert self.currency == other.currency, "two currencies never meet in one sum"
        return Money(self.amount_minor - other.amount_minor, self.currency)

    def times(self, factor: Decimal | int) -> Money:
        """The amount times an exact factor, rounded to the minor unit."""
        return Money(round_half_away(Decimal(self.amount_minor) * factor), self.currency)


def round_half_away(value: Decimal) -> int:
    """Round to an integer, halves away from zero: the only rounding that money knows."""
    return int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def tax_included(gross_minor: int, rate: Decimal) -> int:
    """The tax inside a tax-inclusive amount, rounded: `tax_included(11900, Decimal("0.19")) == 1900`."""
    return round_half_away(Decimal(gross_minor) * rate / (1 + rate))


def tax_on_top(net_minor: int, rate: Decimal) -> int:
    """The tax that comes on top of an amount without it, rounded: `tax_on_top(10000, Decimal("0.19")) == 1900`."""
    return round_half_away(net_minor * rate)


def format_money(money: Money, locale: str = "es_CO") -> str:
    """As people write it in a locale: `$12.300` for COP in es_CO (no cents), `$19.99` for USD in en_US."""
    exponent = 0 if money.currency in _SHOWN_WITHOUT_CENTS else iso_exponent(money.currency)
    value = Decimal(money.amount_minor).scaleb(-iso_exponent(money.currency))
    pattern = "¤#,##0" + ("." + "0" * exponent if exponent else "")
    text = format_currency(value, money.currency, pattern, locale=locale, currency_digits=False)
    # Babel names a foreign currency by code ("COP"); the shop's own customers know it as "$".
    return text.replace("COP", "$").replace("\xa0", " ")


def plain_amount(amount_minor: int, currency: str) -> str:
    """Digits for machines: `plain_amount(1999, "USD") == "19.99"`, `plain_amount(5, "JPY") == "5"`."""
    return f"{Decimal(amount_minor).scaleb(-iso_exponent(currency)):f}"


def iso_exponent(currency: str) -> int:
    """Decimal digits of a currency's minor unit. Source: ISO 4217 (COP has 2, though shops show none)."""
    return _ISO_EXPONENTS.get(currency, 2)


_ISO_EXPONENTS = {
    "CLP": 0, "PYG": 0, "JPY": 0, "KRW": 0, "VND": 0, "ISK": 0, "UGX": 0, "XAF": 0, "XOF": 0,
    "BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3,
}  # fmt: skip
