"""The parts of orders as the API shows them: fulfillments, pick lists, parcels, shortages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, cast

from sqlalchemy.orm import Session

from backend.carts.quantity import in_units
from backend.fulfillment import service as fulfillment
from backend.fulfillment import walks
from backend.fulfillment.errors import FulfillmentNotFound
from backend.fulfillment.models import Fulfillment as FulfillmentRow
from backend.fulfillment.models import FulfillmentLine as FulfillmentLineRow
from backend.inventory import service as inventory
from backend.orders import service as orders
from backend.orders.models import OrderLine
from backend.schemas.base import Words
from backend.schemas.fulfillment import (
    BasketOf,
    Fulfillment,
    FulfillmentLine,
    FulfillmentPage,
    FulfillmentStatus,
    FulfillmentSummary,
    Parcel,
    ParcelLine,
    Picker,
    PickFor,
    PickList,
    PickListLine,
    Shortage,
    SubstituteChoice,
)
from backend.shipping import service as shipping
from backend.shipping.service import Parcel as PackedParcel
from backend.staff import service as staff
from backend.workflows.look_at_queue import look_at_queue
from backend.workflows.look_at_shortages import OpenShortage
from backend.workflows.pack_order import letter


def to_fulfillments(
    session: Session,
    location: str | None,
    statuses: Sequence[str],
    *,
    kind: str | None,
    carrier: str | None,
    is_by_promise: bool,
    cursor: str | None,
    limit: int,
) -> FulfillmentPage:
    found = look_at_queue(
        session,
        location_id=inventory.location(session, location).id if location is not None else None,
        statuses=statuses,
        kind=kind,
        carrier=carrier,
        is_by_promise=is_by_promise,
        cursor=cursor,
        limit=limit,
    )
    lines = fulfillment.lines_of(session, [row.id for row in found.rows])
    places, baskets = _places(session), _baskets(session, [row.id for row in found.rows])
    return FulfillmentPage(
        fulfillments=[
            FulfillmentSummary(
                number=row.number,
                order_number=_order_number(row),
                location=places[row.location_id] if row.location_id else None,
                partner_id=row.partner_id,
                kind=_kind(row),
                status=cast(FulfillmentStatus, row.status),
                version=row.version,
                promised_on=row.promised_on,
                created_at=row.created_at,
                lines_count=len(lines[row.id]),
                short_count=sum(1 for line in lines[row.id] if line.short),
                basket=baskets.get(row.id),
            )
            for row in found.rows
        ],
        next_cursor=found.next_cursor,
    )


def to_fulfillment(session: Session, row: FulfillmentRow) -> Fulfillment:
    lines = fulfillment.lines_of(session, [row.id])[row.id]
    parcels = shipping.of_fulfillment(session, row.id)
    order = orders.by_id(session, row.order_id).order
    agreed = _agreed(session, lines, parcels)
    packed: dict[str, int] = {}
    for parcel in parcels:
        for inside in parcel.lines:
            packed[inside.order_line_id] = packed.get(inside.order_line_id, 0) + inside.quantity
    places = _places(session)
    return Fulfillment(
        number=row.number,
        order_number=order.number,
        location=places[row.location_id] if row.location_id else None,
        partner_id=row.partner_id,
        kind=_kind(row),
        status=cast(FulfillmentStatus, row.status),
        version=row.version,
        promised_on=row.promised_on,
        created_at=row.created_at,
        address=order.address,
        basket=_baskets(session, [row.id]).get(row.id),
        lines=[_to_line(line, agreed[line.order_line_id], packed.get(line.order_line_id, 0)) for line in lines],
        parcels=[to_parcel(parcel, agreed) for parcel in parcels],
    )


def _baskets(session: Session, fulfillment_ids: Sequence[str]) -> dict[str, BasketOf]:
    return {
        fulfillment_id: BasketOf(
            walk=walk.id,
            letter=letter(basket.position - 1),
            picker=to_picker(session, walk.picker),
            is_carried=basket.left_at is None,
        )
        for fulfillment_id, (walk, basket) in walks.last_baskets(session, fulfillment_ids).items()
    }


def to_picker(session: Session, who: str) -> Picker:
    return Picker(id=who.removeprefix("staff:"), name=staff.name_of(session, who))


def _places(session: Session) -> dict[str, str]:
    """The codes of the locations."""
    return {place.id: place.code for place in inventory.locations(session)}


def _order_number(row: FulfillmentRow) -> str:
    return row.number.rpartition("-")[0]


def _kind(row: FulfillmentRow) -> Literal["delivery", "pickup"]:
    return "pickup" if row.kind == "pickup" else "delivery"


def _agreed(
    session: Session, lines: Iterable[FulfillmentLineRow], parcels: Iterable[PackedParcel]
) -> dict[str, OrderLine]:
    ids = {line.order_line_id for line in lines}
    ids |= {inside.order_line_id for parcel in parcels for inside in parcel.lines}
    return orders.lines(session, sorted(ids))


def _to_line(line: FulfillmentLineRow, agreed: OrderLine, packed: int) -> FulfillmentLine:
    return FulfillmentLine(
        id=line.id,
        sku=line.sku,
        name=agreed.name,
        names=Words(es=agreed.name, en=agreed.name_en),
        quantity=line.quantity,
        picked=line.picked,
        short=line.short,
        packed=packed,
        unit=agreed.unit,
        unit_name=Words(es=agreed.unit_name_es, en=agreed.unit_name_en),
        unit_factor=agreed.factor,
    )


def to_parcel(parcel: PackedParcel, agreed: Mapping[str, OrderLine], link: str | None = None) -> Parcel:
    """`link` opens our own page of it, for customers; without one it is the carrier's."""
    shipment = parcel.shipment
    return Parcel(
        number=shipment.number,
        status=shipment.status,
        carrier=shipment.carrier,
        tracking_number=shipment.tracking_number,
        tracking_url=link or shipment.tracking_url,
        weight_g=shipment.weight_g,
        promised_on=shipment.promised_on,
        packed_at=shipment.packed_at,
        shipped_at=shipment.shipped_at,
        delivered_at=shipment.delivered_at,
        lines=[
            ParcelLine(
                sku=inside.sku,
                name=agreed[inside.order_line_id].name,
                names=Words(es=agreed[inside.order_line_id].name, en=agreed[inside.order_line_id].name_en),
                quantity=in_units(inside.quantity, agreed[inside.order_line_id].factor),
                unit=agreed[inside.order_line_id].unit,
                unit_name=Words(
                    es=agreed[inside.order_line_id].unit_name_es, en=agreed[inside.order_line_id].unit_name_en
                ),
            )
            for inside in parcel.lines
        ],
    )


def to_shortage(shortage: OpenShortage) -> Shortage:
    line = shortage.line
    return Shortage(
        id=shortage.id,
        sku=line.sku,
        name=line.name,
        names=Words(es=line.name, en=line.name_en),
        quantity=in_units(shortage.quantity, line.factor),
        unit=line.unit,
        unit_name=Words(es=line.unit_name_es, en=line.unit_name_en),
        substitutes=[
            SubstituteChoice(sku=offer.sku, name=offer.name, names=Words(es=offer.name, en=offer.name_en))
            for offer in shortage.substitutes
        ],
        wait_until=shortage.wait_until,
        asked_at=shortage.asked_at,
    )


def to_pick_list(session: Session, numbers: Sequence[str]) -> PickList:
    """What is still to be found for fulfillments of one location, by bin in walking order.

    Raises: FulfillmentNotFound, also for one of another location than the first.
    """
    rows = [fulfillment.find(session, number) for number in dict.fromkeys(numbers)]
    location_id = rows[0].location_id
    if location_id is None or any(row.location_id != location_id for row in rows):
        raise FulfillmentNotFound()
    lines_of = fulfillment.lines_of(session, [row.id for row in rows])
    wanted: dict[str, list[tuple[FulfillmentRow, FulfillmentLineRow, int]]] = {}
    for row in rows:
        for line in lines_of[row.id]:
            left = line.quantity - line.picked - line.short
            if left > 0 and row.status in ("pending", "picking"):
                wanted.setdefault(line.sku, []).append((row, line, left))
    agreed = _agreed(session, [line for lines in wanted.values() for _, line, _ in lines], [])
    shelves = inventory.bins_of(session, location_id, sorted(wanted))
    walk: list[PickListLine] = []
    for sku, wishes in wanted.items():
        # What was picked already still lies on the books, in the bins that come first.
        for shelf_code, walking_order, room in [
            *((shelf.bin, shelf.walking_order, shelf.quantity) for shelf in shelves[sku] if shelf.bin),
            (None, None, None),
        ]:
            taken, wishes = _out_of(room, wishes)
            if not taken:
                continue
            words = agreed[taken[0][1].order_line_id]
            walk.append(
                PickListLine(
                    bin=shelf_code,
                    walking_order=walking_order,
                    sku=sku,
                    name=words.name,
                    names=Words(es=words.name, en=words.name_en),
                    unit=words.unit,
                    unit_name=Words(es=words.unit_name_es, en=words.unit_name_en),
                    quantity=sum(count for _, _, count in taken),
                    **{"for": [PickFor(fulfillment=row.number, line=line.id, quantity=n) for row, line, n in taken]},
                )
            )
    walk.sort(key=lambda stop: (stop.bin is None, stop.walking_order or 0, stop.bin or "", stop.sku))
    return PickList(location=_places(session)[location_id], lines=walk)


_Wishes = list[tuple[FulfillmentRow, FulfillmentLineRow, int]]


def _out_of(room: int | None, wishes: _Wishes) -> tuple[_Wishes, _Wishes]:
    """What of the wishes a shelf with so much `room` fulfils, and what it leaves; None has no end."""
    taken: _Wishes = []
    left: _Wishes = []
    for row, line, count in wishes:
        part = count if room is None else min(room, count)
        if room is not None:
            room -= part
        if part:
            taken.append((row, line, part))
        if count > part:
            left.append((row, line, count - part))
    return taken, left
