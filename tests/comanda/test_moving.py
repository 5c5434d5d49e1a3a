"""`comanda move`: a shop with its month of orders goes from SQLite to PostgreSQL, and nothing of it is different."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from backend.audit import audit
from backend.counters import next_value
from backend.customers.models import Customer
from backend.migrations.models import metadata
from backend.orders import service as orders
from backend.workflows.change_cart import Change, change_cart
from backend.workflows.choose_checkout import choose_checkout
from backend.workflows.confirm_cart import confirm_cart
from backend.workflows.place_order import place_order
from backend.workflows.record_payment import record_payment
from comanda.backup import census
from comanda.database import opened
from comanda.failure import Failure
from comanda.move import move
from comanda.process_identity import ProcessIdentity
from kernel.config import Settings
from kernel.db import Database
from tests.backend.shopper import MILK, add_customer
from tests.comanda.test_backups import home, under_way
from tests.conftest import PostgresServer
from tests.journeys.product import free_ports

__all__ = ["home", "under_way"]

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> Iterator[str]:
    yield from postgres.database("template1")


def order(database: Database) -> str:
    """A new customer with an e-mail address orders one; the order's number."""
    with database.write() as session:
        customer_id = add_customer(session)
        session.get_one(Customer, customer_id).email = f"{customer_id}@example.com"
        change_cart(session, customer_id, [Change("add", MILK, "1")])
        choose_checkout(session, customer_id, address_text="Calle 1 # 2-3", payment_method="cash_on_delivery")
        return str(place_order(session, customer_id, confirm_cart(session, customer_id).confirmation).order.number)


@pytest.fixture
def shop(under_way: Settings) -> Settings:
    """One with work under way, on ports that nobody has."""
    ports = dict(zip(("port", "rasa_port", "actions_port"), free_ports(3), strict=True))
    with opened(under_way) as database:
        number = order(database)
        with database.write() as session:
            found = orders.find_any(session, number, lock=True)
            record_payment(
                session, found, key="paid", method="bank_transfer", amount_minor=100_000, reference=None, who="staff:1"
            )
    return under_way.model_copy(update=ports)


def counted(url: str) -> census.Census:
    database = Database(url)
    with database.engine.connect() as connection:
        taken = census.take(connection)
    database.dispose()
    theirs = ("migrations", "alembic")
    own = {name.removeprefix("dbos."): count for name, count in taken.rows.items() if count}
    return census.Census(
        {name: count for name, count in own.items() if not any(each in name for each in theirs)}, taken.ledger
    )


def test_every_row_and_the_ledgers_hash_are_the_same_afterwards(shop: Settings, postgres_url: str) -> None:  # case 130
    before = counted(shop.database_url)

    ledger = move(shop, postgres_url)

    after = counted(postgres_url)
    print(f"{after.total} rows in {len(after.rows)} tables, ledger {ledger[:16]}, differences 0")
    assert after == before
    assert after.rows["oms_posting"] == 2
    assert after.ledger == ledger
    moved = shop.model_copy(update={"database_url": postgres_url})
    with opened(moved) as database:
        with database.write() as session:
            assert audit(session) == []
            assert next_value(session, "order") == 10_002
        with database.engine.connect() as connection:
            ours = {"include_name": lambda name, kind, _: kind != "table" or name in metadata.tables}
            assert compare_metadata(MigrationContext.configure(connection, opts=ours), metadata) == []
            triggers = "SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'O'"
            assert connection.scalar(text(triggers)) == 0
            keys = sum(len(inspect(connection).get_foreign_keys(name)) for name in metadata.tables)
            assert keys == sum(len(table.foreign_key_constraints) for table in metadata.tables.values())


def test_nobody_goes_on_with_the_database_that_was_moved(shop: Settings, postgres_url: str, tmp_path: Path) -> None:
    move(shop, postgres_url)

    assert not (tmp_path / "comanda.db").exists()
    with closing(sqlite3.connect(tmp_path / "comanda.db.moved")) as left:
        assert left.execute("SELECT name FROM oms_shop").fetchall() == [("El Parque",)]
    with pytest.raises(Failure, match="nothing to move"):
        move(shop, postgres_url)


def test_it_is_refused_while_comanda_runs(shop: Settings, postgres_url: str) -> None:
    (shop.home / "run").mkdir()

    myself = ProcessIdentity.of(os.getpid())
    assert myself is not None
    myself.write(shop.home / "run" / "supervisor.pid")

    with pytest.raises(Failure, match=f"pid {os.getpid()}.: stop it first"):
        move(shop, postgres_url)

    assert counted(postgres_url).rows == {}


def test_a_postgresql_database_with_rows_in_it_is_refused(shop: Settings, postgres_url: str) -> None:
    there = Database(postgres_url)
    with there.write() as session:
        session.execute(text("CREATE TABLE theirs (id INTEGER)"))
    there.dispose()

    with pytest.raises(Failure, match="is not empty: make a new one"):
        move(shop, postgres_url)


def test_a_row_that_refers_to_nothing_stops_it_with_nothing_moved(shop: Settings, postgres_url: str) -> None:
    with closing(sqlite3.connect(str(shop.database_url).removeprefix("sqlite:///"))) as harmed, harmed:
        harmed.execute("UPDATE bot_outgoing SET message_id = 'nobody'")

    with pytest.raises(Failure, match="nothing was moved"):
        move(shop, postgres_url)

    assert "bot_message" not in counted(postgres_url).rows
    with closing(sqlite3.connect(str(shop.database_url).removeprefix("sqlite:///"))) as left:
        assert left.execute("SELECT count(*) FROM bot_message").fetchone() == (2,)
