"""Send purchase orders: what a partner shall ship of an order, once, and what has become of it since."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from backend import events
from backend.carts.quantity import in_units
from backend.catalog.service import shop
from backend.fulfillment import service as fulfillment
from backend.fulfillment.service import FullFulfillment
from backend.mail import service as mail
from backend.orders import service as orders
from backend.orders.models import Order, OrderLine
from backend.orders.service import FullOrder
from backend.partners import letters, purchase_orders
from backend.partners import service as partners
from backend.partners.letters import Asked
from backend.partners.models import Partner, PurchaseOrder
from backend.shipping import service as shipping
from backend.workflows.link_purchase_order import link_purchase_order
from kernel import clock

_ANSWERABLE = ("sent", "confirmed")
# The letters that want an answer.
_ASKING = ("sent", "changed")


def send_purchase_orders(session: Session, found: FullOrder) -> None:
    """Bring the purchase orders of a (locked) order up to its fulfillments that partners own.

    A new fulfillment is sent, one that asks for something else now is sent again, a cancelled one is taken back; the
    partner is written to each time, in their language.

    Records: PurchaseOrder rows, an OrderEntry each, Mail rows, the events `purchase_order.sent`.
    """
    full = fulfillment.of_orders(session, [found.order.id])[found.order.id]
    theirs = [each for each in full if each.fulfillment.partner_id is not None]
    if not theirs:
        return
    there = purchase_orders.of_fulfillments(session, [each.fulfillment.id for each in theirs])
    partner_of = partners.by_ids(session, [each.fulfillment.partner_id or "" for each in theirs])
    for each in theirs:
        partner = partner_of[each.fulfillment.partner_id or ""]
        known = there.get(each.fulfillment.id)
        if known is None:
            if each.fulfillment.status == "pending":
                sent = purchase_orders.send(session, partner.id, each.fulfillment.id, each.fulfillment.version)
                _tell(session, "sent", found, each, sent, partner)
        elif each.fulfillment.status == "cancelled" and known.status in _ANSWERABLE:
            purchase_orders.answer(session, purchase_orders.lock(session, known), "cancelled")
            _write(session, "cancelled", found, each, known, partner)
        elif each.fulfillment.status == "picking" and known.status in _ANSWERABLE:
            _take_rest_back(session, found, each, known, partner)
        elif each.fulfillment.status == "pending" and known.fulfillment_version != each.fulfillment.version:
            purchase_orders.send_again(session, purchase_orders.lock(session, known), each.fulfillment.version)
            _tell(session, "changed", found, each, known, partner)


def _take_rest_back(
    session: Session, found: FullOrder, full: FullFulfillment, known: PurchaseOrder, partner: Partner
) -> None:
    """What has not left yet and is not wanted any more is taken back; with that they are done."""
    wanted = {
        promise.order_line_id for promise in partners.promised(session, [line.order_line_id for line in full.lines])
    }
    if any(line.order_line_id in wanted for line in full.lines if line.picked < line.quantity):
        return
    locked = fulfillment.locked(session, full.fulfillment.id)
    fulfillment.keep_only(session, locked, {line.order_line_id: line.picked for line in locked.lines if line.picked})
    parcels = shipping.of_fulfillment(session, locked.fulfillment.id)
    if all(parcel.shipment.status == "delivered" for parcel in parcels):
        fulfillment.mark_delivered(session, locked.fulfillment)
    purchase_orders.answer(session, purchase_orders.lock(session, known), "shipped")
    _write(session, "rest_cancelled", found, fulfillment.by_id(session, locked.fulfillment.id), known, partner)


def _tell(
    session: Session, letter: str, found: FullOrder, full: FullFulfillment, sent: PurchaseOrder, partner: Partner
) -> None:
    orders.enter(session, found.order.id, "purchase_order_sent", "system", clock.now(), f"{sent.number} {partner.name}")
    events.record(session, "purchase_order.sent", sent.number, purchase_fact(found.order, full, partner))
    _write(session, letter, found, full, sent, partner)


def _write(
    session: Session, letter: str, found: FullOrder, full: FullFulfillment, sent: PurchaseOrder, partner: Partner
) -> None:
    seller = shop(session)
    asked = [_asked(session.get_one(OrderLine, line.order_line_id), line.quantity) for line in full.lines]
    written = letters.write(
        letter,
        partner.language,
        seller.name,
        partner.name,
        sent.number,
        asked,
        partner.lead_days,
        found.order.address,
        link_purchase_order(session, partner, sent) if letter in _ASKING else None,
    )
    key = f"purchase_order.{letter}:{sent.number}:{sent.version}"
    mail.queue(session, key, partner.email, written.subject, written.text, written.html)


def _asked(line: OrderLine, base_quantity: int) -> Asked:
    if base_quantity % line.factor:
        return Asked(str(base_quantity), {"es": "", "en": ""}, line.sku, {"es": line.name, "en": line.name_en})
    units = {"es": line.unit_name_es, "en": line.unit_name_en}
    return Asked(in_units(base_quantity, line.factor), units, line.sku, {"es": line.name, "en": line.name_en})


def purchase_fact(order: Order, full: FullFulfillment, partner: Partner) -> dict[str, Any]:
    """What every event about a purchase order says of it; its subject is the purchase order's number."""
    return orders.fact(order) | {"partner": partner.code, "fulfillment": full.fulfillment.number}
