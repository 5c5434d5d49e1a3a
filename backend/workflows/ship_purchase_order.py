"""Ship a purchase order: what a partner got ready leaves them, and its customer is told as of any parcel."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from backend import events
from backend.catalog.costs import costs_of
from backend.fulfillment import service as fulfillment
from backend.fulfillment.errors import NothingToPack, NotInFulfillment
from backend.fulfillment.models import FulfillmentLine
from backend.fulfillment.service import Pick
from backend.orders import service as orders
from backend.partners import purchase_orders
from backend.partners import service as partners
from backend.partners.errors import PurchaseOrderStepIllegal
from backend.partners.models import Partner
from backend.shipping import service as shipping
from backend.workflows.answer_purchase_order import Purchase, lock_purchase
from backend.workflows.book_goods import partner_sent
from backend.workflows.invoice_shipment import invoice_parcel
from backend.workflows.pack_order import letter
from backend.workflows.promise_parcel import promise_parcel
from backend.workflows.ship_order import shipped_fact
from kernel import clock


def ship_purchase_order(
    session: Session,
    partner: Partner,
    number: str,
    version: int | None,
    carrier: str,
    tracking_number: str | None,
    skus: Sequence[str] | None = None,
) -> Purchase:
    """One parcel with the lines of `skus`, or with all that has not left; with the last one it is shipped.

    Records: Shipment, ShipmentLine rows and a TrackingEvent, the lines' counts, the promises' end, the statuses of
    purchase order and fulfillment, an OrderEntry, the event `shipment.shipped`, what the goods cost in a JournalEntry,
    the parcel's invoice.
    Raises: PurchaseOrderNotFound, PurchaseOrderChanged, PurchaseOrderStepIllegal, NotInFulfillment, NothingToPack,
    SeriesUsedUp, PeriodClosed, and what carriers refuse.
    """
    mine = lock_purchase(session, partner, number, version)
    full, found, who = mine.full, mine.order, f"partner:{partner.code}"
    if "shipped" not in purchase_orders.STEPS[mine.purchase_order.status] or found.order.status != "confirmed":
        raise PurchaseOrderStepIllegal(
            number=mine.purchase_order.number, status=mine.purchase_order.status, step="shipped"
        )
    leaving = _leaving(full.lines, full.fulfillment.number, skus)
    if full.fulfillment.status == "pending":
        fulfillment.step(session, full.fulfillment, "picking")
    fulfillment.pick(session, full, [Pick(line.id, line.quantity, 0) for line in leaving])
    before = shipping.of_fulfillment(session, full.fulfillment.id)
    parcel_number = f"{full.fulfillment.number}-{letter(len(before))}"
    goods = [(line.order_line_id, line.sku, line.quantity) for line in leaving]
    shipment = shipping.pack(session, found.order.id, full.fulfillment.id, parcel_number, goods, None)
    shipping.hand_over(session, shipment, carrier, tracking_number, who)
    promise_parcel(session, found, shipment, who)
    partners.release(session, [line.order_line_id for line in leaving], state="shipped")
    if fulfillment.is_picked(full):
        fulfillment.step(session, full.fulfillment, "shipped")
        purchase_orders.answer(session, mine.purchase_order, "shipped")
    else:
        fulfillment.touch(session, full.fulfillment)
        mine.purchase_order.fulfillment_version = full.fulfillment.version
        purchase_orders.touch(session, mine.purchase_order)
    orders.enter(session, found.order.id, "shipped", who, clock.now(), parcel_number)
    parcel = next(
        one for one in shipping.of_fulfillment(session, full.fulfillment.id) if one.shipment.id == shipment.id
    )
    events.record(session, "shipment.shipped", found.order.number, shipped_fact(session, found, parcel))
    partner_sent(session, _cost_minor(session, leaving), parcel_number, found.order.number, who)
    invoice_parcel(session, found, parcel, who)
    return mine


def _cost_minor(session: Session, leaving: Sequence[FulfillmentLine]) -> int:
    """What the partner takes for it; where they supply it no more, what it cost us lately, if anyone knows."""
    agreed = partners.costs(session, [line.sku for line in leaving])
    rest: dict[str, int] = {}
    for line in leaving:
        if line.sku not in agreed:
            rest[line.sku] = rest.get(line.sku, 0) + line.quantity
    lately = sum(cost_minor or 0 for cost_minor in costs_of(session, rest).values())
    return lately + sum(agreed[line.sku] * line.quantity for line in leaving if line.sku in agreed)


def _leaving(lines: Sequence[FulfillmentLine], number: str, skus: Sequence[str] | None) -> list[FulfillmentLine]:
    waiting = [line for line in lines if line.picked + line.short < line.quantity]
    if skus is not None:
        unknown = next((sku for sku in skus if sku not in {line.sku for line in lines}), None)
        if unknown is not None:
            raise NotInFulfillment(number=number, line=unknown)
        waiting = [line for line in waiting if line.sku in skus]
    if not waiting:
        raise NothingToPack(number=number)
    return waiting
