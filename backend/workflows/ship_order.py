"""Ship an order: a packed parcel leaves with a carrier, its goods leave the books, and it is billed."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from backend import events
from backend.carts.quantity import in_units
from backend.fulfillment import service as fulfillment
from backend.fulfillment.errors import FulfillmentChanged, FulfillmentStepIllegal, NotPacked
from backend.fulfillment.service import FullFulfillment
from backend.inventory import service as inventory
from backend.orders import service as orders
from backend.orders.service import FullOrder
from backend.shipping import service as shipping
from backend.shipping.carriers import carrier_of
from backend.shipping.service import Parcel
from backend.workflows.book_goods import goods_left
from backend.workflows.invoice_shipment import invoice_parcel
from backend.workflows.left_house import left_house
from backend.workflows.link_tracking import link_tracking
from backend.workflows.lock_fulfillment import lock_fulfillment, require_confirmed
from backend.workflows.promise_parcel import promise_parcel
from kernel import clock


def ship_order(
    session: Session,
    number: str,
    version: int,
    *,
    shipment: str | None,
    carrier: str,
    tracking_number: str | None = None,
    tracking_url: str | None = None,
    who: str,
) -> FullFulfillment:
    """Hand over one packed parcel of the fulfillment: `shipment` names it, unless only one waits.

    The same parcel again, with the same carrier, changes nothing.

    Records: the shipment's carrier, number and status, a TrackingEvent, the end of the reservations, StockMove rows,
    an OrderEntry, the event `shipment.shipped`, the parcel's invoice; the fulfillment is shipped with its last parcel.
    Raises: FulfillmentNotFound, FulfillmentChanged, FulfillmentStepIllegal, NotPacked, SeriesUsedUp, PeriodClosed, and
    what carriers refuse.
    """
    found, full = lock_fulfillment(session, number, None)
    parcels = shipping.of_fulfillment(session, full.fulfillment.id)
    parcel = _chosen(full, parcels, shipment)
    if parcel.shipment.status != "packed":
        _require_same(parcel, carrier, tracking_number)
        return full
    if full.fulfillment.version != version:
        raise FulfillmentChanged(number=number, version=full.fulfillment.version, status=full.fulfillment.status)
    require_confirmed(found, full, "shipped")
    if full.fulfillment.kind == "pickup":
        raise FulfillmentStepIllegal(number=number, status=full.fulfillment.status, step="shipped")
    shipping.hand_over(session, parcel.shipment, carrier, tracking_number, who, tracking_url=tracking_url)
    promise_parcel(session, found, parcel.shipment, who)
    issue_goods(session, found, full, parcel, who)
    waiting = [one for one in parcels if one.shipment.status == "packed"]
    if full.fulfillment.status == "packed" and not waiting:
        fulfillment.step(session, full.fulfillment, "shipped")
    else:
        fulfillment.touch(session, full.fulfillment)
    orders.enter(session, found.order.id, "shipped", who, clock.now(), parcel.shipment.number)
    events.record(session, "shipment.shipped", found.order.number, shipped_fact(session, found, parcel))
    invoice_parcel(session, found, parcel, who)
    return full


def issue_goods(session: Session, found: FullOrder, full: FullFulfillment, parcel: Parcel, who: str) -> None:
    """What is in a parcel leaves the books. Records: the end of Reservations, StockMove rows, a JournalEntry."""
    location_id = full.fulfillment.location_id
    assert location_id is not None, "what a partner ships was never on our shelves"
    # One order of locks for everyone: by sku.
    cost_minor = sum(
        inventory.issue(session, line.order_line_id, location_id, line.quantity, reference=line.order_line_id)
        for line in sorted(parcel.lines, key=lambda line: (line.sku, line.order_line_id))
    )
    goods_left(session, cost_minor, parcel.shipment.number, found.order.number, who)


def _chosen(full: FullFulfillment, parcels: list[Parcel], shipment: str | None) -> Parcel:
    number, status = full.fulfillment.number, full.fulfillment.status
    if shipment is not None:
        chosen = [parcel for parcel in parcels if parcel.shipment.number == shipment.strip().upper()]
    else:
        chosen = [parcel for parcel in parcels if parcel.shipment.status == "packed"] or parcels
    if len(chosen) != 1:
        raise NotPacked(number=number, status=status)
    return chosen[0]


def _require_same(parcel: Parcel, carrier: str, tracking_number: str | None) -> None:
    was = parcel.shipment
    if was.carrier != carrier or tracking_number not in (None, was.tracking_number):
        raise NotPacked(number=was.number, status=was.status)


def shipped_fact(session: Session, found: FullOrder, parcel: Parcel) -> dict[str, Any]:
    """What the event `shipment.shipped` says, whoever ships."""
    shipment = parcel.shipment
    left = left_house(session, [line.id for line in found.lines])
    lines = orders.lines(session, [line.order_line_id for line in parcel.lines])
    return orders.fact(found.order) | {
        "shipment": shipment.number,
        "carrier": shipment.carrier,
        "carrier_name": carrier_of(shipment.carrier).name if shipment.carrier else None,
        "tracking_number": shipment.tracking_number,
        "tracking_url": link_tracking(session, found.order) or shipment.tracking_url,
        "promised_on": shipment.promised_on.isoformat() if shipment.promised_on else None,
        "lines": [
            {
                "sku": line.sku,
                "name": line.name,
                "name_en": line.name_en,
                "quantity": in_units(inside.quantity, line.factor),
                "unit": line.unit,
                "unit_name_es": line.unit_name_es,
                "unit_name_en": line.unit_name_en,
            }
            for inside in parcel.lines
            for line in [lines[inside.order_line_id]]
        ],
        "is_partial": any(left[line.id] < line.base_quantity for line in found.lines),
    }
