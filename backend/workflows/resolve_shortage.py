"""Resolve a shortage: what was not found is waited for, replaced, or left out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Literal

from sqlalchemy.orm import Session

from backend import events
from backend.catalog.service import Offer, offers
from backend.catalog.substitutes import substitutes
from backend.fulfillment import service as fulfillment
from backend.fulfillment.errors import NotASubstitute, ShortageResolved
from backend.fulfillment.models import Shortage
from backend.inventory import service as inventory
from backend.inventory.service import Short, Waiting, Wanted
from backend.orders import service as orders
from backend.orders.models import OrderLine
from backend.orders.service import FullOrder, NewLine
from backend.pricing import Price, charge, listed
from backend.workflows.cancel_order import cancel
from backend.workflows.close_order import close_order
from backend.workflows.cover_order import cover_order
from backend.workflows.hand_on_lines import hand_on_lines
from backend.workflows.move_surplus import move_surpluses
from kernel import clock
from kernel.ids import new_id

Resolution = Literal["wait", "substitute", "drop"]
# How long customers are waited for; then what is short is left out.
PATIENCE = timedelta(hours=24)
SWEPT_AT_ONCE = 100


def resolve_shortage(
    session: Session,
    found: FullOrder,
    shortage_id: str,
    resolution: Resolution,
    substitute_sku: str | None,
    who: str,
) -> FullOrder:
    """The (locked) order after what its customer, or staff for them, decided.

    A substitute costs what it costs today, but never more than what was agreed for what is short. What is left out,
    or replaced, ends its line; the rest of that line goes on as a smaller one, at the agreed price. An order that
    would have nothing left is cancelled.

    Records: the Shortage; a Backorder, or OrderLine and OrderLineEnd rows with the order's sums, Reservation and
    FulfillmentLine rows, an Allocation; an OrderEntry; the events `fulfillment.shortage_resolved`, `order.changed`.
    Raises: ShortageNotFound, ShortageResolved, NotASubstitute.
    """
    shortage = fulfillment.shortage(session, found.order.id, shortage_id)
    if found.order.status not in ("confirmed", "on_hold"):
        raise ShortageResolved(resolution=found.order.status)
    line = next(line for line in found.lines if line.id == shortage.order_line_id)
    added = [_instead(session, found, shortage, line, substitute_sku)] if resolution == "substitute" else []
    fulfillment.resolve(session, shortage, resolution, who, added[0].sku if added else None)
    orders.enter(session, found.order.id, f"shortage_{resolution}", who, clock.now(), line.name)
    fact = {"shortage": shortage.id, "resolution": resolution, "sku": shortage.sku, "substitute_sku": substitute_sku}
    events.record(session, "fulfillment.shortage_resolved", found.order.number, orders.fact(found.order) | fact)
    if resolution == "wait":
        inventory.wait(session, [Waiting(line.id, shortage.sku, shortage.quantity, at=found.order.pickup_location_id)])
        return found
    if resolution == "drop" and len(found.lines) == 1 and line.base_quantity == shortage.quantity:
        return cancel(session, found, who, by=who.partition(":")[0], reason="nothing of it is there")
    changed = _without(session, found, line, shortage.quantity, added, resolution, who)
    cover_order(session, changed, into=fulfillment.basket_of(session, shortage))
    close_order(session, changed, who)
    return changed


def _instead(session: Session, found: FullOrder, shortage: Shortage, line: OrderLine, sku: str | None) -> NewLine:
    """The line of the substitute, with its stock promised."""
    offered = offers(session, substitutes(session, shortage.sku))
    offer = offered.get(sku) if sku is not None else None
    if sku is None or offer is None:
        raise NotASubstitute(sku=shortage.sku, substitute_sku=sku)
    new = _priced(offer, line, shortage.quantity)
    try:
        promised = inventory.reserve(
            session, [Wanted(new.id, sku, new.base_quantity)], at=found.order.pickup_location_id
        )
    except Short:
        raise NotASubstitute(sku=shortage.sku, substitute_sku=sku) from None
    if promised.allocated is not None:
        inventory.remember_allocation(session, promised.allocated, order_id=found.order.id)
    return new


def _priced(offer: Offer, line: OrderLine, quantity: int) -> NewLine:
    unit = next((unit for unit in offer.units if (unit.code, unit.factor) == (line.unit, line.factor)), offer.units[0])
    agreed = orders.part_of(line, quantity)
    price = Price(offer.price_minor, offer.price_quantity, offer.price_includes_tax, offer.tax_rate)
    # Its share of the order's discount goes to what comes in its place.
    off = min(agreed.discount_minor, listed(price, quantity))
    if charge(price, quantity, off).total_minor > agreed.total_minor:
        price = replace(price, price_minor=line.price_minor, price_quantity=line.price_quantity)
        price = replace(price, price_includes_tax=line.price_includes_tax)
        off = agreed.discount_minor
    if charge(price, quantity, off).total_minor > agreed.total_minor:
        # Its tax is higher: what was agreed has it inside.
        price = Price(agreed.total_minor + off, quantity, price_includes_tax=True, tax_rate=offer.tax_rate)
    cost = charge(price, quantity, off)
    return NewLine(
        id=new_id(),
        sku=offer.sku,
        name=offer.name,
        name_en=offer.name_en,
        unit=unit.code,
        unit_name_es=unit.name["es"],
        unit_name_en=unit.name["en"],
        factor=unit.factor,
        base_quantity=quantity,
        price_minor=price.price_minor,
        price_quantity=price.price_quantity,
        unit_price_minor=listed(price, unit.factor),
        price_includes_tax=price.price_includes_tax,
        tax_class=offer.tax_class,
        tax_rate=offer.tax_rate,
        discount_minor=cost.discount_minor,
        tax_minor=cost.tax_minor,
        total_minor=cost.total_minor,
    )


def _without(
    session: Session,
    found: FullOrder,
    line: OrderLine,
    quantity: int,
    added: list[NewLine],
    resolution: Resolution,
    who: str,
) -> FullOrder:
    """The order less `quantity` of a line, more what is added; what the line still has follows it."""
    before = found.order.total_minor
    reason = "substituted" if resolution == "substitute" else "dropped"
    rest = orders.part_of(line, line.base_quantity - quantity) if line.base_quantity > quantity else None
    new = [rest, *added] if rest else added
    changed = orders.change_lines(session, found, ended={line.id: reason}, added=new, who=who)
    if rest:
        hand_on_lines(session, {line.id: rest.id})
    move_surpluses(session, changed.order, who)
    difference = {"difference_minor": changed.order.total_minor - before, "currency": changed.order.currency}
    told = orders.fact(changed.order) | difference | {"by": who.partition(":")[0]}
    events.record(session, "order.changed", changed.order.number, told)
    return changed


def drop_unanswered(session: Session) -> int:
    """Leave out what customers were asked about and did not answer in time; how many shortages.

    A hundred at most: whoever sweeps comes again.
    """
    waiting = fulfillment.unanswered(session, clock.now() - PATIENCE, SWEPT_AT_ONCE)
    dropped = 0
    for order_id, shortage_id in sorted(waiting):
        found = orders.by_id(session, order_id, lock=True)
        try:
            resolve_shortage(session, found, shortage_id, "drop", None, "system")
        except ShortageResolved:
            continue
        dropped += 1
    return dropped
