"""Keep promises: when goods are announced for another day, those who wait for them are promised anew."""

from __future__ import annotations

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from backend.catalog.errors import ShopNotSetUp
from backend.catalog.service import shop
from backend.inventory import expected
from backend.orders import service as orders
from backend.orders.service import FullOrder
from backend.shipping.tariff import tariff
from backend.workflows.postpone_order import postpone_order
from backend.workflows.promise_delivery import promise_delivery
from kernel import clock

_UNDER_WAY = ("placed", "on_hold", "confirmed")


def lock_those_who_wait(session: Session, skus: Iterable[str]) -> list[FullOrder]:
    """Every order that waits for one of these. Orders are locked before what is announced, by everyone."""
    order_ids = orders.ids_of_lines(session, expected.waiting_lines(session, skus))
    return [orders.by_id(session, order_id, lock=True) for order_id in order_ids]


def keep_promises(session: Session, skus: Iterable[str], who: str = "system") -> int:
    """Look anew at every order that waits for one of these; how many arrive later than they were told.

    To be called in the transaction that changed what is announced of them.

    Records: `promised_on` of Backorders; what `postpone_order` does.
    """
    skus = sorted(set(skus))
    waiting = lock_those_who_wait(session, skus)
    days = expected.promise_anew(session, skus)
    seller = shop(session)
    delivery = tariff(session, seller.delivery_version)
    postponed = 0
    for found in waiting:
        if found.order.status not in _UNDER_WAY:
            continue
        known = [days[line.id] for line in found.lines if line.id in days]
        latest = max((day for day in known if day is not None), default=None)
        # What nobody has announced is not promised again, nor is what was promised taken back: a person must look.
        if latest is None or None in known:
            continue
        promised_on = promise_delivery(
            session,
            seller,
            delivery.zone(found.order.zone),
            clock.now(),
            waits_until=latest,
            is_pickup=found.order.delivery == "pickup",
        )
        if promised_on is not None:
            postponed += postpone_order(session, found, promised_on, who)
    return postponed


def keep_overdue_promises(session: Session) -> int:
    """What should have come by now and did not is waited for until the next that is announced; to be called every day.

    Records: what `keep_promises` does.
    """
    try:
        zone = ZoneInfo(shop(session).time_zone)
    except ShopNotSetUp:
        return 0
    skus = expected.overdue_skus(session, clock.now().astimezone(zone).date())
    return keep_promises(session, skus) if skus else 0
