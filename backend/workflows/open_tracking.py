"""Open a tracking link: the order's parcels as anyone with the link may see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from backend.catalog.service import Shop, shop
from backend.fulfillment import service as fulfillment
from backend.orders import service as orders
from backend.orders.models import Order
from backend.shipping import service as shipping
from backend.shipping.carriers import carrier_of
from backend.shipping.errors import TrackingLinkExpired, TrackingLinkUnknown
from backend.shipping.models import Shipment, TrackingEvent
from backend.shipping.service import Parcel
from backend.shipping.tariff import Tariff, tariff
from backend.workflows.link_tracking import LASTS_AFTER_DELIVERY, PURPOSE
from kernel import clock, links


@dataclass(frozen=True, slots=True)
class TrackedParcel:
    shipment: Shipment
    carrier: str | None
    said: Sequence[TrackingEvent]


@dataclass(frozen=True, slots=True)
class TrackedOrder:
    """No name, no price, of the address only its `district`. `waiting` parts of it are in no parcel yet."""

    shop: Shop
    order: Order
    district: dict[str, str] | None
    parcels: Sequence[TrackedParcel]
    waiting: int
    promised_on: date | None


def open_tracking(session: Session, token: str) -> TrackedOrder:
    """What a link shows.

    Raises: TrackingLinkUnknown, TrackingLinkExpired.
    """
    reader = links.carried(session)
    link = reader.read(PURPOSE, token) if reader else None
    if link is None:
        raise TrackingLinkUnknown()
    order = orders.by_id(session, link.id).order
    parcels = shipping.of_order(session, order.id)
    if link.is_over or _ended_long_ago(order, parcels):
        raise TrackingLinkExpired()
    said = shipping.history(session, [parcel.shipment.id for parcel in parcels])
    seller = shop(session)
    packed = {parcel.shipment.fulfillment_id for parcel in parcels}
    parts = fulfillment.of_orders(session, [order.id])[order.id]
    waiting = sum(part.fulfillment.status != "cancelled" and part.fulfillment.id not in packed for part in parts)
    return TrackedOrder(
        shop=seller,
        order=order,
        district=_district(tariff(session, seller.delivery_version), order),
        parcels=[TrackedParcel(each.shipment, _name(each.shipment), said[each.shipment.id]) for each in parcels],
        waiting=waiting,
        promised_on=order.promised_on,
    )


def _district(delivery: Tariff, order: Order) -> dict[str, str] | None:
    place, zone = delivery.place_in(order.address), delivery.zone(order.zone)
    if place is not None:
        return {"es": place, "en": place}
    return {"es": zone.name_es, "en": zone.name_en} if zone else None


def _name(shipment: Shipment) -> str | None:
    return carrier_of(shipment.carrier).name if shipment.carrier else None


def _ended_long_ago(order: Order, parcels: Sequence[Parcel]) -> bool:
    ended: list[datetime] = [each.shipment.delivered_at for each in parcels if each.shipment.delivered_at is not None]
    is_over = order.status in ("closed", "cancelled") and len(ended) == len(parcels) and bool(ended)
    return is_over and clock.now() >= max(ended) + LASTS_AFTER_DELIVERY
