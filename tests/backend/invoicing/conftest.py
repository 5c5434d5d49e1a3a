"""An order that is placed, and the verbs on it as a desk would call them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from backend.invoicing.service import FullInvoice
from backend.orders import service as orders
from backend.workflows.issue_credit_note import Credit, issue_credit_note
from backend.workflows.issue_invoice import Leaving, issue_invoice
from kernel.db import Database


@pytest.fixture
def bill(database: Database) -> Callable[..., FullInvoice]:
    """`bill("PED-10001", {sku: base units}, cause)`: the invoice for what leaves."""

    def issue(number: str, leaving: dict[str, int], cause: str = "shipment:1") -> FullInvoice:
        with database.write() as session:
            order = orders.find_any(session, number, lock=True)
            parts = [Leaving(line, leaving[line.sku]) for line in order.lines if line.sku in leaving]
            return issue_invoice(session, order, parts, cause, "system")

    return issue


@pytest.fixture
def credit(database: Database) -> Callable[..., FullInvoice]:
    """`credit("FV-1", (position, base units), …, with_delivery=…)`."""

    def issue(number: str, *credits: tuple[int, int], cause: str = "return:1", **given: Any) -> FullInvoice:
        options = {"with_delivery": False, "reason": "Llegó dañado"} | given
        with database.write() as session:
            wanted = [Credit(position, quantity) for position, quantity in credits]
            return issue_credit_note(session, number, wanted, cause=cause, who="staff:1", **options)

    return issue
