"""What the cash end costs: an invoice with its files, and a payment, beside the bare SQL of the same payment.

Per database, in one process and one after the other: every order is invoiced (the transaction, the PDF, the XML, and
keeping both), then paid. The payments' SQL is recorded and played again on a copy without our code.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from backend.orders import service as orders
from backend.orders.service import FullOrder
from backend.workflows.issue_invoice import Leaving, issue_invoice
from backend.workflows.make_invoice_files import make_invoice_files
from backend.workflows.record_payment import record_payment
from bench.confirmed_carts import confirmed_carts, placed_in_turn
from bench.databases import KINDS
from bench.figures import Figure, percentile
from bench.orders import bench_settings
from bench.sql_tape import Tape, play, recorded
from kernel.db import Database

ORDERS, WARM_UP = 110, 10
INVOICE_P95_MS_MOST = 150


def measure() -> list[Figure]:
    return [figure for kind in KINDS for figure in _measure(kind)]


def _measure(kind: str) -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="comanda-cash-") as name, KINDS[kind](Path(name)) as databases:
        settings = bench_settings(Path(name), databases.create("origin"))
        carts = confirmed_carts(settings, ORDERS)
        database = Database(settings.database_url)
        numbers = [order.number for order in placed_in_turn(settings, database, carts)]
        invoiced_ms = [_invoice(database, number) for number in numbers][WARM_UP:]
        database.dispose()
        paid, tapes = Database(databases.copy("origin", "paid")), []
        with recorded(paid.engine) as tape:
            for number in numbers:
                _pay(paid, number)
                tapes.append(tuple(tape))
                tape.clear()
        paid.dispose()
        again = Database(databases.copy("origin", "again"))
        ours_s = [_timed(_pay, again, number) for number in numbers][WARM_UP:]
        again.dispose()
        bare_s = _play(databases.copy("origin", "bare"), tapes)
    ours, bare = 1 / statistics.median(ours_s), 1 / statistics.median(bare_s)
    return [
        Figure(f"{kind}: an invoice, with PDF and XML, median", statistics.median(invoiced_ms), "ms"),
        Figure(
            f"{kind}: an invoice, with PDF and XML, p95", percentile(invoiced_ms, 95), "ms", at_most=INVOICE_P95_MS_MOST
        ),
        Figure(f"{kind}: payments recorded, one after the other", ours, "/s"),
        Figure(f"{kind}: bare SQL of a payment ({len(tapes[-1])} calls of the driver)", bare, "/s"),
        Figure(f"{kind}: payments, share of bare SQL", 100 * ours / bare, "%"),
    ]


def _invoice(database: Database, number: str) -> float:
    began_at = time.perf_counter()
    with database.write() as session:
        found: FullOrder = orders.find_any(session, number, lock=True)
        leaving = [Leaving(line, line.base_quantity) for line in found.lines]
        issued = issue_invoice(session, found, leaving, f"bench:{number}", "bench")
    make_invoice_files(database, issued.invoice.number)
    return (time.perf_counter() - began_at) * 1000


def _pay(database: Database, number: str) -> None:
    with database.write() as session:
        found = orders.find_any(session, number, lock=True)
        record_payment(
            session,
            found,
            key=f"bench:{number}",
            method="bank_transfer",
            amount_minor=found.order.total_minor,
            reference="bench",
            who="bench",
        )


def _timed(work: Callable[..., None], *given: Any) -> float:
    began_at = time.perf_counter()
    work(*given)
    return time.perf_counter() - began_at


def _play(url: str, tapes: Sequence[Tape]) -> list[float]:
    database = Database(url)
    pooled = database.engine.raw_connection()
    try:
        connection = pooled.driver_connection
        assert connection is not None, "the pool gave one"
        return [_timed(play, connection, tape) for tape in tapes][WARM_UP:]
    finally:
        pooled.close()
        database.dispose()
