"""An order that was delivered, and the shop's people at its counter."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any

import httpx
import pytest

from kernel.vouchers import Vouched, vouch
from tests.backend.payments.conftest import Finance, books, credit, finance, online
from tests.backend.shopper import KEY, Http, Shopper, staff_as
from tests.backend.warehouse import Warehouse

__all__ = ["books", "credit", "finance", "online"]

PHOTO = {"attachment_id": "a-1", "sha256": "0" * 64}


class Desk:
    """Someone of the shop who may do all of it."""

    def __init__(self, http: Http) -> None:
        self.http, self.headers = http, staff_as("admin")
        self._keys = count(1)

    def get(self, path: str) -> Any:
        return self.http.request("GET", f"/staff{path}", headers=self.headers).json()

    def act(self, path: str, body: Any = None, method: str = "POST") -> httpx.Response:
        headers = self.headers | {"Idempotency-Key": f"d:{next(self._keys)}"}
        return self.http.request(method, f"/staff{path}", json=body, headers=headers)

    def step(self, number: str, step: str, **body: Any) -> httpx.Response:
        return self.act(f"/returns/{number}/{step}", body or ({} if step != "accept" else None))

    def done(self, number: str, step: str, **body: Any) -> dict[str, Any]:
        answer = self.step(number, step, **body)
        assert answer.status_code == 200, answer.text
        done: dict[str, Any] = answer.json()
        return done

    def receive(self, number: str, *came: tuple[str, int], **given: Any) -> dict[str, Any]:
        lines = [{"line": line, "quantity": quantity} for line, quantity in came]
        return self.done(number, "receipts", location="CENTRO", lines=lines, **given)

    def inspect(self, number: str, *seen: tuple[str, int, str], supplier: str | None = None) -> dict[str, Any]:
        lines = [
            {"line": line, "quantity": quantity, "disposition": what}
            | ({"supplier": supplier} if what == "back_to_supplier" else {})
            for line, quantity, what in seen
        ]
        return self.done(number, "inspections", location="CENTRO", lines=lines)

    def policy(self, **changed: Any) -> None:
        policy = self.get("/return-policy") | changed
        answer = self.act("/return-policy", policy, method="PUT")
        assert answer.status_code == 200, answer.text

    def resolved(self, number: str, sku: str, quantity: int, disposition: str = "restock", **how: Any) -> Any:
        """From the request to its end, all of one line."""
        self.done(number, "accept")
        self.receive(number, (sku, quantity))
        self.inspect(number, (sku, quantity, disposition))
        return self.done(number, "resolve", **how)


@pytest.fixture
def desk(http: Http) -> Desk:
    return Desk(http)


@pytest.fixture
def delivered(warehouse: Warehouse) -> Callable[..., str]:
    """`delivered(ana, (MILK, "2"), …)`: the number of an order that arrived, in one parcel."""

    def order(shopper: Shopper, *wishes: tuple[str, str]) -> str:
        number: str = shopper.order(*wishes)["number"]
        warehouse.ship_all(f"{number}-1")
        arrive(warehouse, number)
        return number

    return order


def arrive(warehouse: Warehouse, number: str, kind: str = "delivered") -> None:
    for parcel in warehouse.get(f"/{number}-1")["parcels"]:
        answer = warehouse.post(f"shipments/{parcel['number']}/events", {"kind": kind})
        assert answer.status_code in (200, 201), answer.text


def ask(shopper: Shopper, number: str, *lines: tuple[Any, ...], **given: Any) -> httpx.Response:
    """(sku, base units) or (sku, base units, reason)."""
    wanted = [{"line": line[0], "quantity": line[1], "reason": (*line, "not_wanted")[2]} for line in lines]
    for each in wanted:
        if each["reason"] == "damaged":
            file = Vouched(PHOTO["attachment_id"], shopper.id, PHOTO["sha256"], "image/jpeg")
            each["photos"] = [{"voucher": vouch(file, KEY, timedelta(hours=1))}]
    return shopper.act("POST", f"/orders/{number}/returns", {"lines": wanted} | given)


def asked(shopper: Shopper, number: str, *lines: tuple[Any, ...], **given: Any) -> str:
    answer = ask(shopper, number, *lines, **given)
    assert answer.status_code == 201, answer.text
    rma: str = answer.json()["number"]
    return rma


__all__ += ["Finance", "arrive", "ask", "asked"]


@pytest.fixture
def december(http: Http) -> None:
    """The shop's calendar, and its hours for fetching."""
    hours = {"opens_at": "08:00", "cut_off": "14:00", "closes_at": "18:00"}
    short = hours | {"cut_off": "12:00", "closes_at": "13:00"}
    week = [{"weekday": day, **(short if day == 3 else hours)} for day in range(5)]
    closed = {"is_open": False, "name": "Inventario"}
    for path, body in (("week", {"working_days": week}), ("special-days/2026-12-04", closed)):
        headers = staff_as("admin") | {"Idempotency-Key": path}
        answer = http.request("PUT", f"/staff/calendar/{path}", json=body, headers=headers)
        assert answer.status_code == 200, answer.text
