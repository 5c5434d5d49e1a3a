"""The whole demo market, seeded once per database; what asks for it only reads."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.app import create_app
from backend.catalog.index import SearchIndex
from backend.catalog.search import index
from backend.seed import seed
from kernel.config import Settings
from kernel.db import Database
from kernel.tokens import Principal
from tests.backend.shopper import KEY, Http, bearer


@pytest.fixture(scope="session", params=("sqlite", "postgresql"))
def demo_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if request.param == "sqlite":
        path = tmp_path_factory.mktemp("demo") / "comanda.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    yield from request.getfixturevalue("postgres").database(request.getfixturevalue("postgres_template"))


@pytest.fixture(scope="session")
def demo_settings(demo_url: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(COMANDA_HOME=tmp_path_factory.mktemp("home"), DATABASE_URL=demo_url, COMANDA_SECRET=KEY)


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
def known(demo_shop: Path) -> SearchIndex:
    """The search index over the demo market: the same from either database."""
    database = Database(f"sqlite:///{demo_shop}")
    with database.read() as session:
        made = index(session)
    database.dispose()
    return made
