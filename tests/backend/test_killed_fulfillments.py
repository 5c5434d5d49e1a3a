"""Picking, packing and shipping in a process that is killed at each of its words to the database."""

from itertools import count

import pytest

from backend.audit import audit
from backend.events import Event
from backend.fulfillment.models import Fulfillment, FulfillmentLine, Shortage
from backend.idempotency import IdempotentAct
from backend.inventory.models import Reservation, StockMove
from backend.orders.models import OrderEntry, OrderLine
from backend.shipping.models import Shipment, ShipmentLine, TrackingEvent
from tests.backend.killing import fulfil, run_and_kill_at
from tests.backend.shopper import BREAD, MILK

ONE = "PED-10001-1"
STEPS = ("start", "pick", "pick_short", "pack", "ship", "resolve", "cancel")
TABLES = (
    Fulfillment, FulfillmentLine, Shortage, Shipment, ShipmentLine, TrackingEvent, Reservation, StockMove,
    OrderEntry, OrderLine, Event,
)  # fmt: skip


def prepare(ana, warehouse, step):
    """Go as far as `step` needs."""
    number = ana.order((MILK, "3"), (BREAD, "1"))["number"]
    if step in ("pick", "pick_short"):
        warehouse.done(ONE, "start")
    if step in ("pack", "cancel"):
        warehouse.pick_all(ONE)
    if step == "resolve":
        warehouse.done(ONE, "start")
        warehouse.pick(ONE, (MILK, 2, 1), (BREAD, 1))
    if step == "ship":
        warehouse.pick_all(ONE)
        warehouse.pack(ONE)
    return number


@pytest.mark.parametrize("step", STEPS)
def test_a_step_killed_at_any_statement_is_done_or_not_begun(
    ana, warehouse, database, database_url, count_rows, step
):  # case 47
    prepare(ana, warehouse, step)

    def written():
        with database.read() as session:
            assert audit(session) == []
            rows = session.query(Fulfillment.status, Fulfillment.version).all()
        return [count_rows(model) for model in TABLES], [tuple(row) for row in rows]

    before, acts = written(), count_rows(IdempotentAct)

    for word in count(1):
        if not run_and_kill_at(word, fulfil, database_url, step, ONE, f"key:{step}"):
            break
        assert written() == before, f"killed at {word}"
        assert count_rows(IdempotentAct) == acts

    assert word > 6, "a step takes more than half a dozen statements"
    after = written()
    assert after != before
    fulfil(database_url, step, ONE, f"key:{step}")
    assert written() == after, "the same act again changes nothing"
