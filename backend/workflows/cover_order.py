"""Cover an order: what is promised to its lines, no more and no less, is in its fulfillments."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from backend.fulfillment import service as fulfillment
from backend.fulfillment.service import FullFulfillment, Owner, Part, PartLine
from backend.inventory import service as inventory
from backend.inventory.service import Reserved
from backend.orders.models import Order, OrderLine
from backend.orders.service import FullOrder
from backend.partners import service as partners
from backend.partners.service import Promised as PromisedByPartner
from backend.workflows.send_purchase_orders import send_purchase_orders


def cover_order(session: Session, found: FullOrder, *, into: str | None = None) -> None:
    """Bring the fulfillments of a (locked) order up to what is promised to its lines now.

    Called after whatever changes promises: confirming, a filled backorder, a changed line, a substitute. What is being
    picked already is left alone, but new goods for its place go `into` the fulfillment of that id while its basket is
    open; for every other place they go into the pending fulfillment, or into a new one.
    An order on hold is got ready nowhere.

    Records: Fulfillment and FulfillmentLine rows; what `send_purchase_orders` records.
    """
    line_ids = [line.id for line in found.lines]
    by_partners = partners.promised(session, line_ids)
    parts = split(found.lines, inventory.promised_to(session, line_ids), by_partners)
    if found.order.status == "on_hold":
        parts = []
    there = fulfillment.of_orders(session, [found.order.id], lock=True)[found.order.id]
    pending = {_place(full): full for full in there if full.fulfillment.status == "pending"}
    under_way = [full for full in there if full.fulfillment.status not in ("pending", "cancelled")]
    new = []
    for part in _without(parts, under_way):
        place = (part.location_id, part.partner_id)
        basket = next((full for full in under_way if full.fulfillment.id == into and _place(full) == place), None)
        if basket is not None and basket.fulfillment.status in ("picking", "picked"):
            fulfillment.add(session, basket, part.lines)
        elif place in pending:
            fulfillment.ask_for(session, pending.pop(place), {line.order_line_id: line for line in part.lines})
        else:
            new.append(part)
    for full in pending.values():
        fulfillment.ask_for(session, full, {})
    fulfillment.open_parts(session, _owner(found.order), new, after=len(there))
    if any(part.partner_id for part in parts) or any(full.fulfillment.partner_id for full in there):
        send_purchase_orders(session, found)


def cover_placed(
    session: Session, placed: FullOrder, promises: Sequence[Reserved], by_partners: Sequence[PromisedByPartner]
) -> None:
    """The same for an order that was confirmed as it was placed: whoever placed it knows what was promised.

    Records: what `cover_order` records.
    """
    fulfillment.open_parts(session, _owner(placed.order), split(placed.lines, promises, by_partners))
    if by_partners:
        send_purchase_orders(session, placed)


def split(
    lines: Sequence[OrderLine], promises: Sequence[Reserved], by_partners: Sequence[PromisedByPartner]
) -> list[Part]:
    """What each place has to get ready: the locations where stock is promised to the lines, the partners who ship."""
    order = {line.id: position for position, line in enumerate(lines)}
    by_location: dict[str, list[PartLine]] = {}
    for promise in sorted(promises, key=lambda promise: order[promise.order_line_id]):
        line = PartLine(promise.order_line_id, promise.sku, promise.quantity)
        by_location.setdefault(promise.location_id, []).append(line)
    by_partner: dict[str, list[PartLine]] = {}
    for theirs in sorted(by_partners, key=lambda theirs: order[theirs.order_line_id]):
        line = PartLine(theirs.order_line_id, theirs.sku, theirs.quantity)
        by_partner.setdefault(theirs.partner_id, []).append(line)
    parts = [Part(location_id, None, tuple(by_location[location_id])) for location_id in sorted(by_location)]
    return parts + [Part(None, partner_id, tuple(by_partner[partner_id])) for partner_id in sorted(by_partner)]


def _without(parts: Sequence[Part], under_way: Sequence[FullFulfillment]) -> list[Part]:
    """The parts less what is in baskets and parcels already."""
    taken: dict[tuple[str | None, str | None, str], int] = {}
    for full in under_way:
        for line in full.lines:
            key = (*_place(full), line.order_line_id)
            taken[key] = taken.get(key, 0) + line.quantity - line.short
    rest = []
    for part in parts:
        left = (
            PartLine(
                line.order_line_id,
                line.sku,
                line.quantity - taken.get((part.location_id, part.partner_id, line.order_line_id), 0),
            )
            for line in part.lines
        )
        lines = tuple(line for line in left if line.quantity > 0)
        if lines:
            rest.append(Part(part.location_id, part.partner_id, lines))
    return rest


def _place(full: FullFulfillment) -> tuple[str | None, str | None]:
    return full.fulfillment.location_id, full.fulfillment.partner_id


def _owner(order: Order) -> Owner:
    return Owner(order.id, order.number, order.delivery or "delivery", order.promised_on)
