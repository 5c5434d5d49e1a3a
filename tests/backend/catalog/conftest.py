"""The whole demo market, seeded once per database; what asks for it only reads."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from backend.app import create_app
from backend.catalog.index import SearchIndex
from backend.catalog.search import index
from backend.seed import seed
from kernel.config import Settings
from kernel.db import Database
from kernel.tokens import Principal
from tests.backend.shopper import KEY, Http, bearer


@pytest.fixture(scope="session", params=("sqlite", "postgresql"))
def demo_settings(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    home = tmp_path_factory.mktemp("demo")
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), home / "comanda.db")
        url = f"sqlite:///{home / 'comanda.db'}"
    else:
        template: str = request.getfixturevalue("postgres_template")
        postgres_url: Callable[[str], str] = request.getfixturevalue("postgres_url")
        name = f"demo_{template}"
        engine = create_engine(postgres_url("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
        engine.dispose()
        url = postgres_url(name)
    return Settings(COMANDA_HOME=home, DATABASE_URL=url, COMANDA_SECRET=KEY)


@pytest.fixture(scope="session")
def demo_market(demo_settings: Settings) -> Iterator[Database]:
    database = Database(demo_settings.database_url)
    seed(database, demo_settings)
    yield database
    database.dispose()


@pytest.fixture
def demo_http(demo_settings: Settings, demo_market: Database) -> Iterator[Http]:
    with Http(create_app(demo_settings, demo_market)) as client:
        yield client


@pytest.fixture
def anyone() -> dict[str, str]:
    return bearer(Principal("customer", "someone"))


@pytest.fixture(scope="session")
def known(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> SearchIndex:
    """The search index over the demo market: the same from either database."""
    home = tmp_path_factory.mktemp("known")
    shutil.copy(sqlite_template, home / "comanda.db")
    database = Database(f"sqlite:///{home / 'comanda.db'}")
    seed(database, Settings(COMANDA_HOME=home, DATABASE_URL=database.url, COMANDA_SECRET=KEY))
    with database.read() as session:
        made = index(session)
    database.dispose()
    return made
