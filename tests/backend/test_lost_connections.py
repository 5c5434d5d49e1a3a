"""PostgreSQL goes away in three ways under those who write: what was acknowledged is there, and once."""

from __future__ import annotations

import tempfile
import threading
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from backend.app import create_app
from backend.inventory import service as inventory
from backend.migrations import upgrade
from bench.storm.stage import Postgres
from kernel.config import Settings
from kernel.db import Database, normalise_url
from tests.backend.shopper import KEY, MILK, Http, Shopper, add_customer, open_market

WRITERS, BETWEEN = 6, 30
OTHER_PORT = 5499


@pytest.fixture
def server() -> Iterator[Postgres]:
    with warnings.catch_warnings(), tempfile.TemporaryDirectory(prefix="comanda-lost-") as folder:
        warnings.simplefilter("ignore")  # it warns of an unset XDG_RUNTIME_DIR
        server = Postgres(Path(folder))
        yield server
        server.end()


def of_both_ports(url: str) -> str:
    """As operators name a server and its stand-in: whichever answers is taken."""
    folder = url.partition("host=")[2].partition("&")[0]
    return f"postgresql://postgres@/postgres?host={folder},{folder}&port=5432,{OTHER_PORT}"


# case 52
@pytest.mark.chaos
@pytest.mark.timeout(240)
def test_a_database_that_is_killed_restarted_and_moved_loses_and_doubles_nothing(
    server: Postgres, tmp_path: Path
) -> None:
    url = normalise_url(of_both_ports(server.url))
    upgrade(url)
    database = Database(url)
    app = create_app(Settings(COMANDA_HOME=tmp_path, DATABASE_URL=url, COMANDA_SECRET=KEY), database)
    with database.write() as session:
        market = open_market(session)
        inventory.receive(session, MILK, market.centro, 100_000)
        customers = [add_customer(session) for _ in range(WRITERS)]
    answers: Counter[int] = Counter()
    acknowledged = dict.fromkeys(customers, 0)
    may_go = threading.Event()

    def write(customer: str) -> None:
        with Http(app) as http:
            shopper = Shopper(http, customer)
            while not may_go.is_set():
                key = f"act:{acknowledged[customer]}"
                answer = shopper.change({"op": "add", "sku": MILK, "quantity": "1", "unit": None}, key=key)
                answers[answer.status_code] += 1
                acknowledged[customer] += answer.status_code == 200
                assert answer.status_code in (200, 503), answer.text
                if answer.status_code == 503:
                    assert answer.headers["Retry-After"]
                    time.sleep(0.05)

    writers = [threading.Thread(target=write, args=(customer,)) for customer in customers]
    for each in writers:
        each.start()

    took = {}
    until_written(acknowledged)
    for name, strike in strikes(server).items():
        strike()
        began = time.monotonic()
        until_written(acknowledged, most=1)
        took[name] = time.monotonic() - began
        until_written(acknowledged)
    may_go.set()
    for each in writers:
        each.join(60)

    with Http(app) as http:
        kept = {each: int(Shopper(http, each).cart()["lines"][0]["quantity"]) for each in customers}
    database.dispose()
    recovery = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in took.items())
    lost = sum(abs(kept[each] - acknowledged[each]) for each in customers)
    print(f"{sum(acknowledged.values())} acknowledged, {lost} lost or double, {answers[503]} asked again; {recovery}")
    assert kept == acknowledged
    assert answers[503] > 0


def strikes(server: Postgres) -> dict[str, Callable[[], None]]:
    admin = create_engine(normalise_url(of_both_ports(server.url)), isolation_level="AUTOCOMMIT", pool_pre_ping=True)

    def run(statement: str) -> None:
        with admin.connect() as connection:
            connection.execute(text(statement))

    def end_all() -> None:
        run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")

    def move() -> None:
        run(f"ALTER SYSTEM SET port = {OTHER_PORT}")
        server.restart()
        admin.dispose()

    return {"connections ended": end_all, "immediate restart": server.restart, "another port": move}


def until_written(acknowledged: dict[str, int], most: int = BETWEEN) -> None:
    wanted, deadline = sum(acknowledged.values()) + most, time.monotonic() + 60
    while sum(acknowledged.values()) < wanted:
        assert time.monotonic() < deadline, "nobody writes any more"
        time.sleep(0.02)
