"""How quantities, prices, lines and dates are written in the customer's language."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.lists import format_list

from actions.questions import Option
from backend.schemas.base import Money, Words
from backend.schemas.catalog import Variant
from backend.schemas.shop import PaymentMethod, Shop
from kernel import clock, quantities
from kernel.money import format_money
from kernel.quantities import PIECES

# An English reader in a Spanish-speaking shop still reads its currency, but English separators.
_ENGLISH = "en_US"
_WEEK_DAYS = 7


class Line(Protocol):
    """A line of a cart or of an order."""

    sku: str
    names: Words
    quantity: str
    unit: str
    unit_name: Words
    total: Money


def locale(shop: Shop, language: str) -> str:
    return shop.locale if shop.locale.startswith(language) else _ENGLISH


def money(amount: Money, shop: Shop, language: str) -> str:
    return format_money(amount.value, locale(shop, language))


def words(text: Words, language: str) -> str:
    return text.en if language == "en" else text.es


def payment_name(methods: Iterable[PaymentMethod], code: str, language: str) -> str:
    """The customer's word for a way of paying, or its code when the shop no longer offers it."""
    return next((words(method.name, language) for method in methods if method.code == code), code)


def amount(quantity: str, unit: str, unit_name: Words, language: str) -> str:
    """ "3 cajas de", "2 boxes of", or just "3 ×" for things that come by the piece."""
    return quantities.amount(quantity, unit, words(unit_name, language), language)


def line(item: Line, shop: Shop, language: str) -> str:
    what = amount(item.quantity, item.unit, item.unit_name, language)
    return f"• {what} {words(item.names, language)}: {money(item.total, shop, language)}"


def lines(items: Iterable[Line], shop: Shop, language: str) -> str:
    return "\n".join(line(item, shop, language) for item in items)


def price(variant: Variant, shop: Shop, language: str) -> str:
    """ "$4.500", with the unit it is for unless that goes without saying; "$4.500 + IVA" where tax comes on top."""
    shown = money(variant.price, shop, language)
    unit = variant.price_unit
    if unit not in PIECES and unit.lower() not in variant.name.lower():
        shown = f"{shown} / {unit}"
    return f"{shown} + {'VAT' if language == 'en' else 'IVA'}" if variant.tax_on_top else shown


def product_option(item: Variant | Line, language: str) -> Option:
    """A product to choose, findable by its name in either language."""
    return Option(item.sku, words(item.names, language), f"{item.names.es} {item.names.en}")


def numbered(options: Iterable[Option], notes: dict[str, str]) -> str:
    """The choices as text, so that "2" can be answered where buttons do not show. `notes` by option value."""
    return "\n".join(f"{position}. {_noted(option, notes)}" for position, option in enumerate(options, start=1))


def bulleted(options: Iterable[Option], notes: dict[str, str]) -> str:
    """What is told of and not asked about: no number stands for any of it. `notes` by option value."""
    return "\n".join(f"• {_noted(option, notes)}" for option in options)


def _noted(option: Option, notes: dict[str, str]) -> str:
    note = notes.get(option.value)
    return option.title + (f" · {note}" if note else "")


def listed(parts: Sequence[str], language: str) -> str:
    """ "A, B y C"."""
    return str(format_list(parts, locale=language))


def moment(instant: datetime, shop: Shop, language: str) -> str:
    """A day and an hour in the shop's own zone."""
    return str(
        format_datetime(
            instant, "d MMM, h:mm a", tzinfo=ZoneInfo(shop.time_zone), locale="en" if language == "en" else "es_CO"
        )
    )


def full_day(on: date, language: str) -> str:
    """ "jueves 3 de diciembre", "Thursday, December 3"."""
    pattern = "EEEE, MMMM d" if language == "en" else "EEEE d 'de' MMMM"
    return str(format_date(on, pattern, locale="en" if language == "en" else "es_CO"))


def short_day(on: date, language: str) -> str:
    """ "jue 3 dic", "Thu Dec 3": where there is little room."""
    return str(
        format_date(on, "EEE MMM d" if language == "en" else "EEE d MMM", locale="en" if language == "en" else "es_CO")
    )


def day(on: date, shop: Shop, language: str) -> str:
    """A day as an answer says it: "hoy", "mañana", "el jueves" within the week, else with its date."""
    ahead = (on - today(shop)).days
    if ahead in (0, 1):
        return (("today", "tomorrow") if language == "en" else ("hoy", "mañana"))[ahead]
    if 0 < ahead < _WEEK_DAYS:
        weekday = format_date(on, "EEEE", locale="en" if language == "en" else "es_CO")
    else:
        weekday = full_day(on, language)
    return f"on {weekday}" if language == "en" else f"el {weekday}"


def today(shop: Shop) -> date:
    """The day it is in the shop's own zone."""
    return clock.now().astimezone(ZoneInfo(shop.time_zone)).date()
