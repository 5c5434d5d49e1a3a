"""Shops of older versions come along: their rows, filled by the code of their time, in the tables of today.

`payloads/older/` has a shop for each version that is kept: a month of orders (`seed_month`; of the older two with one a
day) with parcels, invoices and chats, and of 0034 what WhatsApp and the web chat left. That version's own code made it,
its rows are as SQLite keeps them: `{heads, tables: {name: {columns, rows}}}`. At a release another is added.
"""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Boolean, Connection, Date, DateTime, MetaData, Numeric, Time, insert, text, types

import backend.migrations
import bot.migrations
from backend.audit import audit
from backend.migrations.models import metadata as oms
from bot.migrations.models import metadata as chat
from comanda.backup import census
from kernel.db import Database

OLDER = sorted((Path(__file__).parents[1] / "payloads" / "older").glob("*.xz"))
# In this order: an entry seals its postings.
FIRST = ("oms_posting",)
SUMS = {
    "orders": "SELECT sum(total_minor) FROM oms_order",
    "on hand": "SELECT sum(on_hand) FROM oms_stock_level",
    "moved": "SELECT sum(quantity) FROM oms_stock_move",
    "invoiced": "SELECT sum(total_minor) FROM oms_invoice",
    "paid": "SELECT sum(captured_minor) FROM oms_payment",
    "said": "SELECT sum(length(text)) FROM bot_message",
}


@pytest.fixture
def empty(empty_database_url: str) -> Iterator[Database]:
    database = Database(empty_database_url)
    yield database
    database.dispose()


# case 123
@pytest.mark.parametrize("older", OLDER, ids=lambda path: path.name.partition(".")[0])
def test_a_shop_of_an_older_version_is_the_same_shop_afterwards(older: Path, empty: Database) -> None:
    shop = json.loads(lzma.decompress(older.read_bytes()))
    backend.migrations.upgrade(empty.url, shop["heads"]["oms_alembic_version"])
    bot.migrations.upgrade(empty.url, shop["heads"]["bot_alembic_version"])
    with empty.write() as session:
        _fill(session.connection(), shop["tables"])
    before = _seen(empty)

    backend.migrations.upgrade(empty.url)
    bot.migrations.upgrade(empty.url)

    after = _seen(empty)
    assert {name: after[name] for name in before} == before
    assert _differences(empty) == []
    with empty.read() as session:
        findings = audit(session, has_worker=False)
        kept = {name: session.scalar(text(f'SELECT count(*) FROM "{name}"')) for name in shop["tables"]}
    given = {name: len(table["rows"]) for name, table in shop["tables"].items()}
    fewer = {name: count for name, count in given.items() if kept[name] < count}
    name = older.name.partition(".")[0]
    print(f"{name}: {sum(given.values())} rows, ledger and {len(SUMS)} sums equal, {len(findings)} findings")
    assert findings == []
    assert fewer == {}


def _fill(connection: Connection, tables: dict[str, Any]) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL session_replication_role = replica"))
    else:
        connection.execute(text("PRAGMA defer_foreign_keys = ON"))
    there = MetaData()
    there.reflect(connection, only=list(tables))
    for name in sorted(tables, key=lambda name: name not in FIRST):
        columns = [there.tables[name].c[column] for column in tables[name]["columns"]]
        for column in columns:
            if isinstance(column.type, types.JSON):
                column.type.none_as_null = True
        rows = [
            {column.name: _as(column.type, value) for column, value in zip(columns, row, strict=True)}
            for row in tables[name]["rows"]
        ]
        connection.execute(there.tables[name].delete())  # counters and accounts that the migration itself wrote
        connection.execute(insert(there.tables[name]), rows)


def _as(kind: types.TypeEngine[Any], value: Any) -> Any:
    """A value as SQLite keeps it, as a column of either database takes it."""
    if value is None:
        return None
    if isinstance(kind, DateTime):
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    if isinstance(kind, Date):
        return date.fromisoformat(value)
    if isinstance(kind, Time):
        return time.fromisoformat(value)
    if isinstance(kind, Boolean):
        return bool(value)
    if isinstance(kind, types.JSON):
        return json.loads(value)
    return Decimal(str(value)) if isinstance(kind, Numeric) else value


def _seen(database: Database) -> dict[str, Any]:
    with database.engine.connect() as connection:
        sums = {name: int(connection.scalar(text(question)) or 0) for name, question in SUMS.items()}
        return {**sums, "ledger": census.ledger_hash(connection)}


def _differences(database: Database) -> list[Any]:
    """Between the tables there are and those of the code."""
    found = []
    with database.engine.connect() as connection:
        for metadata in (oms, chat):
            ours = frozenset(metadata.tables)
            given = {"include_name": partial(_is_one_of, ours), "compare_type": True}
            found += compare_metadata(MigrationContext.configure(connection, opts=given), metadata)
    return found


def _is_one_of(ours: frozenset[str], name: str | None, kind: str, _parents: Any) -> bool:
    return kind != "table" or name in ours
