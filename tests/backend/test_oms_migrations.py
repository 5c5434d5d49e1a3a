from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from backend import migrations
from backend.base import TABLE_PREFIX
from backend.migrations.models import metadata
from kernel.db import Database
from tests.backend.killing import run_and_kill_at, upgrade

NEVER = 0


def tables(database):
    return {name for name in inspect(database.engine).get_table_names() if name.startswith(TABLE_PREFIX)}


@pytest.fixture
def fresh(empty_database_url):
    database = Database(empty_database_url)
    yield database
    database.dispose()


def test_the_migrations_make_exactly_the_models_tables(empty_database_url, fresh):
    migrations.upgrade(empty_database_url)

    ours = set(metadata.tables)
    assert tables(fresh) == ours | {migrations.VERSION_TABLE}
    with fresh.engine.connect() as connection:
        given = {"include_name": lambda name, kind, _parents: kind != "table" or name in ours, "compare_type": True}
        assert compare_metadata(MigrationContext.configure(connection, opts=given), metadata) == []


def test_migrating_again_changes_nothing(empty_database_url, fresh):  # case 124
    migrations.upgrade(empty_database_url)
    with fresh.write() as session:
        session.execute(text("UPDATE oms_counter SET value = 12345"))

    migrations.upgrade(empty_database_url)

    with fresh.read() as session:
        assert session.scalar(text("SELECT value FROM oms_counter")) == 12345


@pytest.mark.parametrize("word", [1, 3, 20, 45])
def test_a_migration_killed_half_way_leaves_no_trace_and_can_be_run_again(empty_database_url, fresh, word):  # case 124
    assert run_and_kill_at(word, upgrade, empty_database_url)

    assert tables(fresh) == set()
    migrations.upgrade(empty_database_url)
    assert tables(fresh) == set(metadata.tables) | {migrations.VERSION_TABLE}


def test_two_processes_may_migrate_at_once(empty_database_url, fresh):  # case 124
    with ThreadPoolExecutor(2) as pool:
        were_killed = list(pool.map(lambda _: run_and_kill_at(NEVER, upgrade, empty_database_url), range(2)))

    assert were_killed == [False, False]
    assert tables(fresh) == set(metadata.tables) | {migrations.VERSION_TABLE}


def test_other_owners_tables_are_left_alone(empty_database_url, fresh):
    with fresh.write() as session:
        session.execute(text("CREATE TABLE bot_message (id INTEGER)"))
        session.execute(text("CREATE TABLE workflow_status (id INTEGER)"))

    migrations.upgrade(empty_database_url)

    assert {"bot_message", "workflow_status"} <= set(inspect(fresh.engine).get_table_names())
