"""Does it cost more with time? Placing an order, looking for orders and searching, while orders and variants pile up.

The rows are copies of a real order, closed and shipped, and of real goods (bench/copies.py). `GROWTH_ORDERS` and
`GROWTH_VARIANTS` say how many at most: 100,000 by default; a million orders take an hour. Draws docs/images/growth.svg.
"""

from __future__ import annotations

import gc
import itertools
import os
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.base import table_of
from backend.carts.models import Cart, CartLine, Confirmation
from backend.catalog.index import SearchIndex
from backend.catalog.models import Product, Variant, VariantUnit
from backend.customers.models import Customer
from backend.events import Event
from backend.fulfillment.models import Fulfillment, FulfillmentLine
from backend.inventory.models import Reservation, StockHold, StockLevel
from backend.orders import service as orders
from backend.orders.models import Order, OrderEntry, OrderLine
from backend.workflows.look_for_orders import Wanted, look_for_orders
from bench.confirmed_carts import ConfirmedCart, confirmed_carts, placed_in_turn
from bench.copies import Row, Template, fill
from bench.databases import KINDS
from bench.figures import Figure, percentile
from bench.orders import bench_settings
from bench.plot import Line, plot
from bench.search import _taken_ms, enlarged, market, queries
from comanda.progress import say
from comanda.project import ROOT
from kernel.config import Settings
from kernel.db import Database

ORDERS = [n for n in (1_000, 10_000, 100_000, 1_000_000) if n <= int(os.environ.get("GROWTH_ORDERS", "100000"))]
VARIANTS = [n for n in (1_000, 10_000, 100_000) if n <= int(os.environ.get("GROWTH_VARIANTS", "100000"))]
PLACED, LOOKED, SEARCHED = 60, 15, 60
FIRST_NUMBER = 1_000_000
# Of all that was measured, so many percent were faster: others on the machine make it slower, nothing makes it faster.
UNDISTURBED = 25
# What is flat wavers so much, on a machine that is not alone.
TIMES_MOST = 2.0
PLOT = ROOT / "docs" / "images" / "growth.svg"


def measure() -> list[Figure]:
    lines = [line for kind in KINDS for line in (*_orders(kind), *_variants(kind))] + [_search()]
    PLOT.write_text(plot("What it costs, in ms, by how many there are", lines), encoding="utf-8")
    return [figure for line in lines for figure in _figures(line)]


def _figures(line: Line) -> list[Figure]:
    points = [Figure(f"{line.name}: {count:,}", ms, "ms") for count, ms in line.points]
    times = line.points[-1][1] / line.points[0][1]
    # Searching reads the words of the catalog: its aim is a time, not a slope.
    return [*points, Figure(f"{line.name}: the last beside the first", times, "×", at_most=TIMES_MOST)]


def _orders(kind: str) -> list[Line]:
    with tempfile.TemporaryDirectory(prefix="comanda-bench-") as name, KINDS[kind](Path(name)) as databases:
        settings = bench_settings(Path(name), databases.create("growth"))
        carts = confirmed_carts(settings, 2 + PLACED * len(ORDERS))
        database = Database(settings.database_url)
        _place(settings, database, carts[:2])
        template = _order_template(database)
        asks: dict[str, Callable[[Session], object]] = {
            "first page of orders": lambda session: look_for_orders(session, Wanted(), None, 50),
            "page of those on hold": lambda session: look_for_orders(session, Wanted(status="on_hold"), None, 50),
            "an order by its number": lambda session: look_for_orders(session, Wanted(text="PED-10001"), None, 50),
            "a customer's orders": lambda session: orders.recent(session, template.rows[0][1][0]["id"], 10),
        }
        lines = {name: Line(f"{kind}, {name}") for name in ("placing an order", *asks)}
        there = 0
        for step, count in enumerate(ORDERS):
            say(f"{kind}: {count:,} orders …")
            fill(database, template, [f"PED-{FIRST_NUMBER + n}" for n in range(there, count)])
            there = count
            first = 2 + PLACED * step
            lines["placing an order"].points.append((count, _place(settings, database, carts[first : first + PLACED])))
            for name, ask in asks.items():
                lines[name].points.append((count, _taken_once_ms(database, ask)))
        database.dispose()
        return list(lines.values())


def _order_template(database: Database) -> Template:
    order, line = table_of(Order), table_of(OrderLine)
    with database.read() as session:
        found = session.scalars(select(Order).order_by(Order.id)).first()
        assert found is not None, "one was placed"
    parts = {
        Customer: Customer.id == found.customer_id,
        Cart: Cart.id == found.cart_id,
        CartLine: CartLine.cart_id == found.cart_id,
        Confirmation: Confirmation.cart_id == found.cart_id,
        StockHold: StockHold.cart_id == found.cart_id,
        Order: Order.id == found.id,
        OrderLine: OrderLine.order_id == found.id,
        OrderEntry: OrderEntry.order_id == found.id,
        Reservation: Reservation.order_line_id.in_(select(line.c.id).where(line.c.order_id == found.id)),
        Fulfillment: Fulfillment.order_id == found.id,
        FulfillmentLine: FulfillmentLine.order_line_id.in_(select(line.c.id).where(line.c.order_id == found.id)),
        Event: Event.subject == found.number,
    }
    changes: dict[str, Row] = {
        order.name: {"status": "closed"},
        table_of(Reservation).name: {"state": "issued", "ended_at": found.placed_at},
        table_of(Fulfillment).name: {"status": "shipped"},
    }
    return Template.of(database, [(table_of(model), where) for model, where in parts.items()], found.number, changes)


def _variants(kind: str) -> list[Line]:
    with tempfile.TemporaryDirectory(prefix="comanda-bench-") as name, KINDS[kind](Path(name)) as databases:
        settings = bench_settings(Path(name), databases.create("growth"))
        carts = confirmed_carts(settings, 2 + PLACED * (len(VARIANTS) + 1))
        database = Database(settings.database_url)
        _place(settings, database, carts[:2])
        line = Line(f"{kind}, placing an order by variants")
        with database.read() as session:
            there = len(session.scalars(select(Variant.sku)).all())
            variant = session.scalars(select(Variant)).first()
            assert variant is not None, "the demo shop sells something"
        goods = {
            Product: Product.code == variant.product_code,
            Variant: Variant.sku == variant.sku,
            VariantUnit: VariantUnit.sku == variant.sku,
            StockLevel: StockLevel.sku == variant.sku,
        }
        template = Template.of(database, [(table_of(model), where) for model, where in goods.items()], variant.sku, {})
        line.points.append((there, _place(settings, database, carts[2 : 2 + PLACED])))
        for step, count in enumerate(VARIANTS, 1):
            say(f"{kind}: {count:,} variants …")
            fill(database, template, [f"G-{n}" for n in range(there, count)])
            there = count
            first = 2 + PLACED * step
            line.points.append((count, _place(settings, database, carts[first : first + PLACED])))
        database.dispose()
        return [line]


def _search() -> Line:
    line = Line("searching the catalog, every word new")
    for count in VARIANTS:
        say(f"searching {count:,} variants …")
        chance = random.Random(7)
        index = SearchIndex(enlarged(market(), count, chance))
        asked = list(itertools.islice(queries(chance), SEARCHED))
        gc.collect()
        gc.freeze()
        line.points.append((count, percentile(_taken_ms(index, asked, index.forget_words), 50)))
        gc.unfreeze()
    return line


def _place(settings: Settings, database: Database, carts: Sequence[ConfirmedCart]) -> float:
    """How many ms placing one of these takes, one after the other in this process."""
    taken, before = [], time.perf_counter()
    for _order in placed_in_turn(settings, database, carts):
        now = time.perf_counter()
        taken.append((now - before) * 1000)
        before = now
    return percentile(taken, UNDISTURBED)


def _taken_once_ms(database: Database, ask: Callable[[Session], object]) -> float:
    taken = []
    for _ in range(LOOKED):
        with database.read() as session:
            before = time.perf_counter()
            ask(session)
            taken.append((time.perf_counter() - before) * 1000)
    return percentile(taken, UNDISTURBED)
