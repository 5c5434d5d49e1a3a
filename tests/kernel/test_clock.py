from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from kernel import clock

LONG_AGO = datetime(2020, 2, 29, 12, tzinfo=UTC)


def test_the_clock_stands_inside_the_block_and_goes_on_after_it():
    before = clock.now()

    with clock.standing_at(LONG_AGO):
        with clock.standing_at(LONG_AGO + timedelta(days=1)):
            assert clock.now() == LONG_AGO + timedelta(days=1)
        assert clock.now() == LONG_AGO

    assert before <= clock.now() < before + timedelta(minutes=1)


def test_the_clock_goes_on_when_the_block_fails():
    with pytest.raises(RuntimeError), clock.standing_at(LONG_AGO):
        raise RuntimeError

    assert clock.now() > LONG_AGO


def test_it_stands_for_one_thread_alone():
    with clock.standing_at(LONG_AGO), ThreadPoolExecutor(1) as pool:
        assert pool.submit(clock.now).result() > LONG_AGO


def test_a_naive_instant_is_a_bug():
    with pytest.raises(AssertionError), clock.standing_at(datetime(2020, 1, 1)):  # noqa: DTZ001  # that is the bug
        pass
