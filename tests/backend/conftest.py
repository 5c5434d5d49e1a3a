"""What tests of the OMS share: a market, its app, its customers, and an auditor after every test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlalchemy import Table, func, select

from backend.app import create_app
from backend.base import Base
from backend.inventory import service as inventory
from kernel.config import Settings
from kernel.db import Database
from tests.backend.auditing import findings
from tests.backend.shopper import (
    BREAD,
    KEY,
    MILK,
    SODA,
    TOMATO,
    Http,
    Market,
    Shopper,
    add_customer,
    open_market,
    staff_as,
)
from tests.backend.warehouse import Warehouse


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(COMANDA_HOME=tmp_path, DATABASE_URL=database_url, COMANDA_SECRET=KEY)


@pytest.fixture
def app(settings: Settings, database: Database) -> FastAPI:
    return create_app(settings, database)


@pytest.fixture
def http(app: FastAPI) -> Iterator[Http]:
    with Http(app) as client:
        yield client


@pytest.fixture
def market(database: Database) -> Market:
    """Ten of everything in the centre (5 kg of tomatoes), nothing in the north."""
    with database.write() as session:
        market = open_market(session)
        for sku, quantity in {MILK: 10, BREAD: 10, SODA: 10, TOMATO: 5_000}.items():
            inventory.receive(session, sku, market.centro, quantity)
    return market


@pytest.fixture
def new_shopper(database: Database, http: Http, market: Market) -> Callable[[], Shopper]:
    def make() -> Shopper:
        with database.write() as session:
            return Shopper(http, add_customer(session))

    return make


@pytest.fixture
def ana(new_shopper: Callable[[], Shopper]) -> Shopper:
    return new_shopper()


@pytest.fixture
def beto(new_shopper: Callable[[], Shopper]) -> Shopper:
    return new_shopper()


@pytest.fixture
def staff() -> dict[str, str]:
    """The headers of an admin, who may do everything here."""
    return staff_as("admin")


@pytest.fixture
def warehouse(http: Http, market: Market) -> Warehouse:
    return Warehouse(http)


@pytest.fixture
def count_rows(database: Database) -> Callable[[type[Base]], int]:
    def count(model: type[Base]) -> int:
        assert isinstance(model.__table__, Table)
        with database.read() as session:
            return session.scalar(select(func.count()).select_from(model.__table__)) or 0

    return count


@pytest.fixture
def available(database: Database) -> Callable[[str], int]:
    def look(sku: str) -> int:
        with database.read() as session:
            return inventory.available(session, [sku])[sku]

    return look


@pytest.fixture(autouse=True)
def audited(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever a test did, the standing invariants hold after it."""  # case 59
    if "database" not in request.fixturenames:
        yield
        return
    database: Database = request.getfixturevalue("database")
    yield
    with database.read() as session:
        assert findings(session) == []
