"""`comanda move`: everything of a SQLite database into an empty PostgreSQL one, row for row."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, MetaData, Table, func, inspect, literal, select, table, text
from sqlalchemy.exc import SQLAlchemyError

from comanda import database as owners
from comanda.backup import census, files
from comanda.failure import Failure
from comanda.privacy.holdings import TABLES
from comanda.process_identity import ProcessIdentity
from comanda.processes import PortTaken, refuse_taken_ports
from comanda.progress import Steps, heartbeat, say
from comanda.readiness import worker_is_ready
from kernel.config import Settings
from kernel.db import Database, normalise_url

STEPS = 3
AT_ONCE = 500
# What each database keeps of itself: the migrations have written it there already.
_OWN = {"dbos_migrations"} | {f"{owner}_alembic_version" for owner in owners.OWNERS}


def move(settings: Settings, url: str) -> str:
    """Copy everything in one transaction and compare it row by row; the ledger's hash, which is equal.

    The SQLite file is left as it was, under another name, so that nobody goes on with it.
    Raises: Failure, with nothing of it in PostgreSQL.
    """
    _refuse(settings, url)
    target_settings = settings.model_copy(update={"database_url": normalise_url(url)})
    steps = Steps(total=STEPS)
    source = Database(settings.database_url)
    target = Database(target_settings.database_url)
    try:
        # Nobody else writes from here on.
        with source.write() as reading:
            with steps.step("Tables"):
                _prepare(target_settings, target)
            with target.write() as writing:
                given, taken = reading.connection(), writing.connection()
                with steps.step("Rows") as step, heartbeat("Rows"), _unbound(taken):
                    count = sum(_copy(given, taken, name) for name in _named(given))
                    step.outcome = f"are copied: {count:,}"
                with steps.step("Check") as step, heartbeat("Check"):
                    _compare(given, taken)
                    ledger = census.ledger_hash(taken)
                    step.outcome = f"found every row equal; ledger {ledger[:16]}…"
    except SQLAlchemyError as error:
        raise Failure(f"nothing was moved: {str(error).splitlines()[0]}") from error
    finally:
        source.dispose()
        target.dispose()
    _put_aside(settings)
    return ledger


def _refuse(settings: Settings, url: str) -> None:
    if not settings.database_url.startswith("sqlite"):
        raise Failure("DATABASE_URL names no SQLite database: there is nothing to move from")
    if not normalise_url(url).startswith("postgresql"):
        raise Failure("--to must name a PostgreSQL database: postgresql://user:password@host/database")
    path = files.sqlite_path(settings.database_url)
    if not path.exists():
        raise Failure(f"there is no database in {path}: nothing to move")
    supervisor = ProcessIdentity.read(settings.home / "run" / "supervisor.pid")
    if supervisor is not None:
        raise Failure(f"Comanda runs from {settings.home} (pid {supervisor.pid}): stop it first")
    if worker_is_ready(settings):
        raise Failure(f"a worker runs from {settings.home}: stop every process first")
    try:
        refuse_taken_ports(settings)
    except PortTaken as error:
        raise Failure(f"something listens where Comanda would, maybe Comanda itself: stop it first. {error}") from error
    behind = owners.owners_behind(settings)
    if behind:
        raise Failure("the database is of an older version: run `comanda migrate` first")


def _prepare(settings: Settings, target: Database) -> None:
    """Every table as a fresh install makes it. Raises: Failure when someone's rows are there."""
    with target.engine.connect() as connection:
        names = set(census.tables(connection))
        strange = names - set(TABLES) - _OWN - {name for name in names if name.startswith(census.DURABLE_SCHEMA)}
        used = [each for each in ("oms_customer", "oms_order", "bot_message") if each in names]
        is_used = any(connection.scalar(select(literal(1)).select_from(table(each)).limit(1)) for each in used)
    if strange or is_used:
        raise Failure("the PostgreSQL database is not empty: make a new one, and name that")
    owners.migrate(settings)


def _named(connection: Connection) -> list[str]:
    return [name for name in census.tables(connection) if name not in _OWN]


@contextmanager
def _unbound(connection: Connection) -> Iterator[None]:
    """Without triggers and references, which would ask for an order of rows; they are back, and hold, afterwards."""
    tables = [*TABLES, *(f"{census.DURABLE_SCHEMA}.{name}" for name in _durable(connection))]
    found = connection.execute(
        text(
            "SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE contype = 'f' AND connamespace IN "
            "(SELECT oid FROM pg_namespace WHERE nspname IN ('public', :durable))"
        ),
        {"durable": census.DURABLE_SCHEMA},
    ).all()
    for of, name, _ in found:
        connection.exec_driver_sql(f"ALTER TABLE {of} DROP CONSTRAINT {name}")
    for each in tables:
        connection.exec_driver_sql(f"ALTER TABLE {each} DISABLE TRIGGER USER")
    yield
    for each in tables:
        connection.exec_driver_sql(f"ALTER TABLE {each} ENABLE TRIGGER USER")
    for of, name, definition in found:
        connection.exec_driver_sql(f"ALTER TABLE {of} ADD CONSTRAINT {name} {definition}")


def _durable(connection: Connection) -> list[str]:
    return [name for name in inspect(connection).get_table_names(census.DURABLE_SCHEMA) if name not in _OWN]


def _copy(given: Connection, taken: Connection, name: str) -> int:
    """One table; how many rows. What the migrations put there is what ours began with, and gives way to it."""
    source, target = _both(given, taken, name)
    taken.execute(target.delete())
    count = 0
    found = given.execution_options(yield_per=AT_ONCE).execute(select(source))
    for rows in found.mappings().partitions(AT_ONCE):
        taken.execute(target.insert(), [dict(row) for row in rows])
        count += len(rows)
    for column in target.primary_key.columns:
        sequence = taken.scalar(select(func.pg_get_serial_sequence(str(target), column.name)))
        if sequence and count:
            taken.execute(select(func.setval(sequence, select(func.max(column)).scalar_subquery())))
    return count


def _both(given: Connection, taken: Connection, name: str) -> tuple[Table, Table]:
    """A table as it is here and there: ours is the same in both, DBOS's is as each database tells it."""
    if name in TABLES:
        return TABLES[name], TABLES[name]
    target = Table(name, MetaData(), schema=census.DURABLE_SCHEMA, autoload_with=taken)
    # Of the types that PostgreSQL has: SQLite knows numbers and text only.
    columns = [column.copy() for column in Table(name, MetaData(), autoload_with=given).columns]
    for column in columns:
        if column.name in target.c:
            column.type = target.c[column.name].type
    return Table(name, MetaData(), *columns), target


def _compare(given: Connection, taken: Connection) -> None:
    """Raises: Failure, unless every table has the same rows."""
    for name in _named(given):
        source, target = _both(given, taken, name)
        if _digest(given, source) != _digest(taken, target):
            raise Failure(f"nothing was moved: {name} is not the same in PostgreSQL")
    if census.ledger_hash(given) != census.ledger_hash(taken):
        raise Failure("nothing was moved: the ledger is not the same in PostgreSQL")


def _digest(connection: Connection, table: Table) -> tuple[int, int]:
    """How many rows, and the sum of their hashes: equal for equal rows, in whatever order each database gives them."""
    count, total = 0, 0
    names = sorted(column.name for column in table.columns)
    for row in connection.execution_options(yield_per=AT_ONCE).execute(select(table)).mappings():
        plain = json.dumps([_plain(row[name]) for name in names], ensure_ascii=False, sort_keys=True, default=str)
        total = (total + int.from_bytes(hashlib.sha256(plain.encode()).digest())) % 2**256
        count += 1
    return count, total


def _plain(value: Any) -> Any:
    """The same words for the same value, whichever database it comes from."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    return value


def _put_aside(settings: Settings) -> None:
    """Nobody goes on with what was moved."""
    path = files.sqlite_path(settings.database_url)
    files.leave_wal(path)
    aside = path.with_name(f"{path.name}.moved")
    path.rename(aside)
    say(f"\nEverything is in PostgreSQL: set DATABASE_URL to it before you start. What was here is in {aside}.")
