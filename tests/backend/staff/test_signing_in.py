"""Who gets in at the staff's door, and who is stopped."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
import time_machine
from argon2 import PasswordHasher
from sqlalchemy import update

from backend.base import Base
from backend.staff import service as staff
from backend.staff.models import SignInAttempt, StaffMember
from backend.staff.service import (
    ATTEMPTS_PER_ACCOUNT,
    ATTEMPTS_PER_ACCOUNT_AND_ADDRESS,
    ATTEMPTS_PER_ADDRESS,
    WINDOW,
)
from kernel import tokens
from kernel.db import Database
from tests.backend.shopper import KEY, Http, code_of

EMAIL, PASSWORD = "dani@laesquina.co", "correct horse battery"
NOON = datetime(2026, 11, 2, 17, tzinfo=UTC)
COUNT = Callable[[type[Base]], int]


@pytest.fixture
def dear_passwords(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Hashed as the product hashes them."""
    monkeypatch.setattr(staff, "_hasher", PasswordHasher())
    staff._nobodys_hash.cache_clear()
    yield
    staff._nobodys_hash.cache_clear()


@pytest.fixture
def dani(database: Database) -> staff.Member:
    with database.write() as session:
        return staff.add_member(session, "Dani@LaEsquina.co", "Daniela Ríos", "agent", PASSWORD)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def try_(http: Http, password: str, email: str = EMAIL, address: str | None = None) -> httpx.Response:
    headers = {"X-Forwarded-For": address} if address else {}
    return http.request("POST", "/staff/sessions", json={"email": email, "password": password}, headers=headers)


def test_the_right_password_opens_a_shift(http: Http, dani: staff.Member) -> None:
    answer = try_(http, PASSWORD, email=" DANI@laesquina.CO ")
    assert answer.status_code == 201
    assert (answer.json()["name"], answer.json()["role"]) == ("Daniela Ríos", "agent")
    principal = tokens.verify(answer.json()["token"], KEY)
    assert (principal.role, principal.subject, principal.grants) == ("staff", dani.id, frozenset({"role:agent"}))


@pytest.mark.usefixtures("dear_passwords")
def test_the_password_itself_is_nowhere_in_the_database(database: Database, dani: staff.Member) -> None:
    with database.read() as session:
        row = session.get_one(StaffMember, dani.id)
        assert row.password_hash.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
        assert PASSWORD not in str(vars(row))


def test_a_wrong_password_an_unknown_account_and_a_closed_one_get_the_same_answer(
    http: Http, database: Database, dani: staff.Member
) -> None:  # case 91
    wrong, unknown = try_(http, "wrong"), try_(http, PASSWORD, email="nobody@laesquina.co")
    with database.write() as session:
        session.execute(update(StaffMember).values(is_active=False))
    closed = try_(http, PASSWORD)
    assert [code_of(answer) for answer in (wrong, unknown, closed)] == [(401, "sign_in_refused")] * 3
    assert wrong.json() == unknown.json() == closed.json()


@pytest.mark.usefixtures("dear_passwords")
def test_an_unknown_account_is_refused_no_faster_than_a_known_one(database: Database, dani: staff.Member) -> None:
    def median_s(email: str) -> float:
        taken = []
        for _ in range(5):
            start = time.process_time()
            with database.read() as session:
                assert not staff.credentials(session, email).prove("wrong")
            taken.append(time.process_time() - start)
        return statistics.median(taken)

    median_s("nobody@laesquina.co")  # the first time makes nobody's hash
    known, unknown = median_s(EMAIL), median_s("nobody@laesquina.co")
    assert unknown > known / 2


def test_after_five_failures_even_the_right_password_has_to_wait(
    http: Http, dani: staff.Member, clock: time_machine.Traveller, count_rows: COUNT
) -> None:  # case 91
    for _ in range(ATTEMPTS_PER_ACCOUNT_AND_ADDRESS):
        assert code_of(try_(http, "wrong")) == (401, "sign_in_refused")
    stopped = try_(http, PASSWORD)
    assert code_of(stopped) == (429, "too_many_sign_ins")
    assert stopped.headers["Retry-After"] == str(int(WINDOW.total_seconds()))
    assert count_rows(SignInAttempt) == ATTEMPTS_PER_ACCOUNT_AND_ADDRESS

    clock.shift(WINDOW)

    assert try_(http, PASSWORD).status_code == 201
    assert count_rows(SignInAttempt) == 0


def test_a_right_password_clears_the_failures_before_it(http: Http, dani: staff.Member, count_rows: COUNT) -> None:
    for _ in range(2):
        for _ in range(ATTEMPTS_PER_ACCOUNT_AND_ADDRESS - 1):
            assert try_(http, "wrong").status_code == 401
        assert try_(http, PASSWORD).status_code == 201
    assert count_rows(SignInAttempt) == 0


def test_failures_from_elsewhere_do_not_lock_the_owner_out(http: Http, dani: staff.Member) -> None:
    for _ in range(ATTEMPTS_PER_ACCOUNT_AND_ADDRESS + 1):
        last = try_(http, "wrong", address="203.0.113.9")
    assert last.status_code == 429
    assert try_(http, PASSWORD, address="198.51.100.7").status_code == 201


def test_one_address_cannot_try_account_after_account(http: Http, dani: staff.Member, database: Database) -> None:
    with database.write() as session:
        for number in range(ATTEMPTS_PER_ADDRESS):
            staff.count_attempt(session, f"guess-{number}@laesquina.co", "203.0.113.9")
    assert code_of(try_(http, PASSWORD, address="203.0.113.9")) == (429, "too_many_sign_ins")


def test_many_addresses_cannot_try_one_account_for_ever(http: Http, dani: staff.Member, database: Database) -> None:
    with database.write() as session:
        for number in range(ATTEMPTS_PER_ACCOUNT):
            staff.count_attempt(session, EMAIL, f"203.0.113.{number}")
    assert code_of(try_(http, PASSWORD, address="198.51.100.7")) == (429, "too_many_sign_ins")


def test_only_the_last_forwarded_address_counts(http: Http, dani: staff.Member) -> None:
    # What stands before it was sent by the caller, who could write a new one for every guess.
    for number in range(ATTEMPTS_PER_ACCOUNT_AND_ADDRESS):
        assert try_(http, "wrong", address=f"192.0.2.{number}, 203.0.113.9").status_code == 401
    assert try_(http, "wrong", address="192.0.2.99, 203.0.113.9").status_code == 429


def test_a_clock_that_goes_back_locks_nobody_out(
    http: Http, dani: staff.Member, clock: time_machine.Traveller
) -> None:  # case 131
    for _ in range(ATTEMPTS_PER_ACCOUNT_AND_ADDRESS):
        try_(http, "wrong")
    clock.shift(timedelta(days=-30))
    assert try_(http, PASSWORD).status_code == 201


@pytest.mark.parametrize("email", ["", "x" * 201, "a\x00@b.co"])
def test_a_senseless_email_is_refused_before_anything_is_written(http: Http, email: str, count_rows: COUNT) -> None:
    assert code_of(try_(http, PASSWORD, email=email)) == (422, "invalid_request")
    assert count_rows(SignInAttempt) == 0


def test_an_email_that_grows_in_lower_case_is_only_a_wrong_one(http: Http, database: Database) -> None:
    assert code_of(try_(http, PASSWORD, email="İ" * 200)) == (401, "sign_in_refused")
