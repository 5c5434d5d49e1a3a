"""Whatever is delivered, asked for, received, looked at and resolved, in whatever order: every invariant holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

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
from kernel.db import Database
from tests.backend.partnering import add_partner
from tests.backend.payments.conftest import Finance
from tests.backend.returns.conftest import Desk, arrive, ask
from tests.backend.shopper import BREAD, MILK, SODA, Http, Shopper, add_customer, open_market
from tests.backend.warehouse import Warehouse

QUANTITIES = st.integers(1, 3)
SUPPLIER = "lecheria"
DIFFERENCES = st.sampled_from(["refund", "store_credit"])
SKUS = st.sampled_from([MILK, BREAD])


class ReturnMachine(RuleBasedStateMachine):
    """A customer who returns without end, and a shop that takes back what it is given."""

    database: Database
    http: Http
    new_shopper: Callable[[], Shopper]
    desk: Desk
    warehouse: Warehouse
    finance: Finance

    @initialize(count=QUANTITIES, difference_as=DIFFERENCES)
    def begin(self, count: int, difference_as: str) -> None:
        """There is always an exchange, of something for less or for more."""
        self.shopper = self.new_shopper()
        self.orders: list[str] = []
        self.returns: list[str] = []
        self.sent: set[str] = set()
        self.deliver(2, paid=True, bounces=False)
        self.ask(0, MILK, 1, "damaged", "exchange", count, difference_as)

    @rule(quantity=QUANTITIES, paid=st.booleans(), bounces=st.booleans())
    def deliver(self, quantity: int, paid: bool, bounces: bool) -> None:
        order = self.shopper.order((MILK, str(quantity)), (BREAD, "1"))
        number = order["number"]
        self.warehouse.ship_all(f"{number}-1")
        if paid:
            self.finance.pay(number, order["total"]["amount_minor"])
        arrive(self.warehouse, number, "returned_to_origin" if bounces else "delivered")
        self.orders.append(number)
        self.returns += [
            each["number"]
            for each in self.desk.get("/returns")["returns"]
            if each["order_number"] == number and each["number"] not in self.returns
        ]

    @rule(
        which=st.integers(0, 9),
        sku=SKUS,
        quantity=QUANTITIES,
        reason=st.sampled_from(["damaged", "not_wanted"]),
        wish=st.sampled_from(["refund", "store_credit", "replacement", "exchange", "exchange"]),
        count=QUANTITIES,
        difference_as=DIFFERENCES,
    )
    def ask(self, which: int, sku: str, quantity: int, reason: str, wish: str, count: int, difference_as: str) -> None:
        given: dict[str, Any] = {"wish": wish}
        if wish == "exchange":
            given["exchange_for"] = [{"sku": SODA, "quantity": str(count)}]
            given["difference_as"] = difference_as
        answer = ask(self.shopper, self.orders[which % len(self.orders)], (sku, quantity, reason), **given)
        assert answer.status_code in (201, 409), answer.text
        if answer.status_code == 201:
            self.returns.append(answer.json()["number"])
            self.step(-1, "accept", {})

    @precondition(lambda self: self.returns)
    @rule(which=st.integers(0, 9), step=st.sampled_from(["accept", "reject", "cancel", "send", "resolve", "resolve"]))
    def decide(self, which: int, step: str) -> None:
        self.step(which, step, {"reason": "no"} if step == "reject" else {})

    @precondition(lambda self: self.returns)
    @rule(which=st.integers(0, 9), disposition=st.sampled_from(["restock", "scrap"]))
    def go_to_the_end(self, which: int, disposition: str) -> None:
        """All that is still to come comes, is looked at and settled; what goes out for it is billed as it leaves."""
        index = which % len(self.returns)
        for line in self.desk.get(f"/returns/{self.returns[index]}")["lines"]:
            if left := line["quantity"] - line["received"]:
                self.receive(index, line["id"], left, is_last=False)
            if left := line["quantity"] - line["inspected"]:
                self.inspect(index, line["id"], left, disposition)
        self.decide(index, "resolve")
        number = self.desk.get(f"/returns/{self.returns[index]}")["exchange_order"]
        if number and number not in self.sent and self.desk.get(f"/orders/{number}")["status"] == "confirmed":
            self.sent.add(number)
            self.warehouse.ship_all(f"{number}-1")

    @precondition(lambda self: self.returns)
    @rule(which=st.integers(0, 9), sku=SKUS, quantity=QUANTITIES, is_last=st.booleans())
    def receive(self, which: int, sku: str, quantity: int, is_last: bool) -> None:
        lines = [{"line": sku, "quantity": quantity}]
        self.step(which, "receipts", {"location": "CENTRO", "lines": lines, "is_last": is_last})

    @precondition(lambda self: self.returns)
    @rule(
        which=st.integers(0, 9),
        sku=SKUS,
        quantity=QUANTITIES,
        disposition=st.sampled_from(["restock", "scrap", "refurbish", "back_to_supplier"]),
    )
    def inspect(self, which: int, sku: str, quantity: int, disposition: str) -> None:
        lines = [{"line": sku, "quantity": quantity, "disposition": disposition}]
        if disposition == "back_to_supplier":
            lines[0]["supplier"] = SUPPLIER
        self.step(which, "inspections", {"location": "CENTRO", "lines": lines})

    def step(self, which: int, step: str, body: dict[str, Any]) -> None:
        number = self.returns[which if which < 0 else which % len(self.returns)]
        answer = self.desk.act(f"/returns/{number}/{step}", body if step != "accept" else None)
        assert answer.status_code in (200, 409, 422), answer.text

    @invariant()
    def the_auditor_finds_nothing(self) -> None:
        with self.database.read() as session:
            assert audit(session, has_worker=False) == []


def test_any_sequence_of_steps_keeps_every_invariant(database, http):  # case 71, case 81, case 59
    with database.write() as session:
        market = open_market(session)
        for sku in (MILK, BREAD, SODA):
            inventory.receive(session, sku, market.centro, 1_000)
    add_partner(database, SUPPLIER)

    def new_shopper() -> Shopper:
        with database.write() as session:
            return Shopper(http, add_customer(session))

    ReturnMachine.database, ReturnMachine.http, ReturnMachine.new_shopper = database, http, staticmethod(new_shopper)
    ReturnMachine.desk, ReturnMachine.warehouse, ReturnMachine.finance = Desk(http), Warehouse(http), Finance(http)
    run_state_machine_as_test(
        ReturnMachine,
        settings=settings(
            max_examples=8 if database.is_sqlite else 3,
            stateful_step_count=12,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
            derandomize=True,
        ),
    )
