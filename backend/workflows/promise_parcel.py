"""Promise a parcel: handed over today, its carrier has it there so many working days later."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend.calendar.service import calendar
from backend.catalog.service import shop
from backend.orders.service import FullOrder
from backend.shipping.carriers import carrier_of
from backend.shipping.models import Shipment
from backend.shipping.tariff import tariff
from backend.workflows.postpone_order import postpone_order
from kernel import clock


def promise_parcel(session: Session, found: FullOrder, shipment: Shipment, who: str) -> None:
    """Write down the day and the carrier's price of a parcel that was just handed over.

    Without a zone or a working calendar the order's own day stays.

    Records: the shipment's promise and price; what `postpone_order` does when it comes later than the order should.
    """
    assert shipment.carrier is not None, "it was handed over"
    seller, order = shop(session), found.order
    delivery = tariff(session, seller.delivery_version)
    zone = delivery.zone(order.zone)
    days = calendar(session, seller.country, seller.time_zone, seller.delivery_version)
    arrives_on = days.add_working_days(days.local(clock.now()).date(), zone.transit_days) if zone else None
    if zone is not None and shipment.weight_g is not None:
        shipment.price_minor = carrier_of(shipment.carrier).quote(delivery.rates, zone.code, shipment.weight_g)
    shipment.promised_on = arrives_on or order.promised_on
    session.flush()
    if arrives_on is not None:
        postpone_order(session, found, arrives_on, who)
