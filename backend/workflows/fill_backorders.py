"""Fill backorders: goods that are free go to those who wait for them, first in, first out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from backend import events
from backend.carts.quantity import in_units
from backend.catalog.service import shop
from backend.inventory import service as inventory
from backend.inventory.service import Filled
from backend.orders import service as orders
from backend.orders.models import Order, OrderLine
from backend.orders.service import FullOrder
from backend.shipping.tariff import tariff
from backend.workflows.cover_order import cover_order
from backend.workflows.postpone_order import postpone_order
from backend.workflows.promise_delivery import promise_delivery
from kernel import clock

# The number of the order that got what it waited for, and what.
FilledFor = tuple[str, Filled]
# Nobody reads more than three digits of a part of a unit.
_PARTS = 1_000


def fill_backorders(session: Session) -> list[FilledFor]:
    """Whatever became free (a cancelled order, a hold that ended) goes to those who wait for it.

    Records: as `fill_for`.
    """
    skus = inventory.skus_to_fill(session)
    return fill_for(session, lock_waiting(session, skus), skus) if skus else []


def lock_waiting(session: Session, skus: Iterable[str]) -> dict[str, FullOrder]:
    """The orders whose lines wait for `skus`, by order line. Orders are locked before stock, by everyone."""
    order_ids = orders.orders_of_lines(session, inventory.lines_waiting_for(session, skus))
    locked = {order_id: orders.by_id(session, order_id, lock=True) for order_id in sorted(set(order_ids.values()))}
    return {line_id: locked[order_id] for line_id, order_id in order_ids.items()}


def fill_for(session: Session, waiting: Mapping[str, FullOrder], skus: Iterable[str]) -> list[FilledFor]:
    """Give what is free of `skus` to the lines of these (locked) orders.

    Records: Reservation rows and an Allocation each, the end of Backorders, Fulfillment rows of orders under way, an
    OrderEntry and the event `backorder.filled` per line; what `postpone_order` does for what comes later than it should
    have; the event `stock.low` is the caller's.
    """
    filled = inventory.fill_backorders(session, skus, list(waiting))
    lines = orders.lines(session, [each.order_line_id for each in filled])
    served: dict[str, FullOrder] = {}
    for each in filled:
        found = waiting[each.order_line_id]
        served[found.order.id] = found
        inventory.remember_allocation(session, each.allocated, order_id=found.order.id)
        orders.enter(session, found.order.id, "backorder_filled", "system", clock.now(), each.sku)
        events.record(
            session, "backorder.filled", found.order.number, _fact(found.order, lines[each.order_line_id], each)
        )
    for found in served.values():
        if found.order.status == "confirmed":
            cover_order(session, found)
        _tell_if_late(session, found)
    return [(waiting[each.order_line_id].order.number, each) for each in filled]


def _fact(order: Order, line: OrderLine, filled: Filled) -> dict[str, Any]:
    """What has come, in the unit it was ordered in; where it does not come out even, in base units."""
    told = orders.fact(order) | {"sku": line.sku, "name": line.name, "name_en": line.name_en}
    if filled.quantity * _PARTS % line.factor:
        return told | {"quantity": str(filled.quantity)}
    return told | {
        "quantity": in_units(filled.quantity, line.factor),
        "unit": line.unit,
        "unit_name_es": line.unit_name_es,
        "unit_name_en": line.unit_name_en,
    }


def _tell_if_late(session: Session, found: FullOrder) -> None:
    """An order that waits for nothing more leaves on its way now; its day may be too early for that."""
    if found.order.promised_on is None or inventory.waiting_of(session, [line.id for line in found.lines]):
        return
    seller = shop(session)
    promised_on = promise_delivery(
        session,
        seller,
        tariff(session, seller.delivery_version).zone(found.order.zone),
        clock.now(),
        is_pickup=found.order.delivery == "pickup",
    )
    if promised_on is not None:
        postpone_order(session, found, promised_on, "system")
