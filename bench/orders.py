"""How many orders a second can be placed, beside what the machine would allow without our code.

Per database and in one run, in turns: an empty endpoint of the same server (noop), the SQL that `place_order` really
issues (recorded, and played on one connection), and `place_order` itself over HTTP. What a perfect implementation in
this stack could reach is 1 / (1/noop + 1/bare). Our share of that is the figure to look at: it depends on the machine
far less than the others.
"""

from __future__ import annotations

import secrets
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import func, select

from backend.orders.models import Order
from bench.confirmed_carts import ConfirmedCart, confirmed_carts, placed_in_turn
from bench.databases import KINDS, Databases
from bench.figures import Figure, percentile, rate
from bench.http_load import post, send_all
from bench.processes import free_port, listens, process
from bench.sql_tape import Tape, play, recorded
from kernel.config import Settings
from kernel.db import Database

CUSTOMERS = 16
ROUNDS = 5
PER_ROUND = 200
WARM_UP = 50
# What a shop must be able to take on two cores, with room to spare.
PER_SECOND_LEAST = {"SQLite": 50, "PostgreSQL": 100}
P95_MS_MOST = 300
SHARE_LEAST = 50
SERVER_PATIENCE_S = 30.0


@dataclass
class Rounds:
    """What the rounds measured, each per second; and how long each order took."""

    noop: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    placed: list[float] = field(default_factory=list)
    latencies_ms: list[float] = field(default_factory=list)


def measure() -> list[Figure]:
    return [figure for kind in KINDS for figure in _measure(kind)]


def _measure(kind: str) -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="comanda-bench-") as name, KINDS[kind](Path(name)) as databases:
        settings = bench_settings(Path(name), databases.create("origin"))
        carts = confirmed_carts(settings, WARM_UP + ROUNDS * PER_ROUND)
        tapes = _record(settings, databases.copy("origin", "recorded"), carts)
        rounds = Rounds()
        with oms_server(settings, databases, orders=len(carts)) as port, _bare_database(databases) as bare:
            _one_round(port, bare, carts[:WARM_UP], tapes[:WARM_UP])
            for first in range(WARM_UP, len(carts), PER_ROUND):
                part = slice(first, first + PER_ROUND)
                _one_round(port, bare, carts[part], tapes[part], rounds)
        return _figures(kind, rounds, tapes[-1])


def _one_round(
    port: int, bare: Database, carts: Sequence[ConfirmedCart], tapes: Sequence[Tape], rounds: Rounds | None = None
) -> None:
    noop = send_all(port, [post("/noop")] * len(carts), CUSTOMERS)
    bare_per_second = _play_all(bare, tapes)
    placed = send_all(port, [_place(cart) for cart in carts], CUSTOMERS)
    assert (set(noop.statuses), set(placed.statuses)) == ({200}, {201}), (noop.statuses, placed.statuses)
    if rounds is not None:
        rounds.noop.append(noop.per_second)
        rounds.bare.append(bare_per_second)
        rounds.placed.append(placed.per_second)
        rounds.latencies_ms += placed.latencies_ms


def _record(settings: Settings, database_url: str, carts: Sequence[ConfirmedCart]) -> list[Tape]:
    """The SQL of every order, as issued when one customer came after the other."""
    database = Database(database_url)
    tapes: list[Tape] = []
    with recorded(database.engine) as tape:
        for _order in placed_in_turn(settings, database, carts):
            tapes.append(tuple(tape))
            tape.clear()
    database.dispose()
    return tapes


def _play_all(database: Database, tapes: Sequence[Tape]) -> float:
    """Orders a second, on one connection as our code would have prepared it."""
    pooled = database.engine.raw_connection()
    try:
        connection = pooled.driver_connection
        assert connection is not None
        began_at = time.perf_counter()
        for tape in tapes:
            play(connection, tape)
        return len(tapes) / (time.perf_counter() - began_at)
    finally:
        pooled.close()


def _place(cart: ConfirmedCart) -> bytes:
    headers = {"Authorization": f"Bearer {cart.token}", "Idempotency-Key": f"order:place:{cart.confirmation}"}
    return post("/orders", {"confirmation": cart.confirmation}, headers)


@contextmanager
def oms_server(settings: Settings, databases: Databases, orders: int) -> Iterator[int]:
    """The OMS in a process of its own over a copy of the database `origin`; yields its port.

    Afterwards so many `orders` are in the database, or the figures are worth nothing.
    """
    url, port = databases.copy("origin", "placed"), free_port()
    environment = {
        "COMANDA_HOME": str(settings.home),
        "COMANDA_SECRET": settings.secret.get_secret_value(),
        "DATABASE_URL": url,
    }
    log = settings.home / "oms.log"
    with process([sys.executable, "-m", "bench.oms_server", str(port)], environment, log) as server:
        server.wait_until(lambda: listens(port), SERVER_PATIENCE_S)
        yield port
    assert _orders_in(url) == orders, f"{_orders_in(url)} orders were placed"


@contextmanager
def _bare_database(databases: Databases) -> Iterator[Database]:
    url = databases.copy("origin", "bare")
    database = Database(url)
    yield database
    database.dispose()
    assert _orders_in(url) == WARM_UP + ROUNDS * PER_ROUND, "the recording is not the whole transaction"


def _orders_in(url: str) -> int:
    database = Database(url)
    with database.read() as session:
        count = session.scalars(select(func.count()).select_from(Order)).one()
    database.dispose()
    return count


def bench_settings(home: Path, database_url: str) -> Settings:
    return Settings.model_validate(
        {"COMANDA_HOME": home, "COMANDA_SECRET": secrets.token_urlsafe(48), "DATABASE_URL": database_url}
    )


def _figures(kind: str, rounds: Rounds, tape: Tape) -> list[Figure]:
    noop, bare, placed = rate(rounds.noop), rate(rounds.bare), rate(rounds.placed)
    share = 100 * placed / (1 / (1 / noop + 1 / bare))
    return [
        Figure(f"{kind}: empty endpoint, {CUSTOMERS} connections", noop, "/s"),
        Figure(f"{kind}: bare SQL of place_order ({len(tape)} calls of the driver)", bare, "/s"),
        Figure(f"{kind}: place_order, {CUSTOMERS} customers", placed, "/s", at_least=PER_SECOND_LEAST[kind]),
        Figure(f"{kind}: place_order, p95", percentile(rounds.latencies_ms, 95), "ms", at_most=P95_MS_MOST),
        Figure(f"{kind}: place_order, share of 1/(1/empty + 1/bare)", share, "%", at_least=SHARE_LEAST),
    ]
