"""Answer a purchase order: the partner says when it ships, or that it does not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from backend import events
from backend.calendar.service import calendar
from backend.catalog.service import shop
from backend.fulfillment import service as fulfillment
from backend.fulfillment.service import FullFulfillment
from backend.orders import service as orders
from backend.orders.service import FullOrder
from backend.partners import purchase_orders
from backend.partners.errors import ShipsOnImpossible
from backend.partners.models import Partner, PurchaseOrder
from backend.shipping.tariff import tariff
from backend.workflows.send_purchase_orders import purchase_fact
from kernel import clock

# Nobody plans further ahead.
LATEST_DAYS = 180


@dataclass(frozen=True, slots=True)
class Purchase:
    """A partner's purchase order, with the part of an order that it asks for."""

    purchase_order: PurchaseOrder
    full: FullFulfillment
    order: FullOrder


def look_at_purchase(session: Session, partner: Partner, number: str) -> Purchase:
    """Raises: PurchaseOrderNotFound."""
    found = purchase_orders.find(session, partner.id, number)
    full = fulfillment.by_id(session, found.fulfillment_id)
    return Purchase(found, full, orders.by_id(session, full.fulfillment.order_id))


def lock_purchase(session: Session, partner: Partner, number: str, version: int | None) -> Purchase:
    """The same, locked: order, then fulfillment, then purchase order.

    Raises: PurchaseOrderNotFound, PurchaseOrderChanged.
    """
    found = purchase_orders.find(session, partner.id, number)
    order_id = fulfillment.by_id(session, found.fulfillment_id).fulfillment.order_id
    order = orders.by_id(session, order_id, lock=True)
    full = fulfillment.locked(session, found.fulfillment_id)
    return Purchase(purchase_orders.lock(session, found, version), full, order)


def days_to_ship(session: Session) -> tuple[date, date]:
    """The first and the last day on which a purchase order may leave: today, in the shop's zone, and LATEST_DAYS on."""
    today = clock.now().astimezone(ZoneInfo(shop(session).time_zone)).date()
    return today, today + timedelta(days=LATEST_DAYS)


def confirm_purchase_order(
    session: Session, partner: Partner, number: str, version: int | None, ships_on: date
) -> Purchase:
    """The partner ships on that day; the customer's promise follows. Confirmed again, it is another day.

    Records: the purchase order's status and day, the promises of fulfillment and order, an OrderEntry, the event
    `purchase_order.confirmed`.
    Raises: PurchaseOrderNotFound, PurchaseOrderChanged, PurchaseOrderStepIllegal, ShipsOnImpossible.
    """
    earliest, latest = days_to_ship(session)
    if not earliest <= ships_on <= latest:
        raise ShipsOnImpossible(earliest=earliest.isoformat(), latest=latest.isoformat())
    mine = lock_purchase(session, partner, number, version)
    purchase_orders.answer(session, mine.purchase_order, "confirmed", ships_on=ships_on)
    _promise(session, mine, ships_on)
    orders.enter(
        session, mine.order.order.id, "purchase_order_ok", f"partner:{partner.code}", clock.now(), ships_on.isoformat()
    )
    promised_on = mine.order.order.promised_on
    facts = purchase_fact(mine.order.order, mine.full, partner) | {
        "ships_on": ships_on.isoformat(),
        "promised_on": promised_on.isoformat() if promised_on else None,
    }
    events.record(session, "purchase_order.confirmed", mine.purchase_order.number, facts)
    return mine


def _promise(session: Session, mine: Purchase, ships_on: date) -> None:
    """The carrier's days follow the partner's; the order is there when its last part is."""
    seller, order = shop(session), mine.order.order
    zone = tariff(session, seller.delivery_version).zone(order.zone)
    days = calendar(session, seller.country, seller.time_zone, seller.delivery_version)
    arrives_on = days.add_working_days(ships_on, zone.transit_days) if zone else None
    mine.full.fulfillment.promised_on = arrives_on
    parts = fulfillment.of_orders(session, [order.id])[order.id]
    promises = [part.fulfillment.promised_on for part in parts if part.fulfillment.status != "cancelled"]
    order.promised_on = max((day for day in promises if day is not None), default=None)
    session.flush()
