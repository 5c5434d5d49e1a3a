"""What always holds of what is got ready, leaves and arrives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Executable, and_, case, exists, func, or_, select

from backend.audit.lines import HAS_ENDED
from backend.fulfillment.models import Fulfillment, FulfillmentLine, PickingBasket, PickingWalk, Shortage
from backend.inventory.models import Backorder, Reservation
from backend.orders.models import Order, OrderLine
from backend.shipping.models import STATUSES, Shipment, ShipmentLine, TrackingEvent
from backend.shipping.service import STATUS_AFTER, rank

_HAS_LEFT = Shipment.status != "packed"
_parcels = ShipmentLine.__table__.join(Shipment.__table__, Shipment.id == ShipmentLine.shipment_id)


def _order_is_covered() -> Executable:
    got_ready = _sum(
        FulfillmentLine.quantity - FulfillmentLine.short,
        FulfillmentLine.order_line_id == OrderLine.id,
        Fulfillment.id == FulfillmentLine.fulfillment_id,
        Fulfillment.status != "cancelled",
    )
    waiting = _sum(Backorder.quantity, Backorder.order_line_id == OrderLine.id, Backorder.state == "waiting")
    asked = _sum(
        Shortage.quantity,
        Shortage.order_line_id == OrderLine.id,
        Shortage.resolution == "open",
    )
    return (
        select(
            Order.number.label("subject"),
            OrderLine.sku,
            OrderLine.base_quantity,
            got_ready.label("got_ready"),
            waiting.label("waiting"),
            asked.label("asked"),
        )
        .join(OrderLine, OrderLine.order_id == Order.id)
        .where(Order.status == "confirmed", ~HAS_ENDED, got_ready + waiting + asked != OrderLine.base_quantity)
    )


def _shipped_was_ordered() -> Executable:
    """I5: a line that counts was shipped at most whole; one that ended, or of a cancelled order, not at all."""
    shipped = _sum(ShipmentLine.quantity, ShipmentLine.order_line_id == OrderLine.id, _HAS_LEFT, of=_parcels)
    counts = and_(Order.status != "cancelled", ~HAS_ENDED)
    return (
        select(Order.number.label("subject"), OrderLine.sku, OrderLine.base_quantity, shipped.label("shipped"))
        .join(OrderLine, OrderLine.order_id == Order.id)
        .where(shipped > case((counts, OrderLine.base_quantity), else_=0))
    )


def _left_is_issued() -> Executable:
    """What a location shipped, or handed over, of a line is what was issued to it."""
    own = _parcels.join(Fulfillment.__table__, Fulfillment.id == Shipment.fulfillment_id)
    shipped = _sum(
        ShipmentLine.quantity,
        ShipmentLine.order_line_id == OrderLine.id,
        _HAS_LEFT,
        Fulfillment.location_id.is_not(None),
        of=own,
    )
    issued = _sum(Reservation.quantity, Reservation.order_line_id == OrderLine.id, Reservation.state == "issued")
    return (
        select(Order.number.label("subject"), OrderLine.sku, shipped.label("shipped"), issued.label("issued"))
        .join(OrderLine, OrderLine.order_id == Order.id)
        .where(shipped != issued)
    )


def _packed_was_picked() -> Executable:
    packed = _sum(
        ShipmentLine.quantity,
        ShipmentLine.order_line_id == FulfillmentLine.order_line_id,
        Shipment.fulfillment_id == FulfillmentLine.fulfillment_id,
        of=_parcels,
    )
    return (
        select(Fulfillment.number.label("subject"), FulfillmentLine.sku, FulfillmentLine.picked, packed.label("packed"))
        .join(FulfillmentLine, FulfillmentLine.fulfillment_id == Fulfillment.id)
        .where(Fulfillment.location_id.is_not(None), packed > FulfillmentLine.picked)
    )


def _fulfillment_is_as_far() -> Executable:
    """The status of what a location gets ready agrees with what was counted into baskets and parcels."""
    mine = FulfillmentLine.fulfillment_id == Fulfillment.id
    picked = _sum(FulfillmentLine.picked, mine)
    missing = _sum(FulfillmentLine.short, mine)
    left = _sum(FulfillmentLine.quantity - FulfillmentLine.picked - FulfillmentLine.short, mine)
    packed = _sum(ShipmentLine.quantity, Shipment.fulfillment_id == Fulfillment.id, of=_parcels)

    def parcel(*conditions: Any) -> Any:
        return exists().where(Shipment.fulfillment_id == Fulfillment.id, *conditions)

    status = Fulfillment.status
    over = status.in_(("shipped", "delivered", "returned_to_origin"))
    return select(
        Fulfillment.number.label("subject"),
        status,
        picked.label("picked"),
        missing.label("short"),
        left.label("left"),
        packed.label("packed"),
    ).where(
        Fulfillment.location_id.is_not(None),
        or_(
            and_(status == "pending", picked + missing + packed > 0),
            and_(status == "picked", left > 0),
            and_(or_(status == "packed", over), or_(left > 0, packed != picked)),
            and_(over, parcel(Shipment.status == "packed")),
            and_(status == "delivered", parcel(Shipment.status != "delivered")),
            and_(status == "cancelled", parcel()),
        ),
    )


def _parcel_is_where_events_say() -> Executable:
    """The farthest that any event of a carrier's parcel tells; a packed parcel no carrier has says nothing."""
    ranks = {kind: rank(status) for kind, status in STATUS_AFTER.items()}
    farthest = func.coalesce(func.max(case(ranks, value=TrackingEvent.kind)), 0)
    reached = case({status: rank(status) for status in STATUSES}, value=Shipment.status)
    return (
        select(Shipment.number.label("subject"), Shipment.status, farthest.label("farthest"))
        .outerjoin(TrackingEvent, TrackingEvent.shipment_id == Shipment.id)
        .where(or_(Shipment.carrier.is_not(None), Shipment.status == "packed"))
        .group_by(Shipment.id, Shipment.number, Shipment.status)
        .having(farthest != reached)
    )


def _delivered_had_left() -> Executable:
    """A parcel that is delivered says when, and had been shipped; one that is packed has done neither."""
    return select(Shipment.number.label("subject"), Shipment.status, Shipment.shipped_at, Shipment.delivered_at).where(
        or_(
            and_(Shipment.status == "packed", or_(Shipment.shipped_at.is_not(None), Shipment.carrier.is_not(None))),
            and_(Shipment.status != "packed", Shipment.shipped_at.is_(None)),
            and_(Shipment.status == "delivered", Shipment.delivered_at.is_(None)),
        )
    )


def _parcel_is_its_orders() -> Executable:
    return (
        select(Shipment.number.label("subject"), ShipmentLine.sku, OrderLine.order_id)
        .join(ShipmentLine, ShipmentLine.shipment_id == Shipment.id)
        .join(OrderLine, OrderLine.id == ShipmentLine.order_line_id)
        .where(or_(OrderLine.order_id != Shipment.order_id, OrderLine.sku != ShipmentLine.sku))
    )


def _carried_is_taken() -> Executable:
    """What a walk carries was taken to be picked, lies where it walks, and is let go of when it ends."""
    return (
        select(Fulfillment.number.label("subject"), Fulfillment.status, PickingWalk.picker, PickingWalk.ended_at)
        .join(PickingBasket, PickingBasket.fulfillment_id == Fulfillment.id)
        .join(PickingWalk, PickingWalk.id == PickingBasket.walk_id)
        .where(
            or_(
                Fulfillment.location_id != PickingWalk.location_id,
                and_(
                    PickingBasket.left_at.is_(None),
                    or_(Fulfillment.status == "pending", PickingWalk.ended_at.is_not(None)),
                ),
            )
        )
    )


def _walk_carries_something() -> Executable:
    carried = exists().where(PickingBasket.walk_id == PickingWalk.id, PickingBasket.left_at.is_(None))
    return select(PickingWalk.id.label("subject"), PickingWalk.picker).where(PickingWalk.ended_at.is_(None), ~carried)


def _sum(column: Any, *conditions: Any, of: Any = None) -> Any:
    """The sum of a column of other rows; 0 without any."""
    query = select(func.sum(column))
    return func.coalesce((query if of is None else query.select_from(of)).where(*conditions).scalar_subquery(), 0)


CHECKS: dict[str, Callable[[], Executable]] = {
    "every unit of a confirmed order is got ready, waited for, or asked about": _order_is_covered,
    "nothing leaves that was not ordered": _shipped_was_ordered,
    "what left the shelves is issued": _left_is_issued,
    "nothing is packed that was not picked": _packed_was_picked,
    "a fulfillment is as far as its lines and parcels": _fulfillment_is_as_far,
    "a parcel is where its tracking events say": _parcel_is_where_events_say,
    "what was delivered had left": _delivered_had_left,
    "a parcel holds what belongs to its order": _parcel_is_its_orders,
    "what a walk carries is being picked there": _carried_is_taken,
    "an open walk carries something": _walk_carries_something,
}
