"""What tests of staff share: members of a role each, a clock, and the way in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
import pytest
import time_machine

from backend.staff import service as staff
from kernel.db import Database
from tests.backend.shopper import Http

PASSWORD = "correct horse battery"
NOON = datetime(2026, 11, 2, 17, tzinfo=UTC)


@dataclass
class Person:
    """Someone who works here, signed in."""

    http: Http
    id: str
    token: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def get(self, path: str, **more: str) -> httpx.Response:
        return self.http.request("GET", path, headers=self.headers | more)

    def does(self, method: str, path: str, body: Any = None, key: str | None = None) -> httpx.Response:
        headers = self.headers | {"Idempotency-Key": key or str(uuid4())}
        return self.http.request(method, path, headers=headers, json=body)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def hire(database: Database, http: Http) -> Callable[..., Person]:
    """A new member with this role, signed in over HTTP."""

    def hire(role: str, name: str = "") -> Person:
        name = name or role
        with database.write() as session:
            member = staff.add_member(session, f"{name}@laesquina.co", name.title(), role, PASSWORD)
        return Person(http, member.id, enter(http, f"{name}@laesquina.co"))

    return hire


def enter(http: Http, email: str) -> str:
    answer = http.request("POST", "/staff/sessions", json={"email": email, "password": PASSWORD, "device": "Firefox"})
    assert answer.status_code == 201, answer.text
    token: str = answer.json()["token"]
    return token
