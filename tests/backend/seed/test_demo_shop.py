"""The demo shop: what is in it, and that filling it again changes nothing."""

from __future__ import annotations

import stat
from collections.abc import Callable

import pytest
from shopper import KEY, Http
from sqlalchemy import func, select, update

from backend.app import create_app
from backend.base import Base
from backend.catalog.models import CatalogVersion, Category, Product, TaxClass, Variant, VariantUnit
from backend.inventory.models import Bin, Location, StockLevel, StockMove
from backend.seed import demo_staff, seed
from backend.staff.models import StaffMember
from kernel.config import Settings
from kernel.db import Database

TABLES: tuple[type[Base], ...] = (
    Category, TaxClass, Product, Variant, VariantUnit, Location, Bin, StockMove, StockLevel, StaffMember,
)  # fmt: skip


@pytest.fixture
def counts(count_rows: Callable[[type[Base]], int]) -> Callable[[], dict[str, int]]:
    return lambda: {table.__name__: count_rows(table) for table in TABLES}


def version(database: Database) -> int:
    with database.read() as session:
        return session.scalars(select(CatalogVersion.version)).one()


def test_the_shop_is_filled_once_and_a_second_time_changes_nothing(
    database: Database, settings: Settings, counts: Callable[[], dict[str, int]]
) -> None:
    assert seed(database, settings) == "Mercado La Esquina: 461 variants added"
    filled, filled_version = counts(), version(database)

    assert seed(database, settings) == "Mercado La Esquina: nothing to add"

    assert counts() == filled
    assert version(database) == filled_version
    assert (filled["Category"], filled["Product"], filled["Variant"], filled["Location"]) == (17, 302, 461, 2)


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
    counts: Callable[[], dict[str, int]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("the disk is full")

    with monkeypatch.context() as broken, pytest.raises(RuntimeError):
        broken.setattr("backend.seed.demo._admit_demo_staff", fail)
        seed(database, settings)
    assert set(counts().values()) == {0}


def test_the_market_is_believable(database: Database, settings: Settings) -> None:
    seed(database, settings)
    with database.read() as session:
        prices = session.scalars(select(Variant.price_minor)).all()
        assert min(prices) >= 50_000  # 500 pesos
        assert max(prices) <= 10_000_000  # 100.000 pesos
        # Shops ask whole hundreds of pesos.
        assert [price for price in prices if price % 10_000] == []
        taxed = dict(
            session.execute(select(Variant.tax_class, func.count()).group_by(Variant.tax_class)).tuples().all()
        )
        assert min(taxed[code] for code in ("iva_19", "iva_5", "exempt")) >= 50
        stocked = select(StockLevel.sku).group_by(StockLevel.sku).having(func.sum(StockLevel.on_hand) > 0)
        out = session.scalars(select(Variant.sku).where(Variant.sku.not_in(stocked)).order_by(Variant.sku)).all()
        assert out == [
            "AREPA-QUESO-5",
            "FRIJOL-LATA-300",
            "MELON",
            "PROTECTOR-SOLAR-120",
            "QUESO-MOZZARELLA-BLOQUE-500",
        ]
        assert session.scalars(select(StockMove.kind).distinct()).all() == ["receipt"]
        assert session.scalars(select(StockMove.id).where(StockMove.bin_id.is_(None))).all() == []


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
