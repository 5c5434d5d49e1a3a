"""What always holds of what lies where, and what is promised of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Executable, Select, and_, case, exists, func, or_, select, union_all

from backend.audit.lines import HAS_ENDED
from backend.fulfillment.models import Shortage
from backend.inventory.models import Allocation, Backorder, Reservation, StockCount, StockHold, StockLevel, StockMove
from backend.orders.models import Order, OrderLine
from backend.partners.models import PartnerPromise


def _on_hand_is_moves() -> Executable:
    moved = (
        select(StockMove.sku, StockMove.location_id, func.sum(StockMove.quantity).label("moved"))
        .group_by(StockMove.sku, StockMove.location_id)
        .subquery()
    )
    same = and_(moved.c.sku == StockLevel.sku, moved.c.location_id == StockLevel.location_id)
    return (
        select(
            func.coalesce(StockLevel.sku, moved.c.sku).label("subject"),
            StockLevel.on_hand,
            moved.c.moved,
        )
        .select_from(StockLevel)
        .join(moved, same, full=True)
        .where(func.coalesce(StockLevel.on_hand, 0) != func.coalesce(moved.c.moved, 0))
    )


def _reserved_is_promised() -> Executable:
    promises = union_all(
        select(Reservation.sku, Reservation.location_id, Reservation.quantity).where(Reservation.state == "live"),
        select(StockHold.sku, StockHold.location_id, StockHold.quantity).where(StockHold.state == "live"),
    ).subquery()
    live = (
        select(promises.c.sku, promises.c.location_id, func.sum(promises.c.quantity).label("live"))
        .group_by(promises.c.sku, promises.c.location_id)
        .subquery()
    )
    same = and_(live.c.sku == StockLevel.sku, live.c.location_id == StockLevel.location_id)
    return (
        select(func.coalesce(StockLevel.sku, live.c.sku).label("subject"), StockLevel.reserved, live.c.live)
        .select_from(StockLevel)
        .join(live, same, full=True)
        .where(func.coalesce(StockLevel.reserved, 0) != func.coalesce(live.c.live, 0))
    )


def _collected_from_one_place() -> Executable:
    """What is promised to an order that is collected lies there, and what it waits for comes there."""
    promised = [
        select(table.order_line_id, table.sku, table.location_id).where(table.state == state)
        for table, state in ((Reservation, "live"), (Backorder, "waiting"))
    ]
    places = union_all(*promised).subquery()
    return (
        select(Order.number.label("subject"), places.c.sku, places.c.location_id)
        .join(OrderLine, OrderLine.order_id == Order.id)
        .join(places, places.c.order_line_id == OrderLine.id)
        .where(func.coalesce(places.c.location_id, "") != Order.pickup_location_id)
    )


def _bins_are_not_negative() -> Executable:
    lying = func.sum(StockMove.quantity)
    return (
        select(StockMove.sku.label("subject"), StockMove.bin_id, lying.label("lying"))
        .group_by(StockMove.sku, StockMove.location_id, StockMove.bin_id)
        .having(lying < 0)
    )


def _count_is_moved() -> Executable:
    moved = func.coalesce(func.sum(StockMove.quantity), 0)
    return (
        select(StockCount.sku.label("subject"), StockCount.counted, StockCount.expected, moved.label("moved"))
        .outerjoin(
            StockMove,
            and_(
                StockMove.reference == StockCount.id,
                StockMove.bin_id == StockCount.bin_id,
                StockMove.kind == "adjustment",
            ),
        )
        .group_by(StockCount.id, StockCount.sku, StockCount.counted, StockCount.expected)
        .having(moved != StockCount.counted - StockCount.expected)
    )


def _allocation_is_kept() -> Executable:
    """Of every order that was ever served from our own stock."""
    kept = exists().where(or_(Allocation.order_id == Order.id, Allocation.cart_id == Order.cart_id))
    reserved = (
        exists().where(Reservation.order_line_id == OrderLine.id, OrderLine.order_id == Order.id).correlate(Order)
    )
    return select(Order.number.label("subject")).where(reserved, ~kept)


def _available_is_not_negative() -> Executable:
    return select(StockLevel.sku.label("subject"), StockLevel.on_hand, StockLevel.reserved).where(
        or_(StockLevel.on_hand < StockLevel.reserved, StockLevel.reserved < 0)
    )


def _line_is_served() -> Executable:
    """A line that counts is reserved, issued, waited for, with a partner, or being asked about; all of it, once.

    A line that ended, or of a cancelled order, keeps nothing but what has left the house.
    """

    def part(rows: Select[Any]) -> Any:
        return func.coalesce(rows.scalar_subquery(), 0)

    def reserved(state: str) -> Any:
        rows = select(func.sum(Reservation.quantity)).where(
            Reservation.order_line_id == OrderLine.id, Reservation.sku == OrderLine.sku, Reservation.state == state
        )
        return part(rows)

    live, issued = reserved("live"), reserved("issued")
    waiting = part(
        select(func.sum(Backorder.quantity)).where(
            Backorder.order_line_id == OrderLine.id, Backorder.sku == OrderLine.sku, Backorder.state == "waiting"
        )
    )
    with_partner = part(
        select(PartnerPromise.quantity).where(
            PartnerPromise.order_line_id == OrderLine.id, PartnerPromise.state.in_(("live", "shipped"))
        )
    )
    asked_about = part(
        select(func.sum(Shortage.quantity)).where(Shortage.order_line_id == OrderLine.id, Shortage.resolution == "open")
    )
    counts = and_(Order.status != "cancelled", ~HAS_ENDED)
    due = case((counts, OrderLine.base_quantity), else_=0)
    served = case((counts, live + issued + waiting + with_partner + asked_about), else_=live + waiting)
    return (
        select(
            Order.number.label("subject"),
            OrderLine.sku,
            due.label("due"),
            live.label("live"),
            issued.label("issued"),
            waiting.label("waiting"),
        )
        .join(OrderLine, OrderLine.order_id == Order.id)
        .where(served != due)
    )


CHECKS: dict[str, Callable[[], Executable]] = {
    "on hand is the sum of the moves": _on_hand_is_moves,
    "reserved is the sum of the live reservations and holds": _reserved_is_promised,
    "no bin holds less than nothing": _bins_are_not_negative,
    "a count moved its difference": _count_is_moved,
    "an order says how its locations were chosen": _allocation_is_kept,
    "nothing is promised that is not there": _available_is_not_negative,
    "what is collected is promised where it is collected": _collected_from_one_place,
    "an order's line is served whole, once": _line_is_served,
}
