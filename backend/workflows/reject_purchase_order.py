"""Reject a purchase order: the partner does not ship it, and the customer chooses what shall be instead."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend import events
from backend.fulfillment import service as fulfillment
from backend.fulfillment.service import Missed
from backend.orders import service as orders
from backend.partners import purchase_orders
from backend.partners import service as partners
from backend.partners.errors import PurchaseOrderStepIllegal
from backend.partners.models import Partner
from backend.workflows.answer_purchase_order import Purchase, lock_purchase
from backend.workflows.ask_about_shortages import ask_about_shortages
from backend.workflows.send_purchase_orders import purchase_fact
from kernel import clock


def reject_purchase_order(session: Session, partner: Partner, number: str, version: int | None, note: str) -> Purchase:
    """All of it: what has left already can not be rejected any more.

    Records: the statuses of purchase order and fulfillment, the promises' end, Shortage rows, an OrderEntry, the
    events `purchase_order.rejected`, `fulfillment.short`.
    Raises: PurchaseOrderNotFound, PurchaseOrderChanged, PurchaseOrderStepIllegal.
    """
    mine = lock_purchase(session, partner, number, version)
    full, found = mine.full, mine.order
    if full.fulfillment.status != "pending":
        raise PurchaseOrderStepIllegal(
            number=mine.purchase_order.number, status=full.fulfillment.status, step="rejected"
        )
    purchase_orders.answer(session, mine.purchase_order, "rejected", note=note)
    partners.release(session, [line.order_line_id for line in full.lines], state="rejected")
    asked = set()
    for line in full.lines:
        line.short = line.quantity
        asked.add(fulfillment.missing(session, Missed(line, line.quantity, None), found.order.id).id)
    fulfillment.step(session, full.fulfillment, "cancelled")
    orders.enter(session, found.order.id, "partner_rejected", f"partner:{partner.code}", clock.now(), note)
    number = mine.purchase_order.number
    events.record(
        session, "purchase_order.rejected", number, purchase_fact(found.order, full, partner) | {"note": note}
    )
    ask_about_shortages(session, found, asked, fulfillment=full.fulfillment.number)
    return mine
