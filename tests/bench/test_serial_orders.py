"""Whether one serial order explains what was said about a counter."""

from __future__ import annotations

import math

import pytest

from bench.storm import serial
from bench.storm.serial import Step, Undecided, unexplained


def step(name: str, began_s: float, ended_s: float, adds: int = 0, **told: int) -> Step:
    return Step(name, began_s, ended_s, adds, **told)


def name_of(odd: Step | None) -> str | None:
    return odd and odd.name


def test_one_after_the_other_each_sees_what_was_before_it():
    steps = [step("receive", 0, 1, 5, after=15), step("look", 2, 3, before=15), step("ship", 4, 5, -3, after=12)]

    assert unexplained(steps, start=10) is None


def test_who_looks_afterwards_must_see_it():
    steps = [step("receive", 0, 1, 5), step("look", 2, 3, before=10)]

    assert name_of(unexplained(steps, start=10)) == "look"


@pytest.mark.parametrize("seen", [10, 15, 13, 18])
def test_who_looks_meanwhile_may_see_either(seen: int):
    steps = [step("receive", 0, 9, 5), step("another", 1, 9, 3), step("look", 2, 8, before=seen)]

    assert unexplained(steps, start=10) is None


def test_two_who_look_must_see_them_in_one_order():
    """The first has seen only the one, the second, after that, only the other: no order has both."""
    steps = [
        step("receive", 0, 9, 5),
        step("another", 0, 9, 3),
        step("look", 1, 2, before=15),
        step("look again", 3, 4, before=13),
    ]

    assert name_of(unexplained(steps, start=10)) == "look again"


def test_what_nobody_was_told_of_may_come_whenever():
    steps = [step("receive", 0, math.inf, 5), step("look", 1, 2, before=10), step("look later", 8, 9, before=15)]

    assert unexplained(steps, start=10) is None


def test_what_was_seen_once_is_not_taken_back():
    steps = [step("receive", 0, math.inf, 5), step("look", 1, 2, before=15), step("look again", 3, 4, before=10)]

    assert name_of(unexplained(steps, start=10)) == "look again"


def test_nothing_is_taken_that_is_not_there():
    both = [step("order", 0, 9, -1), step("order too", 0, 9, -1)]

    assert name_of(unexplained(both, start=1, lowest=0)) in ("order", "order too")
    assert unexplained([*both, step("receive", 0, 9, 1)], start=1, lowest=0) is None


def test_who_was_told_how_much_there_is_was_not_told_too_much():
    assert unexplained([step("look", 0, 1, at_least=3)], start=3) is None
    assert name_of(unexplained([step("look", 0, 1, at_least=4)], start=3)) == "look"


def test_too_many_orders_are_no_proof(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(serial, "CONFIGURATIONS_MOST", 100)
    steps = [step(str(number), 0, 10 + number, 1 << number) for number in range(12)]

    with pytest.raises(Undecided):
        unexplained([*steps, step("look", 1, 2, before=-1)], start=0)
