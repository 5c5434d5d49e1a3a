"""Pack an order: what was picked goes into parcels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_uppercase

from sqlalchemy.orm import Session

from backend import events
from backend.catalog.weights import weights
from backend.fulfillment import service as fulfillment
from backend.fulfillment.errors import FulfillmentStepIllegal, NothingToPack, PackedTooMany
from backend.fulfillment.service import FullFulfillment
from backend.inventory import service as inventory
from backend.inventory.models import Location
from backend.orders import service as orders
from backend.orders.service import FullOrder
from backend.shipping import service as shipping
from backend.workflows.lock_fulfillment import lock_fulfillment, require_confirmed, require_not_anothers
from kernel import clock


@dataclass(frozen=True, slots=True)
class ToPack:
    """One parcel: (line id or sku, base units); everything that is not packed yet when there are none.

    `weight_g` is what the scale said; None has it computed, as far as the goods' weights are known.
    """

    lines: tuple[tuple[str, int], ...] = ()
    weight_g: int | None = None


_PACKED = ("packed", "shipped", "delivered")


def pack_order(session: Session, number: str, version: int, parcels: Sequence[ToPack], who: str) -> FullFulfillment:
    """Close parcels. When all that was picked is in one, the fulfillment is packed; an open shortage never hinders it.

    Records: Shipment and ShipmentLine rows, the status, an OrderEntry; the event `fulfillment.packed`, or
    `pickup.ready` with the code.
    Raises: FulfillmentNotFound, FulfillmentChanged, FulfillmentStepIllegal, FulfillmentInWalk (someone else's, and
    not picked yet), NotInFulfillment, NothingToPack, PackedTooMany.
    """
    found, full = lock_fulfillment(session, number, version)
    require_confirmed(found, full, "packed")
    require_not_anothers(session, full, who)
    if full.fulfillment.status not in ("picking", "picked"):
        raise FulfillmentStepIllegal(number=number, status=full.fulfillment.status, step="packed")
    packed = shipping.of_fulfillment(session, full.fulfillment.id)
    left = {line.order_line_id: line.picked for line in full.lines}
    for closed in packed:
        for line in closed.lines:
            left[line.order_line_id] -= line.quantity
    if not any(left.values()):
        raise NothingToPack(number=full.fulfillment.number)
    by_gram = weights(session, sorted({line.sku for line in full.lines}))
    for count, parcel in enumerate(parcels, len(packed)):
        lines = _take(full, left, parcel)
        weight_g = parcel.weight_g if parcel.weight_g is not None else _weigh(lines, by_gram)
        parcel_number = f"{full.fulfillment.number}-{letter(count)}"
        shipping.pack(session, found.order.id, full.fulfillment.id, parcel_number, lines, weight_g)
    if full.fulfillment.status == "picked" and not any(left.values()):
        fulfillment.step(session, full.fulfillment, "packed")
        orders.enter(session, found.order.id, "packed", who, clock.now())
        _tell(session, found, full)
    else:
        fulfillment.touch(session, full.fulfillment)
    return full


def _take(full: FullFulfillment, left: dict[str, int], parcel: ToPack) -> list[tuple[str, str, int]]:
    if not parcel.lines:
        taken = {line.order_line_id: left[line.order_line_id] for line in full.lines}
    else:
        taken = {}
        for named, quantity in parcel.lines:
            there = fulfillment.lines_named(full, named)
            free = {line.order_line_id: left[line.order_line_id] - taken.get(line.order_line_id, 0) for line in there}
            if quantity > sum(free.values()):
                raise PackedTooMany(sku=there[0].sku, left=sum(free.values()))
            for line_id, room in free.items():
                part = min(room, quantity)
                quantity -= part
                taken[line_id] = taken.get(line_id, 0) + part
    for line_id, quantity in taken.items():
        left[line_id] -= quantity
    skus = {line.order_line_id: line.sku for line in full.lines}
    lines = [(line_id, skus[line_id], quantity) for line_id, quantity in taken.items() if quantity > 0]
    if not lines:
        raise NothingToPack(number=full.fulfillment.number)
    return lines


def _weigh(lines: Sequence[tuple[str, str, int]], by_gram: dict[str, int | None]) -> int | None:
    weight_g = 0
    for _, sku, quantity in lines:
        one = by_gram[sku]
        if one is None:
            return None
        weight_g += one * quantity
    return weight_g


def letter(count: int) -> str:
    """A, B, … Z, AA, AB, …"""
    more, last = divmod(count, len(ascii_uppercase))
    return (letter(more - 1) if more else "") + ascii_uppercase[last]


def _tell(session: Session, found: FullOrder, full: FullFulfillment) -> None:
    payload = orders.fact(found.order) | {"fulfillment": full.fulfillment.number}
    if full.fulfillment.kind == "pickup":
        code = fulfillment.ready_for_pickup(session, full.fulfillment)
        place = next(place for place in inventory.locations(session) if place.id == full.fulfillment.location_id)
        payload |= {"code": code, "location": place.name, "address": place.address, "map_url": _map_of(place)}
        events.record(session, "pickup.ready", found.order.number, payload)
    else:
        payload |= {"is_partial": _is_partial(session, found)}
        events.record(session, "fulfillment.packed", found.order.number, payload)


def _map_of(place: Location) -> str | None:
    """A link by which a phone shows the way. Source: Google, "Maps URLs" (search by coordinates)."""
    if place.latitude is None or place.longitude is None:
        return None
    return f"https://www.google.com/maps/search/?api=1&query={place.latitude}%2C{place.longitude}"


def _is_partial(session: Session, found: FullOrder) -> bool:
    """Is anything of the order still to be packed?"""
    left = {line.id: line.base_quantity for line in found.lines}
    for full in fulfillment.of_orders(session, [found.order.id])[found.order.id]:
        if full.fulfillment.status in _PACKED:
            for line in full.lines:
                left[line.order_line_id] = left.get(line.order_line_id, 0) - line.quantity + line.short
    return any(quantity > 0 for quantity in left.values())
