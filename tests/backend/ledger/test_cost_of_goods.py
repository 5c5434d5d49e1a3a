"""What goods cost is booked as they come, leave, are lost and found; the auditor compares books and shelves."""

import pytest
from sqlalchemy import select, text

from backend.catalog.models import Variant
from backend.inventory.models import StockMove
from backend.ledger import chart
from backend.ledger import service as ledger
from backend.ledger.models import JournalEntry
from backend.workflows.adjust_stock import adjust_stock
from backend.workflows.count_stock import count_stock
from backend.workflows.receive_stock import Received, receive_stock
from tests.backend.shopper import MILK, TOMATO


@pytest.fixture
def receive(database, market):
    """Milk of the market goes away first, so that what lies here is what a test says."""
    with database.write() as session:
        adjust_stock(session, MILK, "CENTRO", -10, note="empty", who="staff:1")

    def come(quantity, cost_minor=None, sku=MILK):
        with database.write() as session:
            receive_stock(session, "CENTRO", [Received(sku, quantity, cost_minor=cost_minor)], who="staff:1")

    return come


def balances(database, *codes):
    with database.read() as session:
        found = {line.code: line.balance_minor for line in ledger.trial_balance(session)}
    return [found.get(code, 0) for code in codes]


def facts(database):
    with database.read() as session:
        return [entry.fact for entry in session.query(JournalEntry).order_by(JournalEntry.id)]


def test_a_receipt_with_a_price_is_owed_to_the_supplier_and_is_the_latest_cost(receive, database):
    receive(3, 1_000)
    receive(6)

    assert balances(database, chart.GOODS, chart.SUPPLIERS) == [2_998, 2_998]
    with database.read() as session:
        assert session.get_one(Variant, MILK).cost_minor == 333


def test_what_leaves_costs_the_average_and_the_last_takes_the_rest(receive, ana, warehouse, database):
    receive(1, 100)
    receive(2, 400)
    for _ in range(3):
        warehouse.ship_all(f"{ana.order((MILK, '1'))['number']}-1")

    with database.read() as session:
        moved = session.scalars(select(StockMove.cost_minor).where(StockMove.kind == "issue").order_by(StockMove.id))
        assert list(moved) == [-167, -167, -166]
    assert balances(database, chart.GOODS, chart.GOODS_SOLD) == [0, 500]
    assert facts(database).count("goods_shipped") == 3


def test_what_is_lost_and_found_is_booked(receive, database):
    receive(4, 1_000)
    with database.write() as session:
        adjust_stock(session, MILK, "CENTRO", -1, note="broken", who="staff:1")
        adjust_stock(session, MILK, "CENTRO", 1, note="there it is", who="staff:1")

    assert facts(database) == ["goods_received", "goods_lost", "goods_found"]
    assert balances(database, chart.GOODS, chart.GOODS_LOST) == [1_000, 0]


def test_a_count_is_booked(receive, database, market):
    with database.write() as session:
        session.execute(
            text("INSERT INTO oms_bin (id, location_id, code) VALUES ('b', :centro, 'A1')"), {"centro": market.centro}
        )
        receive_stock(session, "CENTRO", [Received(MILK, 4, bin="A1", cost_minor=1_000)])
        count_stock(session, "CENTRO", "A1", MILK, 3, who="staff:1")

    assert balances(database, chart.GOODS, chart.GOODS_LOST) == [750, 250]


def test_goods_by_weight_cost_for_their_price_quantity(receive, database):
    with database.write() as session:
        session.get_one(Variant, TOMATO).cost_minor = 150_001
    receive(1_250, sku=TOMATO)

    assert balances(database, chart.GOODS) == [375_003]


def test_where_nobody_knows_the_cost_nothing_is_booked(receive, ana, warehouse, database):
    receive(2)
    warehouse.ship_all(f"{ana.order((MILK, '1'))['number']}-1")

    assert facts(database) == ["invoice_issued"]


def test_what_a_picker_cannot_find_is_lost(receive, ana, warehouse, database):
    receive(4, 1_000)
    number = ana.order((MILK, "2"))["number"]
    [line] = warehouse.done(f"{number}-1", "start")["lines"]
    warehouse.pick(f"{number}-1", (line["id"], 1, 1))

    assert balances(database, chart.GOODS, chart.GOODS_LOST) == [750, 250]
