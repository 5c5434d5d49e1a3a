"""How long it takes to choose the locations of an order, over a warehouse as large as one gets.

Twenty lines, twenty locations, fifty thousand variants, a million stock moves. Every location holds a part of what an
order wants, so that the rule has to look for the smallest set. What is timed is the whole of `reserve`: locking and
reading the levels, deciding, writing reservations and sums; the commit is not part of it.
"""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path

from sqlalchemy import insert
from sqlalchemy.orm import Session

from backend import migrations
from backend.base import table_of
from backend.catalog.models import Category, Product, TaxClass, Variant
from backend.inventory import service as inventory
from backend.inventory.models import Location, StockLevel, StockMove
from backend.inventory.service import Point, Wanted
from bench.databases import Databases, postgres_server, sqlite_files
from bench.figures import Figure, percentile
from kernel import clock
from kernel.db import Database
from kernel.ids import new_id

VARIANTS, LOCATIONS, LINES, MOVES = 50_000, 20, 20, 1_000_000
ORDERS, WARM_UP = 200, 20
P95_MS_MOST = 20
ON_HAND = 50
# A variant lies at so many of the locations, so that no order is served whole by one.
LIES_AT = 8
_CHUNK = 10_000
BOGOTA = Point(4.711, -74.0721)


class _Undone(Exception):
    """Nothing of a measured order stays."""


def measure() -> list[Figure]:
    kinds: tuple[tuple[str, Callable[[Path], AbstractContextManager[Databases]]], ...] = (
        ("SQLite", sqlite_files),
        ("PostgreSQL", postgres_server),
    )
    figures = []
    for kind, open_databases in kinds:
        with tempfile.TemporaryDirectory(prefix="comanda-allocation-") as folder, open_databases(Path(folder)) as made:
            url = made.create("allocation")
            migrations.upgrade(url)
            database = Database(url, pool_size=2)
            fill(database, random.Random(7))
            taken, parcels = _taken(database, random.Random(8))
            database.dispose()
        name = f"{LINES} lines over {LOCATIONS} locations, {kind}"
        figures += [
            Figure(f"{name}: median", statistics.median(taken), "ms"),
            Figure(f"{name}: p95", percentile(taken, 95), "ms", at_most=P95_MS_MOST),
            Figure(f"{name}: parcels an order, median", statistics.median(parcels), ""),
        ]
    return figures


def fill(database: Database, chance: random.Random) -> None:
    """The variants, the locations, and as many receipts as there are moves, with the levels they sum to."""
    with database.write() as session:
        session.add(Category(code="all", name_es="Todo", name_en="All", position=0))
        session.add(TaxClass(code="exempt", name_es="Exento", name_en="Exempt", rate=0))
        session.flush()
        product: dict[str, object] = {
            "description_es": "",
            "description_en": "",
            "also_called_es": [],
            "also_called_en": [],
            "brand": None,
        }
        names = {"name_es": "Cosa", "name_en": "Thing"}
        session.execute(insert(Product), [{"code": "thing", "category_code": "all"} | names | product])
        variant = {
            "product_code": "thing",
            "price_minor": 100,
            "currency": "COP",
            "price_quantity": 1,
            "tax_class": "exempt",
            "base_unit": "unidad",
            "popularity": 0,
            "is_usual": False,
            "is_sold": True,
        }
        _insert(session, Variant, ({"sku": _sku(number)} | names | variant for number in range(VARIANTS)))
        places = [new_id() for _ in range(LOCATIONS)]
        _insert(session, Location, (_location(number, place, chance) for number, place in enumerate(places)))
    lies_at = {_sku(number): chance.sample(places, LIES_AT) for number in range(VARIANTS)}
    now = clock.now()
    on_hand: dict[tuple[str, str], int] = {}
    moves = []
    for number in range(MOVES):
        sku = _sku(number % VARIANTS)
        place = lies_at[sku][number // VARIANTS % LIES_AT]
        moves.append(_move(sku, place, now))
        on_hand[sku, place] = on_hand.get((sku, place), 0) + ON_HAND
    with database.write() as session:
        _insert(session, StockMove, iter(moves))
        _insert(
            session,
            StockLevel,
            (
                {"sku": sku, "location_id": place, "on_hand": count, "reserved": 0}
                for (sku, place), count in on_hand.items()
            ),
        )
    _analyse(database)


def _taken(database: Database, chance: random.Random) -> tuple[list[float], list[int]]:
    """Milliseconds of each order, and how many locations serve it."""
    taken, parcels = [], []
    for number in range(WARM_UP + ORDERS):
        skus = [_sku(each) for each in chance.sample(range(VARIANTS), LINES)]
        wanted = [Wanted(new_id(), sku, chance.randint(1, 30)) for sku in skus]
        try:
            with database.write() as session:
                session.connection()
                start = time.perf_counter()
                promised = inventory.reserve(session, wanted, near=BOGOTA)
                milliseconds = (time.perf_counter() - start) * 1000
                assert promised.allocated is not None, "nothing was held"
                places = len(promised.allocated.explanation["chosen"])
                raise _Undone
        except _Undone:
            pass
        if number >= WARM_UP:
            taken.append(milliseconds)
            parcels.append(places)
    return taken, parcels


def _insert(session: Session, model: type, rows: Iterator[dict[str, object]]) -> None:
    chunk = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == _CHUNK:
            session.connection().execute(insert(table_of(model)), chunk)
            chunk = []
    if chunk:
        session.connection().execute(insert(table_of(model)), chunk)


def _analyse(database: Database) -> None:
    """What either database does by itself sooner or later."""
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")


def _sku(number: int) -> str:
    return f"THING-{number:05}"


def _location(number: int, place: str, chance: random.Random) -> dict[str, object]:
    return {
        "id": place,
        "code": f"L{number:02}",
        "name": f"Location {number}",
        "preference": number,
        "latitude": chance.uniform(1, 11),
        "longitude": chance.uniform(-77, -72),
    }


def _move(sku: str, place: str, now: datetime) -> dict[str, object]:
    return {
        "id": new_id(),
        "kind": "receipt",
        "sku": sku,
        "location_id": place,
        "quantity": ON_HAND,
        "note": "",
        "moved_at": now,
    }
