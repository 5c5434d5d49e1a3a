"""Settings that are read from the environment, and refused when they mean nothing."""

from datetime import time

import pytest
from pydantic import ValidationError

from kernel.config import Settings


def test_quiet_hours_are_read_as_two_times(monkeypatch, tmp_path):
    monkeypatch.setenv("COMANDA_HOME", str(tmp_path))
    monkeypatch.setenv("COMANDA_QUIET_HOURS", "22:30-06:05")

    assert Settings().quiet_between == (time(22, 30), time(6, 5))


@pytest.mark.parametrize("wrong", ["", "night", "21:00", "25:00-07:00", "21:00-07:60", "21:00 - 07:00"])
def test_quiet_hours_that_are_none_are_refused(monkeypatch, tmp_path, wrong):
    monkeypatch.setenv("COMANDA_HOME", str(tmp_path))
    monkeypatch.setenv("COMANDA_QUIET_HOURS", wrong)

    with pytest.raises(ValidationError, match="COMANDA_QUIET_HOURS"):
        Settings()
