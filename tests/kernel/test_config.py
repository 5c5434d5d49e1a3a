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


GOOD = "Qm7-vT2xYd9_LkB4wZr8NcHs3PgFj6Ae"


def production(**given):
    return Settings.model_validate({"COMANDA_MODE": "production"} | given)


@pytest.mark.parametrize(
    "weak",
    [
        "",
        "short",
        GOOD[:31],
        "s" * 48,
        "abcabcabcabcabcabcabcabcabcabcabcabc",
        "change-me-" * 5,
        "your-secret-key-here-" * 3,
    ],
)
def test_production_is_refused_without_a_strong_secret(weak):  # case 128
    with pytest.raises(ValidationError, match="COMANDA_SECRET must be set to at least 32 random characters") as told:
        production(COMANDA_SECRET=weak)

    assert not weak or f"'{weak}'" not in str(told.value).partition("[type=")[0]


@pytest.mark.parametrize(
    "name", ["STRIPE_API_KEY", "TWILIO_AUTH_TOKEN", "COMANDA_SITE_KEY", "COMANDA_OIDC_CLIENT_SECRET"]
)
def test_production_is_refused_with_a_secret_out_of_an_example(name):  # case 128
    with pytest.raises(ValidationError, match=f"{name} is what examples say"):
        production(COMANDA_SECRET=GOOD, **{name: "your-token-here"})


def test_production_starts_with_a_random_secret_and_a_demo_with_none():  # case 128
    assert production(COMANDA_SECRET=GOOD).mode == "production"
    assert Settings.model_validate({"COMANDA_MODE": "demo"}).is_demo
