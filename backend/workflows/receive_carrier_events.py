"""Receive what a carrier says: the events of one genuine webhook, all of them or none."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from backend.shipping import service as shipping
from backend.shipping.carriers import CarrierEvent, carrier_of
from backend.shipping.errors import ParcelOfAnotherCarrier, ShipmentNotFound, UnreadableWebhook
from backend.shipping.models import Shipment
from backend.workflows.track_shipment import track_shipment


def read_events(carrier: str, headers: Mapping[str, str], body: bytes) -> list[CarrierEvent]:
    """What is in a webhook whose signature was found genuine.

    Raises: CarrierNotFound, UnknownTrackingEvent, UnreadableWebhook.
    """
    chosen = carrier_of(carrier)
    try:
        return chosen.read_webhook(headers, body)
    except (ValueError, LookupError, TypeError, AttributeError):
        raise UnreadableWebhook() from None


def receive_carrier_events(session: Session, carrier: str, said: list[CarrierEvent]) -> int:
    """How many of the events were new.

    Records: what `track_shipment` does.
    Raises: ShipmentNotFound, ParcelOfAnotherCarrier, EventTimeImpossible, ShipmentStepIllegal.
    """
    seen = [(_parcel(session, carrier, event), event) for event in said]
    # Orders are locked in one order everywhere, so that two webhooks about the same two never wait for each other.
    seen.sort(key=lambda pair: (pair[0].order_id, pair[0].id))
    return sum(track_shipment(session, shipment, event, f"carrier:{carrier}") for shipment, event in seen)


def _parcel(session: Session, carrier: str, event: CarrierEvent) -> Shipment:
    try:
        return shipping.find_tracked(session, carrier, event.tracking_number)
    except ShipmentNotFound:
        if shipping.is_known_elsewhere(session, carrier, event.tracking_number):
            raise ParcelOfAnotherCarrier(number=event.tracking_number) from None
        raise
