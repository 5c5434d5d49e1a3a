"""Open an exchange: what goes out for a return is an order of its own, reserved at once, sent when it is settled.

It is paid by what the return's credit notes give the customer with us: what is more is theirs, what is less is due.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from backend import events
from backend.base import columns_of
from backend.carts import service as carts
from backend.carts.quantity import base_units
from backend.carts.service import CartContent, Choice, Line
from backend.catalog.errors import UnknownSku, UnknownUnit
from backend.catalog.service import Offer, offers, unit_named
from backend.inventory import service as inventory
from backend.inventory.errors import OutOfStock
from backend.inventory.service import Short, Wanted
from backend.orders import service as orders
from backend.orders.models import Order
from backend.orders.service import Entry, FullOrder, NewLine, NewOrder
from backend.partners import service as partners
from backend.partners.service import Promised as PromisedByPartner
from backend.returns.models import Return
from backend.returns.service import FullReturn
from backend.workflows.cancel_order import cancel
from backend.workflows.confirm_order import confirm_order
from backend.workflows.place_order import placed_fact
from backend.workflows.price_cart import PricedCart, price_cart
from backend.workflows.tell_low_stock import tell_low_stock
from kernel.ids import new_id

WISHES = ("exchange", "replacement")


def open_exchange(session: Session, found: FullOrder, full: FullReturn, who: str) -> FullOrder:
    """The order that the (locked) return's customer gets: placed and reserved, and to be confirmed when it is settled.

    A replacement is the same again at the price that was agreed; an exchange costs what its goods cost today. Neither
    costs a delivery.

    Records: a Cart, Reservation and PartnerPromise rows, an Allocation, Order, OrderLine rows, an OrderEntry, the
    events `order.placed` and `stock.low`; the return's exchange order.
    Raises: UnknownSku, UnknownUnit, InvalidQuantity, QuantityTooLarge, OutOfStock.
    """
    order, rma = found.order, full.rma
    wanted = _wanted(session, found, full)
    pickup = inventory.location_by_id(session, order.pickup_location_id).code if order.pickup_location_id else None
    choice = Choice(order.address, order.payment_method, pickup)
    cart_id = carts.open_ordered(session, order.customer_id, choice)
    priced = price_cart(session, CartContent(cart_id, 1, tuple(wanted), choice), with_discount=False)
    if priced.unavailable and rma.wish == "exchange":
        raise UnknownSku(sku=priced.unavailable[0])
    if rma.wish == "exchange":
        lines = [NewLine(id=new_id(), **columns_of(line)) for line in priced.lines]
    else:
        lines = _same_again(found, full)
    allocated = _promise(session, priced, lines, order.pickup_location_id)
    subtotal_minor = sum(line.total_minor for line in lines)
    placed = orders.agree(
        NewOrder(
            customer_id=order.customer_id,
            cart_id=cart_id,
            cart_version=1,
            currency=order.currency,
            subtotal_minor=subtotal_minor,
            tax_minor=sum(line.tax_minor for line in lines),
            discount=order.discount if rma.wish == "replacement" else None,
            discount_minor=sum(line.discount_minor for line in lines),
            delivery_fee_minor=0,
            total_minor=subtotal_minor,
            address=order.address,
            payment_method=order.payment_method,
            delivery=order.delivery,
            pickup_location_id=order.pickup_location_id,
            zone=order.zone,
            promised_on=priced.promised_on,
        ),
        lines,
    )
    orders.place(session, placed, [Entry("placed", who)])
    if allocated is not None:
        inventory.remember_allocation(session, allocated, order_id=placed.order.id)
    tell_low_stock(session)
    events.record_all(session, [placed_fact(placed)])
    rma.exchange_order_id = placed.order.id
    session.flush()
    return placed


def send_exchange(session: Session, rma: Return, who: str) -> None:
    """The return is settled: what was reserved for it goes out, unless its customer cancelled that.

    Records: what `confirm_order` records.
    """
    if rma.exchange_order_id is None:
        return
    exchange = orders.by_id(session, rma.exchange_order_id, lock=True)
    if exchange.order.status == "placed":
        confirm_order(session, exchange, who)


def drop_exchange(session: Session, rma: Return, who: str) -> None:
    """Nothing comes of it. Records: what `cancel` records."""
    if rma.exchange_order_id is None:
        return
    exchange = orders.by_id(session, rma.exchange_order_id, lock=True)
    if exchange.order.status == "placed":
        cancel(session, exchange, who, by=who.partition(":")[0], reason=rma.number)


def cost_of_exchange(session: Session, order: Order, wanted: Sequence[dict[str, Any]]) -> int:
    """What an exchange for these would cost today, in minor units.

    Raises: UnknownSku, UnknownUnit, InvalidQuantity, QuantityTooLarge.
    """
    choice = Choice(order.address, order.payment_method, None)
    priced = price_cart(session, CartContent(None, 1, tuple(_lines(session, wanted)), choice), with_discount=False)
    if priced.unavailable:
        raise UnknownSku(sku=priced.unavailable[0])
    return sum(line.total_minor for line in priced.lines)


def check_exchange(session: Session, wanted: Sequence[dict[str, Any]]) -> None:
    """Raises: UnknownSku, UnknownUnit, InvalidQuantity, QuantityTooLarge, for what nobody could be given."""
    _lines(session, wanted)


def _wanted(session: Session, found: FullOrder, full: FullReturn) -> list[Line]:
    if full.rma.wish == "exchange":
        return _lines(session, full.rma.exchange_for or [])
    agreed = {line.id: line for line in found.lines}
    return [
        Line(line.sku, agreed[line.order_line_id].unit, agreed[line.order_line_id].factor, line.taken_back)
        for line in full.lines
    ]


def _lines(session: Session, wanted: Sequence[dict[str, Any]]) -> list[Line]:
    offered = offers(session, [each["sku"] for each in wanted])
    return [_line(offered, each) for each in wanted]


def _line(offered: dict[str, Offer], each: dict[str, Any]) -> Line:
    offer = offered.get(each["sku"])
    if offer is None:
        raise UnknownSku(sku=each["sku"])
    unit = unit_named(offer, each["unit"]) if each.get("unit") else offer.units[0]
    if unit is None:
        raise UnknownUnit(sku=offer.sku, unit=each["unit"])
    return Line(offer.sku, unit.code, unit.factor, base_units(each["quantity"], unit.factor))


def _same_again(found: FullOrder, full: FullReturn) -> list[NewLine]:
    agreed = {line.id: line for line in found.lines}
    return [orders.part_of(agreed[line.order_line_id], line.taken_back) for line in full.lines if line.taken_back]


def _promise(
    session: Session, priced: PricedCart, lines: Sequence[NewLine], at: str | None
) -> inventory.Allocated | None:
    theirs = [line for line in lines if line.sku in priced.by_partner]
    partners.promise(
        session,
        [
            PromisedByPartner(line.id, priced.by_partner[line.sku].partner_id, line.sku, line.base_quantity)
            for line in theirs
        ],
    )
    ours = [Wanted(line.id, line.sku, line.base_quantity) for line in lines if line.sku not in priced.by_partner]
    if not ours:
        return None
    try:
        return inventory.reserve(session, ours, near=priced.near, at=at).allocated
    except Short as short:
        line = next(line for line in lines if line.sku == short.sku)
        raise OutOfStock(
            sku=line.sku, name=line.name, unit=line.unit, available=short.available // line.factor
        ) from None
