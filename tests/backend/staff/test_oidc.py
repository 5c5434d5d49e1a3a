"""Members sign in by an identity provider that others wrote; it opens what it has proven, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import httpx
import pytest
import time_machine
from oidc_provider_mock import User, run_server_in_thread

from backend.app import create_app
from backend.base import Base
from backend.staff.models import StaffMember, StaffSession
from kernel.config import Settings
from kernel.db import Database
from tests.backend.shopper import KEY, Http, code_of
from tests.backend.staff.conftest import Person

HIRE = Callable[..., Person]
COUNT = Callable[[type[Base]], int]
EMAIL = "agent@laesquina.co"


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    users = [
        User(sub="u-1", claims={"email": EMAIL.upper(), "email_verified": True}),
        User(sub="u-2", claims={"email": EMAIL, "email_verified": True}),
        User(sub="unverified", claims={"email": EMAIL, "email_verified": False}),
        User(sub="unsaid", claims={"email": EMAIL}),
        User(sub="stranger", claims={"email": "eve@example.org", "email_verified": True}),
        User(sub="nameless", claims={}),
    ]
    with run_server_in_thread(user_claims=users) as server:
        yield f"http://127.0.0.1:{server.server_port}"


@pytest.fixture
def settings(database_url: str, tmp_path: Path, provider: str) -> Settings:
    return Settings.model_validate(
        {
            "COMANDA_HOME": tmp_path,
            "DATABASE_URL": database_url,
            "COMANDA_SECRET": KEY,
            "COMANDA_OIDC_ISSUER": provider,
            "COMANDA_OIDC_CLIENT_ID": "comanda",
            "COMANDA_OIDC_CLIENT_SECRET": "hush",
        }
    )


def begin(http: Http) -> tuple[str, str]:
    began = http.request("POST", "/staff/oidc/starts").json()
    return began["address"], began["binding"]


def consent(address: str, sub: str) -> dict[str, str]:
    """What the provider sends the browser back with, once this person has said yes there."""
    answer = httpx.post(address, data={"sub": sub})
    assert answer.status_code in (302, 303), answer.text
    return {name: values[0] for name, values in parse_qs(urlparse(answer.headers["location"]).query).items()}


def finish(http: Http, binding: str, back: dict[str, str], more: dict[str, str] | None = None) -> httpx.Response:
    body = {"binding": binding, "state": back["state"], "code": back["code"]} | (more or {})
    return http.request("POST", "/staff/oidc/sessions", json=body)


def sign_in(http: Http, sub: str) -> httpx.Response:
    address, binding = begin(http)
    return finish(http, binding, consent(address, sub))


def test_the_way_there_asks_for_an_answer_that_only_this_browser_can_use(http: Http, provider: str) -> None:
    first, second = (parse_qs(urlparse(begin(http)[0]).query) for _ in range(2))
    assert begin(http)[0].startswith(f"{provider}/oauth2/authorize?")
    assert first["redirect_uri"] == ["http://127.0.0.1:8080/console/signin/oidc/back"]
    assert (first["response_type"], first["code_challenge_method"]) == (["code"], ["S256"])
    assert first["scope"] == ["openid email profile"]
    for name in ("state", "nonce", "code_challenge"):
        assert len(first[name][0]) >= 43
        assert first[name] != second[name]


def test_a_member_signs_in_whose_address_the_provider_verified(http: Http, hire: HIRE) -> None:
    agent = hire("agent")
    answer = sign_in(http, "u-1")
    assert (answer.status_code, answer.json()["role"]) == (201, "agent")
    signed_in = Person(http, agent.id, answer.json()["token"])
    assert len(signed_in.get("/staff/sessions").json()) == 2


@pytest.mark.parametrize("sub", ["unverified", "unsaid", "stranger", "nameless"])
def test_whoever_is_not_proven_to_be_a_member_is_refused_alike(
    http: Http, hire: HIRE, count_rows: COUNT, sub: str
) -> None:  # case 91
    hire("agent")
    before = count_rows(StaffSession), count_rows(StaffMember)
    assert code_of(sign_in(http, sub)) == (401, "sign_in_refused")
    assert (count_rows(StaffSession), count_rows(StaffMember)) == before


def test_who_left_does_not_come_in_that_way(http: Http, hire: HIRE) -> None:  # case 91
    boss, agent = hire("admin"), hire("agent")
    boss.does("PATCH", f"/staff/members/{agent.id}", {"is_active": False})
    assert code_of(sign_in(http, "u-1")) == (401, "sign_in_refused")


def test_an_address_that_became_someone_elses_opens_nothing(http: Http, hire: HIRE) -> None:  # case 89
    hire("agent")
    assert sign_in(http, "u-1").status_code == 201
    assert code_of(sign_in(http, "u-2")) == (401, "sign_in_refused")


def test_an_answer_is_good_for_the_browser_that_asked_and_once(http: Http, hire: HIRE) -> None:  # case 91
    hire("agent")
    address, binding = begin(http)
    other = begin(http)[1]
    back = consent(address, "u-1")
    for wrong in ({"binding": other}, {"binding": "x"}, {"binding": f"9{binding}"}, {"state": "x" * 43}):
        assert code_of(finish(http, binding, back, wrong)) == (401, "sign_in_refused")
    assert finish(http, binding, back).status_code == 201
    assert code_of(finish(http, binding, back)) == (401, "sign_in_refused")


def test_a_code_of_another_sign_in_is_refused_by_its_nonce(http: Http, hire: HIRE) -> None:  # case 91
    hire("agent")
    mine, theirs = begin(http), begin(http)
    code, state = consent(theirs[0], "u-1")["code"], consent(mine[0], "u-1")["state"]
    assert code_of(finish(http, mine[1], {"code": code, "state": state})) == (401, "sign_in_refused")


def test_whoever_takes_too_long_begins_again(http: Http, hire: HIRE) -> None:
    hire("agent")
    address, binding = begin(http)
    back = consent(address, "u-1")
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=10, seconds=1), tick=False):
        assert code_of(finish(http, binding, back)) == (401, "sign_in_refused")


def test_a_provider_that_does_not_answer_is_said_so(settings: Settings, database: Database) -> None:
    settings.oidc_issuer = "http://127.0.0.1:9"
    with Http(create_app(settings, database)) as http:
        assert code_of(http.request("POST", "/staff/oidc/starts")) == (503, "oidc_unavailable")


def test_a_shop_without_a_provider_has_no_such_way(settings: Settings, database: Database) -> None:
    settings.oidc_issuer = ""
    with Http(create_app(settings, database)) as http:
        assert code_of(http.request("POST", "/staff/oidc/starts")) == (404, "oidc_not_configured")


def test_settings_that_the_provider_does_not_know_are_not_the_persons_fault(
    settings: Settings, database: Database, hire: HIRE, monkeypatch: pytest.MonkeyPatch
) -> None:
    hire("agent")
    with Http(create_app(settings, database)) as http:
        monkeypatch.setattr(http.app.state.oidc, "_secret", "")
        assert code_of(sign_in(http, "u-1")) == (503, "oidc_unavailable")
