"""How long the aging of receivables takes, over a hundred thousand open invoices, on both kinds of database.

The invoices of a thousand customers are written past the workflows, as they would have come over half a year: every
tenth is paid in part, every twentieth credited in part, and a tenth as many again are paid in full.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Table, insert
from sqlalchemy.orm import Session

from backend import migrations
from backend.base import table_of
from backend.carts.models import Cart
from backend.customers.models import Customer
from backend.invoicing.models import Invoice
from backend.orders.models import Order
from backend.payments.models import Settlement
from backend.workflows import age_receivables
from bench.databases import KINDS, Databases
from bench.figures import Figure, percentile
from kernel.db import Database

OPEN, PAID, CUSTOMERS = 100_000, 10_000, 1_000
RUNS = 15
MS_MOST = 300
ZONE = "America/Bogota"
TODAY, DAYS = date(2026, 11, 26), 180
NOW = datetime(2026, 11, 26, tzinfo=UTC)
TOTAL_MINOR, PART_MINOR = 4_500_000, 500_000
_PARTY = {"name": "Consumidor final", "tax_id": "222222222222", "email": None, "address": "Calle 45 # 12-30, Bogotá"}
Row = dict[str, Any]


def measure() -> list[Figure]:
    return [figure for kind in KINDS for figure in _measure(kind)]


def _measure(kind: str) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory(prefix="comanda-bench-") as folder, KINDS[kind](Path(folder)) as databases:
        database = _filled(databases)
        try:
            asks: dict[str, Callable[[Session], object]] = {
                "all of it": lambda session: age_receivables.aging(session, TODAY, ZONE),
                "by customer": lambda session: age_receivables.aging_by_customer(session, TODAY, ZONE, 200),
            }
            for name, ask in asks.items():
                taken_ms = [_taken_ms(database, ask) for _ in range(RUNS)]
                yield Figure(f"{kind}, {OPEN:,} open, {name}: p95", percentile(taken_ms, 95), "ms", at_most=MS_MOST)
        finally:
            database.dispose()


def _taken_ms(database: Database, ask: Callable[[Session], object]) -> float:
    with database.read() as session:
        start = time.perf_counter()
        found = ask(session)
        taken = time.perf_counter() - start
    assert found, "there is something open"
    return taken * 1000


def _filled(databases: Databases) -> Database:
    url = databases.create("receivables")
    migrations.upgrade(url)
    database = Database(url)
    with database.write() as session:
        _write(session, Customer, ({"id": f"customer-{n}", "created_at": NOW} for n in range(CUSTOMERS)))
        _write(session, Cart, (_cart(n) for n in range(CUSTOMERS)))
        _write(session, Order, (_order(n) for n in range(CUSTOMERS)))
        _write(session, Invoice, (_document(n, "invoice") for n in range(OPEN + PAID)))
        _write(session, Invoice, (_document(n, "credit_note", corrects=n) for n in range(0, OPEN, 20)))
        _write(session, Settlement, (_settlement(n, PART_MINOR) for n in range(0, OPEN, 10)))
        _write(session, Settlement, (_settlement(n, TOTAL_MINOR) for n in range(OPEN, OPEN + PAID)))
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        # A database that runs for a while has done so itself.
        connection.exec_driver_sql("ANALYZE" if database.is_sqlite else "VACUUM ANALYZE")
    return database


def _write(session: Session, model: Any, rows: Iterator[Row]) -> None:
    table: Table = table_of(model)
    session.connection().execute(insert(table), list(rows))


def _cart(number: int) -> Row:
    return {
        "id": f"cart-{number}",
        "customer_id": f"customer-{number}",
        "status": "ordered",
        "version": 1,
        "changed_at": NOW,
    }


def _order(number: int) -> Row:
    amounts = {"subtotal_minor": TOTAL_MINOR, "tax_minor": 0, "delivery_fee_minor": 0, "total_minor": TOTAL_MINOR}
    return amounts | {
        "id": f"order-{number}",
        "number": f"PED-{number}",
        "customer_id": f"customer-{number}",
        "cart_id": f"cart-{number}",
        "cart_version": 1,
        "status": "confirmed",
        "version": 1,
        "currency": "COP",
        "address": _PARTY["address"],
        "payment_method": "customer_credit",
        "delivery": "delivery",
        "placed_at": NOW,
    }


def _document(number: int, kind: str, corrects: int | None = None) -> Row:
    """Issued on one day after the other, due thirty days later; ids are spread as real ones are."""
    issued_on = TODAY - timedelta(days=number % DAYS)
    total_minor = TOTAL_MINOR if corrects is None else PART_MINOR
    return {
        "id": f"{kind}-{number * 7919 % 1_000_003:07d}-0000-0000-0000",
        "kind": kind,
        "number": f"{kind}-{number}",
        "sequence": number + 1,
        "cause": f"{kind}:{number}",
        "order_id": f"order-{number % CUSTOMERS}",
        "customer_id": f"customer-{number % CUSTOMERS}",
        "corrects_id": None if corrects is None else _document(corrects, "invoice")["id"],
        "currency": "COP",
        "subtotal_minor": total_minor,
        "delivery_minor": 0,
        "tax_minor": 0,
        "withheld_minor": 0,
        "total_minor": total_minor,
        "payable_minor": total_minor,
        "seller": _PARTY,
        "buyer": _PARTY,
        "payment_method": "customer_credit",
        "issued_at": NOW,
        "issued_on": issued_on,
        "due_on": issued_on + timedelta(days=30),
    }


def _settlement(number: int, amount_minor: int) -> Row:
    return {
        "id": f"settlement-{number}",
        "invoice_id": _document(number, "invoice")["id"],
        "kind": "balance",
        "amount_minor": amount_minor,
        "who": "bench",
        "settled_at": NOW - timedelta(days=number % 90 + 1),
    }
