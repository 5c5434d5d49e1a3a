"""Collect an order: its customer says the code at the counter and takes it along."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend import events
from backend.fulfillment import service as fulfillment
from backend.fulfillment.errors import NotPacked
from backend.fulfillment.service import FullFulfillment
from backend.orders import service as orders
from backend.shipping import service as shipping
from backend.workflows.close_order import close_order
from backend.workflows.collect_payment import collect_payment
from backend.workflows.invoice_shipment import invoice_parcel
from backend.workflows.lock_fulfillment import lock_fulfillment, require_confirmed
from backend.workflows.ship_order import issue_goods
from kernel import clock


def collect_order(
    session: Session, number: str, code: str, who: str, *, collected_minor: int | None = None
) -> FullFulfillment:
    """Hand over what is packed. The try was counted before, by `fulfillment.count_try`, so that a refusal counts too.

    `collected_minor` is the money that was taken for it at the counter, in minor units of the order's currency.

    Records: the parcels' and the fulfillment's status, the end of the reservations, StockMove rows, an OrderEntry, the
    event `pickup.collected`, the payment that was collected, the parcels' invoices; closes the order when nothing else
    is left of it.
    Raises: FulfillmentNotFound, NotPacked, PickupLocked, PickupCodeWrong, FulfillmentStepIllegal, SeriesUsedUp,
    PeriodClosed.
    """
    found, full = lock_fulfillment(session, number, None)
    if full.fulfillment.kind != "pickup" or full.fulfillment.status != "packed":
        raise NotPacked(number=full.fulfillment.number, status=full.fulfillment.status)
    require_confirmed(found, full, "delivered")
    fulfillment.check_code(full.fulfillment, code)
    parcels = shipping.of_fulfillment(session, full.fulfillment.id)
    for parcel in parcels:
        shipping.hand_to_customer(session, parcel.shipment, received_by=f"customer:{found.order.customer_id}")
        issue_goods(session, found, full, parcel, who)
    fulfillment.mark_delivered(session, full.fulfillment)
    orders.enter(session, found.order.id, "collected", who, clock.now())
    fact = orders.fact(found.order) | {"fulfillment": full.fulfillment.number}
    events.record(session, "pickup.collected", found.order.number, fact)
    if collected_minor is not None:
        collect_payment(session, found, full.fulfillment.number, collected_minor, who)
    for parcel in parcels:
        invoice_parcel(session, found, parcel, who)
    close_order(session, found, who)
    return full


def reset_pickup(session: Session, number: str, version: int, who: str) -> FullFulfillment:
    """Someone of the shop looked: codes may be tried again.

    Records: the tries, an OrderEntry.
    Raises: FulfillmentNotFound, FulfillmentChanged, NotPacked.
    """
    found, full = lock_fulfillment(session, number, version)
    if full.fulfillment.kind != "pickup" or full.fulfillment.status != "packed":
        raise NotPacked(number=full.fulfillment.number, status=full.fulfillment.status)
    full.fulfillment.pickup_tries = 0
    fulfillment.touch(session, full.fulfillment)
    orders.enter(session, found.order.id, "pickup_reset", who, clock.now())
    return full
