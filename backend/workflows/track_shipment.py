"""Track a shipment: what its carrier, or a person by entry, says of a parcel, and what follows from it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from backend import events
from backend.calendar.service import calendar
from backend.catalog.service import shop
from backend.fulfillment import service as fulfillment
from backend.orders import service as orders
from backend.orders.service import FullOrder
from backend.shipping import service as shipping
from backend.shipping.carriers import CarrierEvent
from backend.shipping.errors import EventTimeImpossible, ShipmentStepIllegal
from backend.shipping.models import Shipment
from backend.shipping.service import ENDED, EXCEPTIONS, NewEvent
from backend.workflows.collect_payment import collect_payment
from backend.workflows.confirm_delivery import confirm_delivery
from backend.workflows.promise_money import may_go_back
from backend.workflows.take_back_parcel import take_back_parcel
from kernel import clock

# How far a carrier's clock may be ahead of ours, and how late its word may come.
AHEAD, LATE = timedelta(hours=1), timedelta(days=366)


def track_shipment(session: Session, seen: Shipment, said: CarrierEvent, who: str) -> bool:
    """Note what is `said` of a parcel; False when it was counted before.

    Wherever the parcel is, it never goes back: what comes late is written down and told to nobody.

    Records: a TrackingEvent; the shipment's status, the fulfillment's and the order's; an OrderEntry; one of the
    events `shipment.out_for_delivery`, `.delayed`, `.exception`, `.delivered`, `.returned`; the payment that was
    collected with a delivery.
    Raises: ShipmentStepIllegal for a parcel no carrier has, EventTimeImpossible, PeriodClosed, SeriesUsedUp.
    """
    if not -LATE <= said.happened_at - clock.now() <= AHEAD:
        raise EventTimeImpossible(happened_at=said.happened_at.isoformat())
    found = orders.by_id(session, seen.order_id, lock=True)
    fulfillment.locked(session, seen.fulfillment_id)
    shipment = shipping.find(session, seen.number, lock=True)
    if shipment.carrier is None:
        raise ShipmentStepIllegal(number=shipment.number, status=shipment.status, step=said.kind)
    was = shipment.status
    latest = shipping.latest_exception(session, shipment.id)
    event = NewEvent(shipment.carrier, said.event_id, said.kind, said.happened_at, said.place, said.note)
    if not shipping.note(session, shipment, event):
        return False
    has_moved = shipment.status != was
    is_newest = has_moved or (was == "exception" and latest is not None and said.happened_at > latest)
    if said.kind == "delivered" and said.collected_minor is not None:
        collect_payment(session, found, shipment.number, said.collected_minor, who)
    if said.kind == "delivered" and has_moved:
        confirm_delivery(session, found, shipment, said, who)
    elif said.kind == "returned_to_origin" and has_moved:
        _return(session, found, shipment, who)
    elif said.kind == "delayed":
        _delay(session, found, shipment, said, who)
    elif said.kind in EXCEPTIONS and shipment.status not in ENDED and is_newest:
        _enter(session, found, said.kind, who, shipment)
        _tell(session, found, "exception", shipment, kind=said.kind, note=said.note)
    elif said.kind == "out_for_delivery" and is_newest:
        _enter(session, found, said.kind, who, shipment)
        _tell(session, found, "out_for_delivery", shipment)
    return True


def _return(session: Session, found: FullOrder, shipment: Shipment, who: str) -> None:
    full = fulfillment.locked(session, shipment.fulfillment_id)
    parcels = shipping.of_order(session, found.order.id)
    mine = [parcel.shipment.status for parcel in parcels if parcel.shipment.fulfillment_id == full.fulfillment.id]
    if full.fulfillment.status == "shipped" and all(status == "returned_to_origin" for status in mine):
        fulfillment.step(session, full.fulfillment, "returned_to_origin")
    _enter(session, found, "returned_to_origin", who, shipment)
    inside = next(parcel.lines for parcel in parcels if parcel.shipment.id == shipment.id)
    rma = take_back_parcel(session, found, shipment.id, inside, who).rma
    told = {"return": rma.number, "is_paid": may_go_back(session, found.order.id)}
    _tell(session, found, "returned", shipment, **told)


def _delay(session: Session, found: FullOrder, shipment: Shipment, said: CarrierEvent, who: str) -> None:
    """The carrier's new day, or the next working day after it spoke. A day only ever becomes later here."""
    promised_on = said.promised_on or _day_after(session, said.happened_at)
    if promised_on is None or (shipment.promised_on is not None and promised_on <= shipment.promised_on):
        return
    shipment.promised_on = promised_on
    if found.order.promised_on is not None:
        found.order.promised_on = max(found.order.promised_on, promised_on)
    session.flush()
    if shipment.status not in ENDED:
        _enter(session, found, "delayed", who, shipment)
        _tell(session, found, "delayed", shipment, promised_on=promised_on.isoformat())


def _day_after(session: Session, instant: datetime) -> date | None:
    seller = shop(session)
    days = calendar(session, seller.country, seller.time_zone, seller.delivery_version)
    return days.next_working_day(days.local(instant).date() + timedelta(days=1))


def _enter(session: Session, found: FullOrder, what: str, who: str, shipment: Shipment) -> None:
    orders.enter(session, found.order.id, what, who, clock.now(), shipment.number)


def _tell(session: Session, found: FullOrder, what: str, shipment: Shipment, **facts: Any) -> None:
    payload = orders.fact(found.order) | {"shipment": shipment.number} | facts
    events.record(session, f"shipment.{what}", found.order.number, payload)
