"""Ids say when they were made."""

from __future__ import annotations

from datetime import timedelta

from kernel.ids import least_of_the_last, new_id


def test_an_id_is_above_the_least_of_its_time_and_below_that_of_the_time_after() -> None:
    before = new_id()

    assert least_of_the_last(timedelta(minutes=5)) < before
    assert before < least_of_the_last(timedelta(minutes=-1))
    assert len(least_of_the_last(timedelta())) == len("01a2218f-9d01")
