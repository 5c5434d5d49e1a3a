"""Pick an order: what was found goes into the basket; what was not is written off, and its customer is asked."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from backend.fulfillment import service as fulfillment
from backend.fulfillment.service import FullFulfillment, Missed, Pick
from backend.inventory import service as inventory
from backend.orders import service as orders
from backend.orders.service import FullOrder
from backend.workflows.ask_about_shortages import ask_about_shortages
from backend.workflows.book_goods import goods_counted
from backend.workflows.lock_fulfillment import lock_fulfillment, require_confirmed, require_not_anothers
from kernel import clock


def pick_order(session: Session, number: str, version: int, picks: Sequence[Pick], who: str) -> FullFulfillment:
    """Add to what is in the basket. When nothing is left to look for, the fulfillment is picked.

    Records: the lines' counts; for what is short the write-off, Shortage rows, the event `fulfillment.short`;
    OrderEntry rows.
    Raises: FulfillmentNotFound, FulfillmentChanged, FulfillmentStepIllegal, FulfillmentInWalk (someone else's),
    NotInFulfillment, PickedTooMany.
    """
    found, full = lock_fulfillment(session, number, version)
    require_confirmed(found, full, "picked")
    require_not_anothers(session, full, who)
    short = fulfillment.pick(session, full, picks)
    now = clock.now()
    if short:
        _ask(session, found, full, short, who)
        orders.enter(session, found.order.id, "short", who, now)
    if fulfillment.is_picked(full) and full.fulfillment.status == "picking":
        # Of what nobody found there is nothing to pack.
        is_empty = not any(line.picked for line in full.lines)
        fulfillment.step(session, full.fulfillment, "cancelled" if is_empty else "picked")
        if not is_empty:
            orders.enter(session, found.order.id, "picked", who, now)
    else:
        fulfillment.touch(session, full.fulfillment)
    return full


def _ask(session: Session, found: FullOrder, full: FullFulfillment, short: Sequence[Missed], who: str) -> None:
    location_id = full.fulfillment.location_id
    assert location_id is not None, "partners do not pick here"
    for missed in sorted(short, key=lambda one: (one.line.sku, one.line.id)):
        line, why = missed.line, missed.reason or "not_found"
        cost_minor = inventory.lost_in_picking(session, line.order_line_id, location_id, missed.quantity, who, why)
        goods_counted(session, -cost_minor, found.order.number, who)
    asked = {fulfillment.missing(session, missed, found.order.id).id for missed in short}
    ask_about_shortages(session, found, asked, fulfillment=full.fulfillment.number)
