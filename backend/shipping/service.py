"""What may be done with a parcel: pack it, hand it over, note what its carrier says, find it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from backend.base import insert_if_absent
from backend.shipping.carriers import carrier_of
from backend.shipping.errors import (
    InvalidTrackingUrl,
    ShipmentNotFound,
    ShipmentStepIllegal,
    TrackingNumberTaken,
)
from backend.shipping.models import STATUSES, Shipment, ShipmentLine, TrackingEvent
from kernel import clock
from kernel.ids import new_id

# What an event makes of a parcel; a delay changes its date, not its place.
STATUS_AFTER = {
    "picked_up": "shipped",
    "in_transit": "in_transit",
    "delayed": "shipped",
    "out_for_delivery": "out_for_delivery",
    "attempt_failed": "exception",
    "wrong_address": "exception",
    "lost": "exception",
    "delivered": "delivered",
    "returned_to_origin": "returned_to_origin",
}
ENDED = ("delivered", "returned_to_origin")
EXCEPTIONS = ("attempt_failed", "wrong_address", "lost")


@dataclass(frozen=True, slots=True)
class Parcel:
    """A shipment with what is in it."""

    shipment: Shipment
    lines: Sequence[ShipmentLine]


@dataclass(frozen=True, slots=True)
class NewEvent:
    """What a carrier or a person says of a parcel; see TrackingEvent."""

    carrier: str
    event_id: str
    kind: str
    happened_at: datetime
    place: str | None = None
    note: str | None = None


def rank(status: str) -> int:
    """How far along a parcel is. It never goes back."""
    return STATUSES.index(status)


def pack(
    session: Session,
    order_id: str,
    fulfillment_id: str,
    number: str,
    lines: Iterable[tuple[str, str, int]],
    weight_g: int | None,
) -> Shipment:
    """Close a parcel. `lines` are (order line id, sku, base units), each at least one.

    Records: Shipment, ShipmentLine rows.
    """
    shipment = Shipment(
        id=new_id(),
        number=number,
        order_id=order_id,
        fulfillment_id=fulfillment_id,
        weight_g=weight_g,
        status="packed",
        version=1,
        packed_at=clock.now(),
    )
    session.add(shipment)
    session.flush()
    packed = [
        ShipmentLine(shipment_id=shipment.id, order_line_id=order_line_id, sku=sku, quantity=quantity)
        for order_line_id, sku, quantity in lines
    ]
    assert packed, "a parcel holds something"
    session.add_all(packed)
    session.flush()
    return shipment


def hand_over(
    session: Session,
    shipment: Shipment,
    carrier: str,
    tracking_number: str | None,
    who: str,
    *,
    tracking_url: str | None = None,
    price_minor: int | None = None,
) -> None:
    """The carrier takes the (locked) packed parcel: it is shipped. `who` hands it over.

    Records: the shipment's carrier, tracking number, link, price and status; the TrackingEvent `picked_up`.
    Raises: CarrierNotFound, TrackingNumberMissing, TrackingNumberTaken, InvalidTrackingUrl, ShipmentStepIllegal.
    """
    chosen = carrier_of(carrier)
    if shipment.status != "packed":
        raise ShipmentStepIllegal(number=shipment.number, status=shipment.status, step="shipped")
    if tracking_url is not None and not tracking_url.startswith("https://"):
        raise InvalidTrackingUrl()
    theirs = chosen.tracking_number(shipment.number, tracking_number)
    taken = select(Shipment.id).where(Shipment.carrier == carrier, Shipment.tracking_number == theirs)
    if session.scalar(taken) is not None:
        raise TrackingNumberTaken(carrier=carrier, tracking_number=theirs)
    shipment.carrier, shipment.tracking_number = carrier, theirs
    shipment.tracking_url = tracking_url or chosen.tracking_url(theirs)
    shipment.price_minor = price_minor
    shipment.shipped_at = clock.now()
    advance(shipment, "shipped")
    session.flush()
    event = NewEvent(carrier, f"handed-over:{shipment.number}", "picked_up", shipment.shipped_at, note=who)
    _add_event(session, shipment, event)


def advance(shipment: Shipment, status: str) -> bool:
    """Move the (locked) parcel on to `status`; whether it moved. What is behind it is no news."""
    if rank(status) <= rank(shipment.status):
        return False
    shipment.status = status
    shipment.version += 1
    return True


def note(session: Session, shipment: Shipment, event: NewEvent) -> bool:
    """Write down what is said of the (locked) shipped parcel; False when the event was counted before.

    Records: a TrackingEvent, the shipment's status and when it was delivered.
    """
    assert shipment.status != "packed", "nobody says anything of a parcel nobody has"
    if not _add_event(session, shipment, event):
        return False
    if advance(shipment, STATUS_AFTER[event.kind]) and shipment.status == "delivered":
        shipment.delivered_at = event.happened_at
    session.flush()
    return True


def _add_event(session: Session, shipment: Shipment, event: NewEvent) -> bool:
    row = {
        "id": new_id(),
        "shipment_id": shipment.id,
        "carrier": event.carrier,
        "event_id": event.event_id,
        "kind": event.kind,
        "place": event.place,
        "note": event.note,
        "happened_at": event.happened_at,
        "received_at": clock.now(),
    }
    return insert_if_absent(session, TrackingEvent, row)


def latest_exception(session: Session, shipment_id: str) -> datetime | None:
    """When the last attempt at the parcel went wrong, if one did."""
    query = select(func.max(TrackingEvent.happened_at))
    return session.scalar(query.where(TrackingEvent.shipment_id == shipment_id, TrackingEvent.kind.in_(EXCEPTIONS)))


def is_known_elsewhere(session: Session, carrier: str, tracking_number: str) -> bool:
    """Whether another carrier, or none yet, has a parcel of that number."""
    theirs = or_(Shipment.tracking_number == tracking_number, Shipment.number == tracking_number)
    others = or_(Shipment.carrier != carrier, Shipment.carrier.is_(None))
    return session.scalar(select(Shipment.id).where(theirs, others).limit(1)) is not None


def find(session: Session, number: str, *, lock: bool = False) -> Shipment:
    """The parcel of this number.

    Raises: ShipmentNotFound.
    """
    return _one(session, Shipment.number == number, lock=lock)


def find_tracked(session: Session, carrier: str, tracking_number: str, *, lock: bool = False) -> Shipment:
    """The parcel a carrier knows by its own number.

    Raises: ShipmentNotFound.
    """
    return _one(session, Shipment.carrier == carrier, Shipment.tracking_number == tracking_number, lock=lock)


def _one(session: Session, *conditions: Any, lock: bool) -> Shipment:
    query = select(Shipment).where(*conditions)
    # What was read before the lock may be old by now.
    found = session.scalar(query.with_for_update().execution_options(populate_existing=True) if lock else query)
    if found is None:
        raise ShipmentNotFound()
    return found


def of_fulfillment(session: Session, fulfillment_id: str) -> list[Parcel]:
    """The parcels of a (locked) fulfillment, in the order in which they were packed."""
    query = select(Shipment).where(Shipment.fulfillment_id == fulfillment_id)
    # "-B" before "-AA".
    query = query.order_by(func.length(Shipment.number), Shipment.number)
    shipments = session.scalars(query.execution_options(populate_existing=True)).all()
    lines = _lines(session, [shipment.id for shipment in shipments])
    return [Parcel(shipment, lines[shipment.id]) for shipment in shipments]


def unpack(session: Session, shipments: Sequence[Shipment]) -> None:
    """Open (locked) parcels that never left the house: they are no parcels any more."""
    assert all(shipment.status == "packed" for shipment in shipments), "what has left is not unpacked"
    ids = [shipment.id for shipment in shipments]
    session.execute(delete(ShipmentLine).where(ShipmentLine.shipment_id.in_(ids)))
    session.execute(delete(Shipment).where(Shipment.id.in_(ids)))


def hand_to_customer(session: Session, shipment: Shipment, received_by: str) -> None:
    """The customer takes the (locked) packed parcel with them, at the counter: no carrier ever has it.

    Records: when and by whom it was received, a TrackingEvent.
    Raises: ShipmentStepIllegal.
    """
    if shipment.status != "packed":
        raise ShipmentStepIllegal(number=shipment.number, status=shipment.status, step="delivered")
    shipment.shipped_at = shipment.delivered_at = clock.now()
    shipment.received_by, shipment.proof = received_by, {"kind": "pickup_code"}
    advance(shipment, "delivered")
    session.flush()
    event = NewEvent("pickup", f"collected:{shipment.number}", "delivered", shipment.delivered_at, note=received_by)
    _add_event(session, shipment, event)


def hand_on(session: Session, replaced: Mapping[str, str]) -> None:
    """What is in parcels for a line belongs to the line that took its place."""
    for was, now in sorted(replaced.items()):
        session.execute(update(ShipmentLine).where(ShipmentLine.order_line_id == was).values(order_line_id=now))


def of_order(session: Session, order_id: str) -> list[Parcel]:
    """The order's parcels, in the order in which they were packed."""
    return of_orders(session, [order_id])[order_id]


def of_orders(session: Session, order_ids: Sequence[str]) -> dict[str, list[Parcel]]:
    """The parcels of several orders, two statements however many they are."""
    parcels: dict[str, list[Parcel]] = {order_id: [] for order_id in order_ids}
    query = select(Shipment).where(Shipment.order_id.in_(order_ids)).order_by(Shipment.number)
    shipments = session.scalars(query).all()
    if not shipments:
        return parcels
    lines = _lines(session, [shipment.id for shipment in shipments])
    for shipment in shipments:
        parcels[shipment.order_id].append(Parcel(shipment, lines[shipment.id]))
    return parcels


def _lines(session: Session, shipment_ids: Sequence[str]) -> dict[str, list[ShipmentLine]]:
    lines: dict[str, list[ShipmentLine]] = {shipment_id: [] for shipment_id in shipment_ids}
    query = select(ShipmentLine).where(ShipmentLine.shipment_id.in_(shipment_ids))
    for line in session.scalars(query.order_by(ShipmentLine.order_line_id)):
        lines[line.shipment_id].append(line)
    return lines


def history(session: Session, shipment_ids: Sequence[str]) -> dict[str, list[TrackingEvent]]:
    """What was said of each parcel, the first first."""
    said: dict[str, list[TrackingEvent]] = {shipment_id: [] for shipment_id in shipment_ids}
    query = select(TrackingEvent).where(TrackingEvent.shipment_id.in_(shipment_ids))
    for event in session.scalars(query.order_by(TrackingEvent.happened_at, TrackingEvent.id)):
        said[event.shipment_id].append(event)
    return said


@dataclass(frozen=True, slots=True)
class Arrived:
    """Base units of an order line that were delivered, the last of them `at`."""

    quantity: int
    at: datetime


def delivered_of(session: Session, order_line_ids: Sequence[str]) -> dict[str, Arrived]:
    """What of these lines was delivered; lines of which nothing was are left out."""
    query = (
        select(ShipmentLine.order_line_id, func.sum(ShipmentLine.quantity), func.max(Shipment.delivered_at))
        .join(Shipment, Shipment.id == ShipmentLine.shipment_id)
        .where(ShipmentLine.order_line_id.in_(order_line_ids), Shipment.status == "delivered")
        .group_by(ShipmentLine.order_line_id)
    )
    arrived = {}
    for line_id, quantity, at in session.execute(query):
        assert at is not None, "what was delivered was delivered some time"
        arrived[line_id] = Arrived(int(quantity), at)
    return arrived
