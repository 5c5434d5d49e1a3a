"""The shop's discounts, as those who sell put them up."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import httpx
import pytest

from tests.backend.invoicing.conftest import bill, credit
from tests.backend.shopper import Http, Market, staff_as

__all__ = ["bill", "credit"]


class Offers:
    def __init__(self, http: Http) -> None:
        self.http = http
        self._keys = count(1)

    def act(self, method: str, path: str, body: Any = None, role: str = "sales") -> httpx.Response:
        headers = staff_as(role) | {"Idempotency-Key": f"offer:{next(self._keys)}"}
        return self.http.request(method, f"/staff{path}", json=body, headers=headers)

    def put(self, code: str, **given: Any) -> httpx.Response:
        body = {"name_es": f"Cupón {code}", "name_en": f"Coupon {code}"} | given
        kind = "percentage" if "percent" in given else "amount"
        return self.act("PUT", f"/discounts/{code}", {"kind": kind} | body)

    def look(self, code: str) -> dict[str, Any]:
        listed = self.http.request("GET", "/staff/discounts", headers=staff_as("sales")).json()
        return next(each for each in listed if each["code"] == code)


@pytest.fixture
def offers(http: Http, market: Market) -> Offers:
    return Offers(http)


@pytest.fixture
def put(offers: Offers) -> Callable[..., dict[str, Any]]:
    def make(code: str, **given: Any) -> dict[str, Any]:
        answer = offers.put(code, **given)
        assert answer.status_code == 200, answer.text
        done: dict[str, Any] = answer.json()
        return done

    return make
