"""Stock as a model: whatever happens in whatever order, what is free is what was brought in less what was promised."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from backend.audit import audit
from backend.inventory import service as inventory
from backend.inventory.errors import NotEnoughOnHand
from backend.inventory.models import StockMove
from kernel.db import Database
from tests.backend.shopper import BREAD, MILK, Http, Market, Shopper, add_customer, open_market


def test_a_transfer_carries_free_goods_only(ana, database, market, count_rows):
    ana.order((MILK, "4"))

    with database.write() as session:
        inventory.transfer(session, MILK, market.centro, market.norte, 6)
    with pytest.raises(NotEnoughOnHand) as refused, database.write() as session:
        inventory.transfer(session, MILK, market.centro, market.norte, 1)

    assert refused.value.params == {"sku": MILK, "available": 0}
    with database.read() as session:
        assert inventory.levels(session, MILK) == [(MILK, "CENTRO", 4, 4), (MILK, "NORTE", 6, 0)]
    assert count_rows(StockMove) == 4 + 2


def test_a_count_is_a_movement_and_spares_what_is_promised(ana, database, market):  # case 62
    ana.order((MILK, "4"))

    with database.write() as session:
        inventory.adjust(session, MILK, market.centro, -6, note="rotas")
    with pytest.raises(NotEnoughOnHand), database.write() as session:
        inventory.adjust(session, MILK, market.centro, -1, note="rotas")

    with database.read() as session:
        assert inventory.levels(session, MILK) == [(MILK, "CENTRO", 4, 4)]


FREE_AT_FIRST = 5


class StockMachine(RuleBasedStateMachine):
    """A shop of two products and two places, beside a model that only counts."""

    database: Database
    http: Http
    market: Market

    @initialize()
    def open(self) -> None:
        """Every example begins with the same free goods, whatever the one before it left promised."""
        with self.database.write() as session:
            for sku in (MILK, BREAD):
                free = {place: on_hand - held for _, place, on_hand, held in inventory.levels(session, sku)}
                for place, location_id in (("CENTRO", self.market.centro), ("NORTE", self.market.norte)):
                    difference = FREE_AT_FIRST - free.get(place, 0)
                    if difference:
                        inventory.adjust(session, sku, location_id, difference, note="conteo")
            self.free = inventory.available(session, [MILK, BREAD])
        assert self.free == {MILK: 2 * FREE_AT_FIRST, BREAD: 2 * FREE_AT_FIRST}
        self.orders: list[tuple[Shopper, str, dict[str, int]]] = []

    @rule(sku=st.sampled_from([MILK, BREAD]), quantity=st.integers(1, 5), far=st.booleans())
    def receive(self, sku: str, quantity: int, far: bool) -> None:
        with self.database.write() as session:
            inventory.receive(session, sku, self.market.norte if far else self.market.centro, quantity)
        self.free[sku] += quantity

    # case 57: the same product may stand on two lines, as bottles and as a box of twelve
    @rule(bottles=st.integers(0, 4), boxes=st.sampled_from(["0", "0.25", "0.5"]), bread=st.integers(0, 3))
    def order(self, bottles: int, boxes: str, bread: int) -> None:
        wanted = {MILK: bottles + int(float(boxes) * 12), BREAD: bread}
        wishes = [(MILK, str(bottles), "unidad"), (MILK, boxes, "caja"), (BREAD, str(bread), "unidad")]
        wishes = [wish for wish in wishes if wish[1] != "0"]
        if not wishes:
            return
        with self.database.write() as session:
            shopper = Shopper(self.http, add_customer(session))
        answer = shopper.change(*({"op": "add", "sku": s, "quantity": q, "unit": u} for s, q, u in wishes))
        fits = all(self.free[sku] >= count for sku, count in wanted.items())
        assert answer.status_code == (200 if fits else 409), answer.text
        if not fits:
            return
        shopper.choose()
        placed = shopper.place(shopper.confirm())
        assert placed.status_code == 201, placed.text
        for sku, count in wanted.items():
            self.free[sku] -= count
        self.orders.append((shopper, placed.json()["number"], wanted))

    @precondition(lambda self: self.orders)
    @rule(which=st.integers(0, 100))
    def cancel(self, which: int) -> None:
        shopper, number, wanted = self.orders.pop(which % len(self.orders))
        assert shopper.act("POST", f"/orders/{number}/cancel", {}).status_code == 200
        for sku, count in wanted.items():
            self.free[sku] += count

    @rule(sku=st.sampled_from([MILK, BREAD]), quantity=st.integers(1, 3))
    def transfer(self, sku: str, quantity: int) -> None:
        try:
            with self.database.write() as session:
                inventory.transfer(session, sku, self.market.centro, self.market.norte, quantity)
        except NotEnoughOnHand:
            pass

    @invariant()
    def what_is_free_is_what_the_model_says(self) -> None:
        if not hasattr(self, "free"):
            return
        with self.database.read() as session:
            assert inventory.available(session, [MILK, BREAD]) == self.free
            assert audit(session) == []


def test_stock_follows_its_model(database, http):  # case 57, case 59
    with database.write() as session:
        StockMachine.market = open_market(session)
    StockMachine.database, StockMachine.http = database, http

    run_state_machine_as_test(
        StockMachine,
        settings=settings(
            max_examples=12,
            stateful_step_count=12,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )
