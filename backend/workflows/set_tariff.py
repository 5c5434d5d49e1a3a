"""Set the tariff: where the shop delivers, and what it takes; the next cart is priced by it."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from backend.catalog.service import shop
from backend.catalog.shop import delivery_changed
from backend.shipping import tariff
from backend.shipping.carriers import carrier_of
from backend.shipping.models import Rate, Zone


def set_zone(session: Session, code: str, facts: dict[str, Any]) -> Zone:
    """Records: the zone."""
    zone = tariff.save_zone(session, code, facts)
    delivery_changed(session)
    return zone


def remove_zone(session: Session, code: str) -> Zone:
    """Records: the zone is gone. Raises: ZoneNotFound, ZoneInUse."""
    zone = tariff.remove_zone(session, code)
    delivery_changed(session)
    return zone


def add_rate(session: Session, carrier: str, zone: str, up_to_g: int, price_minor: int) -> Rate:
    """Records: the rate. Raises: CarrierNotFound, ZoneNotFound, RateTaken."""
    rate = tariff.add_rate(session, carrier_of(carrier).code, zone, up_to_g, price_minor, shop(session).currency)
    delivery_changed(session)
    return rate


def change_rate(session: Session, rate_id: str, price_minor: int) -> Rate:
    """Records: the rate's price. Raises: RateNotFound."""
    rate = tariff.change_rate(session, rate_id, price_minor)
    delivery_changed(session)
    return rate


def remove_rate(session: Session, rate_id: str) -> Rate:
    """Records: the rate is gone. Raises: RateNotFound."""
    rate = tariff.remove_rate(session, rate_id)
    delivery_changed(session)
    return rate
