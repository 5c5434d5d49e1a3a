"""A shop with fifty thousand goods and very many orders: lists come in pages, and an export fits in memory.

A hundred thousand orders: `MANY_ORDERS=100000 pytest tests/bench/test_much_of_everything.py`.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, select

from backend.base import table_of
from backend.catalog.models import Product, Variant, VariantUnit
from backend.inventory.models import StockLevel
from backend.workflows.look_for_orders import Wanted, look_for_orders
from bench.confirmed_carts import confirmed_carts, placed_in_turn
from bench.copies import Template, fill
from bench.growth import _order_template
from bench.orders import bench_settings
from kernel.config import Settings
from kernel.db import Database

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(900)]
VARIANTS, ORDERS = 50_000, int(os.environ.get("MANY_ORDERS", "20000"))
EXPORT_MB_MOST = 200
PAGE = 50
# The command, then what the process held at most: its parent's share, which `wait4` would count, is not in it.
EXPORTS = (
    "import sys; from comanda.cli import app; app(sys.argv[1:], standalone_mode=False); "
    "print(open('/proc/self/status').read())"
)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Settings, Database]]:
    folder = tmp_path_factory.mktemp("much")
    settings = bench_settings(folder, f"sqlite:///{folder / 'comanda.db'}")
    carts = confirmed_carts(settings, 2)
    database = Database(settings.database_url)
    list(placed_in_turn(settings, database, carts))
    fill(database, _order_template(database), [f"PED-{1_000_000 + number}" for number in range(ORDERS)])
    with database.read() as session:
        variant = session.scalars(select(Variant)).first()
        assert variant is not None
    goods = {
        Product: Product.code == variant.product_code,
        Variant: Variant.sku == variant.sku,
        VariantUnit: VariantUnit.sku == variant.sku,
        StockLevel: StockLevel.sku == variant.sku,
    }
    template = Template.of(database, [(table_of(model), where) for model, where in goods.items()], variant.sku, {})
    fill(database, template, [f"G-{number}" for number in range(VARIANTS)])
    yield settings, database
    database.dispose()


# case 122
def test_an_export_of_fifty_thousand_goods_fits_in_memory(shop: tuple[Settings, Database], tmp_path: Path) -> None:
    settings, _ = shop
    target = tmp_path / "catalogo.csv"
    environment = os.environ | {"COMANDA_HOME": str(settings.home), "DATABASE_URL": settings.database_url}

    said = subprocess.run(
        [sys.executable, "-c", EXPORTS, "catalog", "export", "--to", str(target)],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    ).stdout

    held_mb = int(re.search(r"VmHWM:\s+(\d+) kB", said)[1]) / 1_000  # type: ignore[index]
    lines = target.read_text(encoding="utf-8-sig").count("\n")
    print(f"export of {lines - 1} goods: at most {held_mb:.0f} MB")
    assert lines > VARIANTS
    assert held_mb < EXPORT_MB_MOST


# case 122
def test_a_page_of_very_many_orders_reads_no_more_than_a_page(shop: tuple[Settings, Database]) -> None:
    _, database = shop
    with reading(database.engine) as read, database.read() as session:
        first, cursor = look_for_orders(session, Wanted(), None, PAGE)
        second, _ = look_for_orders(session, Wanted(), cursor, PAGE)
    print(f"{ORDERS} orders: two pages of {PAGE} took {len(read)} statements, of which each has its limit")
    assert len({found.order.number for found in (*first, *second)}) == 2 * PAGE
    assert len(read) <= 8


class reading:  # noqa: N801
    """Counts the statements that an engine runs inside."""

    def __init__(self, engine: Engine) -> None:
        self._engine, self.statements = engine, []

    def _note(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        self.statements.append(statement)

    def __enter__(self) -> list[str]:
        event.listen(self._engine, "before_cursor_execute", self._note)
        return self.statements

    def __exit__(self, *_: object) -> None:
        event.remove(self._engine, "before_cursor_execute", self._note)
