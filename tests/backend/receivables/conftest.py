"""Invoices of an order, money that comes for it, and finance at the API."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from backend.orders import service as orders
from backend.workflows.record_payment import record_payment
from kernel.db import Database
from tests.backend.invoicing.conftest import bill, credit
from tests.backend.shopper import Http, staff_as

__all__ = ["bill", "credit"]


@pytest.fixture
def finance(http: Http) -> Callable[..., Any]:
    """`finance("/staff/receivables")`: the answer."""

    def get(path: str) -> Any:
        return http.request("GET", path, headers=staff_as("finance"))

    return get


@pytest.fixture
def pay(database: Database) -> Callable[[str, int], None]:
    """`pay("PED-10001", 500_000)`: a transfer for the order."""
    keys = count(1)

    def record(number: str, amount_minor: int) -> None:
        with database.write() as session:
            order = orders.find_any(session, number, lock=True)
            record_payment(
                session,
                order,
                key=f"pay:{next(keys)}",
                method="nequi",
                amount_minor=amount_minor,
                reference=None,
                who="staff:1",
            )

    return record
