"""Finance at the API, and the books as they stand."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import httpx
import pytest

from backend.ledger import service as ledger
from kernel.db import Database
from tests.backend.invoicing.conftest import bill, credit
from tests.backend.payments.at_provider import number, online
from tests.backend.shopper import Http, staff_as

__all__ = ["bill", "credit", "number", "online"]


class Finance:
    def __init__(self, http: Http) -> None:
        self.http, self.headers = http, staff_as("finance")
        self._keys = count(1)

    def get(self, path: str) -> Any:
        return self.http.request("GET", f"/staff{path}", headers=self.headers).json()

    def post(self, path: str, body: Any, *, key: str | None = None, method: str = "POST") -> httpx.Response:
        headers = self.headers | {"Idempotency-Key": key or f"f:{next(self._keys)}"}
        return self.http.request(method, f"/staff{path}", json=body, headers=headers)

    def pay(self, number: str, amount_minor: int, method: str = "bank_transfer", **given: Any) -> dict[str, Any]:
        key = given.pop("key", None)
        body = {"method": method, "amount_minor": amount_minor, "currency": "COP"} | given
        answer = self.post(f"/orders/{number}/payments", body, key=key)
        assert answer.status_code == 201, answer.text
        paid: dict[str, Any] = answer.json()
        return paid

    def due(self, number: str) -> int:
        amount: int = self.get(f"/orders/{number}/payments")["due"]["amount_minor"]
        return amount

    def balance(self, customer_id: str) -> int:
        amount: int = self.get(f"/customers/{customer_id}/balance")["balance"]["amount_minor"]
        return amount


@pytest.fixture
def finance(http: Http) -> Finance:
    return Finance(http)


@pytest.fixture
def books(database: Database) -> Callable[[], dict[str, int]]:
    """Every account that is not at zero, in minor units, positive on its own side."""

    def look() -> dict[str, int]:
        with database.read() as session:
            return {line.code: line.balance_minor for line in ledger.trial_balance(session) if line.balance_minor}

    return look
