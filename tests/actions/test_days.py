"""The day that is named in a sentence."""

from __future__ import annotations

from datetime import date

import pytest

from actions.days import read_day
from actions.words import plain

THURSDAY = date(2026, 11, 26)


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("te pago el viernes", date(2026, 11, 27)),
        ("te pago el próximo jueves", date(2026, 12, 3)),
        ("les pago mañana", date(2026, 11, 27)),
        ("pago hoy", THURSDAY),
        ("mañana por la mañana", date(2026, 11, 27)),
        ("pasado mañana te consigno", date(2026, 11, 28)),
        ("en 3 días", date(2026, 11, 29)),
        ("dentro de una semana", date(2026, 12, 3)),
        ("en quince días", date(2026, 12, 11)),
        ("el 5 de diciembre", date(2026, 12, 5)),
        ("el 5 de enero", date(2027, 1, 5)),
        ("el 30", date(2026, 11, 30)),
        ("el 15 te pago", date(2026, 12, 15)),
        ("5/12", date(2026, 12, 5)),
        ("a fin de mes", date(2026, 11, 30)),
        ("la próxima semana", date(2026, 12, 4)),
        ("I'll pay on Friday", date(2026, 11, 27)),
        ("next Monday", date(2026, 11, 30)),
        ("tomorrow", date(2026, 11, 27)),
        ("the day after tomorrow", date(2026, 11, 28)),
        ("in two weeks", date(2026, 12, 10)),
        ("on December 5th", date(2026, 12, 5)),
        ("on the 3rd", date(2026, 12, 3)),
        ("by the end of the month", date(2026, 11, 30)),
        ("next week", date(2026, 12, 4)),
    ],
)
def test_a_day_is_read(said: str, day: date) -> None:
    assert read_day(plain(said), THURSDAY) == day


@pytest.mark.parametrize("said", ["quiero pagar", "el 40", "31 de abril", "pago por la mañana", "15/15", "2 leches"])
def test_where_none_is_named_none_is_read(said: str) -> None:
    assert read_day(plain(said), THURSDAY) is None
