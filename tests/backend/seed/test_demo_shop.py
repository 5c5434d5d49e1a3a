"""Filling the demo shop, here with one shelf of its market: twice is once, and what the shop changed stays.

What the whole market holds is tested in ../catalog/test_demo_market.py.
"""

from __future__ import annotations

import shutil
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import select, update

from backend.app import create_app
from backend.base import Base
from backend.catalog.models import CatalogVersion, Category, Product, Substitute, TaxClass, Variant, VariantUnit
from backend.inventory.models import Bin, IncomingStock, Location, StockLevel, StockMove, StockThreshold
from backend.seed import demo_staff, market_file, seed
from backend.staff.models import StaffMember
from kernel.config import Settings
from kernel.db import Database
from tests.backend.shopper import KEY, Http

Counts = Callable[[], dict[str, int]]
TABLES: tuple[type[Base], ...] = (
    Category, TaxClass, Product, Variant, VariantUnit, Location, Bin, StockMove, StockLevel, StaffMember,
    IncomingStock, StockThreshold, Substitute,
)  # fmt: skip


@pytest.fixture
def counts(count_rows: Callable[[type[Base]], int]) -> Counts:
    return lambda: {table.__name__: count_rows(table) for table in TABLES}


@pytest.fixture(autouse=True)
def one_shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = tmp_path / "market"
    shelf.mkdir()
    shutil.copy(market_file.MARKET / "01-dairy.yml", shelf)
    monkeypatch.setattr(market_file, "MARKET", shelf)


def version(database: Database) -> int:
    with database.read() as session:
        return session.scalars(select(CatalogVersion.version)).one()


def test_the_shop_is_filled_once_and_a_second_time_changes_nothing(
    database: Database, settings: Settings, counts: Counts
) -> None:
    assert seed(database, settings) == "Mercado La Esquina: 49 variants added"
    filled, filled_version = counts(), version(database)

    assert seed(database, settings) == "Mercado La Esquina: nothing to add"

    assert counts() == filled
    assert version(database) == filled_version
    assert (filled["Category"], filled["Product"], filled["Variant"], filled["Location"]) == (1, 26, 49, 2)


def test_of_two_who_fill_it_at_once_one_does(database: Database, settings: Settings, counts: Counts) -> None:
    with ThreadPoolExecutor(2) as pool:
        told = sorted(pool.map(lambda _: seed(database, settings), range(2)))
    assert told == ["Mercado La Esquina: 49 variants added", "Mercado La Esquina: nothing to add"]
    assert (counts()["Variant"], counts()["StockMove"], counts()["Location"]) == (49, 94, 2)


def test_what_the_shop_changed_stays_changed(database: Database, settings: Settings) -> None:
    seed(database, settings)
    with database.write() as session:
        session.execute(update(Variant).where(Variant.sku == "LECHE-ENTERA-1L").values(price_minor=1, is_sold=False))
    seed(database, settings)
    with database.read() as session:
        milk = session.get_one(Variant, "LECHE-ENTERA-1L")
        assert (milk.price_minor, milk.is_sold) == (1, False)


def test_a_seed_that_fails_leaves_nothing_behind(
    database: Database,
    settings: Settings,
    counts: Counts,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr("backend.seed.demo._admit_demo_staff", fail)
    with pytest.raises(RuntimeError):
        seed(database, settings)
    assert set(counts().values()) == {0}


def test_the_demo_account_gets_in_with_the_password_that_is_told(database: Database, settings: Settings) -> None:
    seed(database, settings)
    account = demo_staff(settings)
    assert account is not None
    email, password = account
    with Http(create_app(settings, database)) as http:
        answer = http.request("POST", "/staff/sessions", json={"email": email, "password": password})
    assert (answer.status_code, answer.json()["role"]) == (201, "admin")


def test_the_password_is_this_demos_own_and_only_its_owner_reads_it(
    settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = settings.home / "staff-password"
    first = demo_staff(settings)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert demo_staff(settings) == first
    elsewhere = Settings(COMANDA_HOME=tmp_path_factory.mktemp("other"), COMANDA_SECRET=KEY)
    assert demo_staff(elsewhere) != first


def test_a_lost_password_file_is_made_good_by_the_next_seed(database: Database, settings: Settings) -> None:
    seed(database, settings)
    (settings.home / "staff-password").unlink()
    seed(database, settings)
    account = demo_staff(settings)
    assert account is not None
    with Http(create_app(settings, database)) as http:
        answer = http.request("POST", "/staff/sessions", json={"email": account[0], "password": account[1]})
    assert answer.status_code == 201


def test_production_has_no_demo_account(
    database: Database, database_url: str, settings: Settings, count_rows: Callable[[type[Base]], int]
) -> None:
    production = Settings(
        COMANDA_HOME=settings.home, DATABASE_URL=database_url, COMANDA_SECRET=KEY, COMANDA_MODE="production"
    )
    seed(database, production)
    assert demo_staff(production) is None
    assert count_rows(StaffMember) == 0
    assert not (settings.home / "staff-password").exists()
