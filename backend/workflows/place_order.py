"""Place an order: what was confirmed becomes an agreement, with its stock promised, all in one transaction."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from backend import events
from backend.base import columns_of
from backend.carts import service as carts
from backend.carts.errors import ConfirmationStale
from backend.carts.service import ConfirmedCart
from backend.discounts import service as discounts
from backend.events import Fact
from backend.inventory import service as inventory
from backend.inventory.errors import OutOfStock
from backend.inventory.service import Promised, Short, Wanted
from backend.orders import service as orders
from backend.orders.models import Order
from backend.orders.service import Entry, FullOrder, NewLine, NewOrder, WaitingPart
from backend.orders.status import step
from backend.partners import service as partners
from backend.partners.service import Promised as PromisedByPartner
from backend.workflows.confirm_order import confirmed_fact
from backend.workflows.cover_order import cover_placed
from backend.workflows.hold_order import add_holds, held_entry, held_fact, reasons_to_hold
from backend.workflows.price_cart import PricedCart, pickup_place, price_cart, promise_with
from backend.workflows.tell_low_stock import tell_low_stock
from kernel import clock
from kernel.ids import new_id

_SHOWN_OF_A_LINE = (("quantity", "quantity"), ("price", "total_minor"), ("tax", "tax_minor"), ("name", "name"))

_SHOWN_OF_ALL = (
    "currency",
    "discount",
    "delivery_fee_minor",
    "total_minor",
    "address",
    "payment_method",
    "pickup_location",
)


def place_order(session: Session, customer_id: str, confirmation: str) -> FullOrder:
    """The order for what was confirmed; the same confirmation again gives the same order.

    Price and stock are looked at anew: what differs from what was shown is refused, never changed silently.

    It is confirmed at once, unless one of the shop's rules holds it.

    Records: Reservation, Backorder and PartnerPromise rows, an Allocation, Order, OrderLine rows, OrderEntry rows, a
    DiscountUse, the event `order.placed`, the event `order.confirmed` or `order.held`; the event `stock.low`; closes
    the cart; what `cover_placed` or `add_holds` records.
    Raises: ConfirmationStale, OutOfStock, DiscountUsedUp.
    """
    confirmed = carts.confirmed(session, customer_id, confirmation)
    if confirmed.is_ordered:
        return _already_placed(session, confirmed)
    if clock.now() >= confirmed.expires_at:
        raise ConfirmationStale(reason="expired", changes=[])
    priced = price_cart(session, confirmed.cart)
    changes = _differences(confirmed.shown, priced.shown())
    if changes or confirmed.cart.version != confirmed.shown_version:
        raise ConfirmationStale(reason="changed", changes=changes)
    return place(session, customer_id, confirmed, priced, f"customer:{customer_id}")


def place(session: Session, customer_id: str, confirmed: ConfirmedCart, priced: PricedCart, who: str) -> FullOrder:
    """The order of a (locked) cart that was looked at and found to be what was confirmed; `who` says yes to it.

    Records: as `place_order`.
    Raises: ConfirmationStale, OutOfStock, DiscountUsedUp.
    """
    lines = [NewLine(id=new_id(), **columns_of(line)) for line in priced.lines]
    promised, by_partners = _promise(session, confirmed, priced, lines)
    if promised.waiting:
        priced = replace(priced, promised_on=_promised_on(session, priced, promised))
    order = orders.agree(_agreed(session, customer_id, priced), lines)
    reasons = reasons_to_hold(session, order.order, priced.seller)
    step(order.order, "on_hold" if reasons else "confirmed")
    entries = [Entry("placed", who), *_later(order.order, confirmed.shown.get("promised_on"))]
    entries.append(held_entry(reasons) if reasons else Entry("confirmed", "system"))
    orders.place(session, order, entries)
    if promised.allocated is not None:
        inventory.remember_allocation(session, promised.allocated, order_id=order.order.id)
    tell_low_stock(session)
    carts.close(session, confirmed.cart_id)
    settled = held_fact(order.order, reasons) if reasons else confirmed_fact(order.order)
    if who.startswith("staff:"):
        # Who did not do it themselves hears of it.
        settled = replace(settled, payload=settled.payload | {"by": "staff"})
    events.record_all(session, [placed_fact(order), settled])
    if reasons:
        order = add_holds(session, order, reasons)
    else:
        cover_placed(session, order, promised.reserved, by_partners)
    if priced.discount is not None:
        # Last, for everyone who uses the same discount waits for this row.
        discounts.use(session, priced.discount.code, order.order.id, customer_id)
    waiting = [WaitingPart(each.order_line_id, each.quantity, each.promised_on) for each in promised.waiting]
    return replace(order, waiting=waiting)


def _later(order: Order, shown: str | None) -> list[Entry]:
    """The day moved on while the customer thought: no reason to refuse, but one to write down."""
    now = order.promised_on
    is_later = shown is not None and now is not None and now > date.fromisoformat(shown)
    return [Entry("promised_later", "system", f"{shown} → {now}")] if is_later else []


def _already_placed(session: Session, confirmed: ConfirmedCart) -> FullOrder:
    order = orders.of_cart(session, confirmed.cart_id)
    if order.order.cart_version != confirmed.shown_version:
        raise ConfirmationStale(reason="ordered", changes=[], number=order.order.number)
    return order


def _promise(
    session: Session, confirmed: ConfirmedCart, priced: PricedCart, lines: list[NewLine]
) -> tuple[Promised, list[PromisedByPartner]]:
    """What a partner ships for us is promised by them; everything else is reserved."""
    suppliers = priced.by_partner
    theirs = [
        PromisedByPartner(line.id, suppliers[line.sku].partner_id, line.sku, line.base_quantity)
        for line in lines
        if line.sku in suppliers
    ]
    partners.promise(session, theirs)
    ours = [line for line in lines if line.sku not in suppliers]
    return _reserve(session, confirmed, priced, ours) if ours else Promised(None), theirs


def _reserve(session: Session, confirmed: ConfirmedCart, priced: PricedCart, lines: list[NewLine]) -> Promised:
    """What is held for the cart, or what there is. More than was shown to wait is refused as a change."""
    patient = {(line.sku, line.unit) for line in confirmed.cart.lines if line.may_wait}
    wanted = [Wanted(line.id, line.sku, line.base_quantity, (line.sku, line.unit) in patient) for line in lines]
    try:
        promised = inventory.reserve(
            session, wanted, near=priced.near, at=pickup_place(session, priced.choice), cart_id=confirmed.cart_id
        )
    except Short as short:
        line = next(line for line in reversed(lines) if line.sku == short.sku)
        raise OutOfStock(
            sku=line.sku, name=line.name, unit=line.unit, available=short.available // line.factor
        ) from None
    shown = confirmed.shown.get("waiting", {})
    now: dict[str, int] = {}
    for each in promised.waiting:
        now[each.sku] = now.get(each.sku, 0) + each.quantity
    names = {line.sku: line.name for line in lines}
    changes = [
        {"what": "waiting", "sku": sku, "name": names[sku], "was": shown.get(sku, 0), "now": count}
        for sku, count in now.items()
        if count > shown.get(sku, 0)
    ]
    if changes:
        raise ConfirmationStale(reason="changed", changes=changes)
    return promised


def _promised_on(session: Session, priced: PricedCart, promised: Promised) -> date | None:
    """The day with all that waits; None when nobody has announced it (any more)."""
    days = [line.promised_on for line in promised.waiting]
    known = [day for day in days if day is not None]
    return promise_with(session, priced, max(known)) if len(known) == len(days) else None


def _agreed(session: Session, customer_id: str, priced: PricedCart) -> NewOrder:
    assert priced.id is not None, "a confirmed cart has an id"
    assert priced.choice.address is not None, "a confirmed cart has an address"
    assert priced.choice.payment_method is not None, "a confirmed cart has a payment method"
    return NewOrder(
        customer_id=customer_id,
        cart_id=priced.id,
        cart_version=priced.version,
        currency=priced.currency,
        subtotal_minor=priced.subtotal_minor,
        tax_minor=priced.tax_minor,
        discount=priced.discount.kept() if priced.discount else None,
        discount_minor=priced.discount_minor,
        delivery_fee_minor=priced.delivery_fee_minor,
        total_minor=priced.total_minor,
        address=priced.choice.address,
        payment_method=priced.choice.payment_method,
        delivery="pickup" if priced.choice.pickup_location else "delivery",
        pickup_location_id=pickup_place(session, priced.choice),
        zone=priced.zone,
        promised_on=priced.promised_on,
    )


def placed_fact(order: FullOrder) -> Fact:
    """What the event `order.placed` says."""
    told = {
        "total": {"amount_minor": order.order.total_minor, "currency": order.order.currency},
        "lines": [{"sku": line.sku, "base_quantity": line.base_quantity} for line in order.lines],
    }
    return Fact("order.placed", order.order.number, orders.fact(order.order) | told)


def _differences(shown: dict[str, Any], now: dict[str, Any]) -> list[dict[str, Any]]:
    """What is not as it was shown: `{"what": "price", "sku": …, "name": …, "was": …, "now": …}` and the like."""
    changes: list[dict[str, Any]] = []
    was_lines = {(line["sku"], line["unit"]): line for line in shown["lines"]}
    now_lines = {(line["sku"], line["unit"]): line for line in now["lines"]}
    for key in was_lines | now_lines:
        was, current = was_lines.get(key), now_lines.get(key)
        for what, field in _SHOWN_OF_A_LINE:
            before, after = (was or {}).get(field), (current or {}).get(field)
            if before != after:
                named = current or was or {}
                changes.append({"what": what, "sku": key[0], "name": named["name"], "was": before, "now": after})
                break
    for field in _SHOWN_OF_ALL:
        if shown.get(field) != now[field]:
            changes.append({"what": field.removesuffix("_minor"), "was": shown.get(field), "now": now[field]})
    return changes
