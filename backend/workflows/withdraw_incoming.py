"""Withdraw incoming stock: the supplier does not bring it, or not the rest of it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend.fulfillment import service as fulfillment
from backend.inventory import expected
from backend.inventory import service as inventory
from backend.inventory.models import IncomingStock
from backend.orders import service as orders
from backend.orders.service import FullOrder
from backend.workflows.ask_about_shortages import ask_about_shortages
from backend.workflows.keep_promises import keep_promises, lock_those_who_wait
from kernel import clock


def withdraw_incoming(session: Session, incoming_id: str, who: str) -> tuple[IncomingStock, str]:
    """What was announced, with the code of its location. Those who wait are promised what else is announced.

    Whoever was promised a day and has none now is asked: wait all the same, take something else, or do without.

    Records: when it was withdrawn; what `keep_promises` does; for what nobody brings the end of Backorders, Shortage
    rows, OrderEntry rows, the events `fulfillment.short`.
    Raises: IncomingNotFound, IncomingOver.
    """
    skus = inventory.sku_of_incoming(session, incoming_id)
    waiting = lock_those_who_wait(session, skus)
    promised = expected.promised_backorders(session, skus)
    row, location = inventory.coming(session, incoming_id)
    row.withdrawn_at = clock.now()
    session.flush()
    keep_promises(session, skus, who)
    for found in waiting:
        _ask(session, found, promised, who)
    return row, location


def _ask(session: Session, found: FullOrder, promised: set[str], who: str) -> None:
    if found.order.status not in ("confirmed", "on_hold"):
        return
    lines = {line.id: line for line in found.lines}
    lacking = expected.give_up(session, promised, list(lines))
    if not lacking:
        return
    asked = {
        fulfillment.ask_about(session, found.order.id, line_id, lines[line_id].sku, quantity).id
        for line_id, quantity in lacking.items()
    }
    orders.enter(session, found.order.id, "short", who, clock.now())
    ask_about_shortages(session, found, asked, why="withdrawn")
