"""Place an order: what was confirmed becomes an agreement, with its stock promised, all in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from backend import events
from backend.base import columns_of
from backend.carts import service as carts
from backend.carts.errors import ConfirmationStale
from backend.carts.service import ConfirmedCart, Line
from backend.inventory import service as inventory
from backend.inventory.service import Allocated, Promised, Short, Wanted
from backend.orders import service as orders
from backend.orders.service import FullOrder, NewLine, NewOrder
from backend.partners import service as partners
from backend.partners.service import Promised as PromisedByPartner
from backend.partners.service import Supplier
from backend.workflows.check_stock import out_of_stock
from backend.workflows.confirm_order import confirm_order
from backend.workflows.price_cart import PricedCart, price_cart
from backend.workflows.tell_low_stock import tell_low_stock
from kernel import clock
from kernel.ids import new_id


def place_order(session: Session, customer_id: str, confirmation: str) -> FullOrder:
    """The order for what was confirmed; the same confirmation again gives the same order.

    Price and stock are looked at anew: what differs from what was shown is refused, never changed silently.

    It is confirmed at once.

    Records: Reservation and PartnerPromise rows, an Allocation, Order, OrderLine rows, OrderEntry, the event
    `order.placed`; the event `stock.low`; closes the cart; what `confirm_order` records.
    Raises: ConfirmationStale, OutOfStock.
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
    lines = [NewLine(id=new_id(), **columns_of(line)) for line in priced.lines]
    allocated = _promise(session, confirmed.cart_id, lines, priced.by_partner)
    order = orders.place(session, _agreed(customer_id, priced), lines, who=f"customer:{customer_id}")
    if allocated is not None:
        inventory.remember_allocation(session, allocated, order_id=order.order.id)
    _tell_if_later(session, order, confirmed.shown.get("promised_on"))
    tell_low_stock(session)
    carts.close(session, confirmed.cart_id)
    events.record(session, "order.placed", order.order.number, _fact(order))
    return confirm_order(session, order, who="system")


def _tell_if_later(session: Session, order: FullOrder, shown: str | None) -> None:
    """The day moved on while the customer thought: no reason to refuse, but one to write down."""
    now = order.order.promised_on
    if shown is not None and now is not None and now > date.fromisoformat(shown):
        orders.enter(session, order.order.id, "promised_later", "system", clock.now(), f"{shown} → {now.isoformat()}")


def _already_placed(session: Session, confirmed: ConfirmedCart) -> FullOrder:
    order = orders.of_cart(session, confirmed.cart_id)
    if order.order.cart_version != confirmed.shown_version:
        raise ConfirmationStale(reason="ordered", changes=[], number=order.order.number)
    return order


def _promise(
    session: Session, cart_id: str, lines: list[NewLine], suppliers: Mapping[str, Supplier]
) -> Allocated | None:
    """What a partner ships for us is promised by them; everything else is reserved."""
    if suppliers:
        theirs = [line for line in lines if line.sku in suppliers]
        partners.promise(
            session,
            [
                PromisedByPartner(line.id, suppliers[line.sku].partner_id, line.sku, line.base_quantity)
                for line in theirs
            ],
        )
    ours = [line for line in lines if line.sku not in suppliers]
    return _reserve(session, cart_id, ours).allocated if ours else None


def _reserve(session: Session, cart_id: str, lines: list[NewLine]) -> Promised:
    wanted = [Wanted(line.id, line.sku, line.base_quantity) for line in lines]
    try:
        return inventory.reserve(session, wanted, cart_id=cart_id)
    except Short as short:
        line = next(line for line in reversed(lines) if line.sku == short.sku)
        asked = Line(line.sku, line.unit, line.factor, line.base_quantity)
        raise out_of_stock(line.name, asked, short.available) from None


def _agreed(customer_id: str, priced: PricedCart) -> NewOrder:
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
        delivery_fee_minor=priced.delivery_fee_minor,
        total_minor=priced.total_minor,
        address=priced.choice.address,
        payment_method=priced.choice.payment_method,
        zone=priced.zone,
        promised_on=priced.promised_on,
    )


def _fact(order: FullOrder) -> dict[str, Any]:
    return orders.fact(order.order) | {
        "total": {"amount_minor": order.order.total_minor, "currency": order.order.currency},
        "lines": [{"sku": line.sku, "base_quantity": line.base_quantity} for line in order.lines],
    }


def _differences(shown: dict[str, Any], now: dict[str, Any]) -> list[dict[str, Any]]:
    """What is not as it was shown: `{"what": "price", "sku": …, "name": …, "was": …, "now": …}` and the like."""
    changes: list[dict[str, Any]] = []
    was_lines = {(line["sku"], line["unit"]): line for line in shown["lines"]}
    now_lines = {(line["sku"], line["unit"]): line for line in now["lines"]}
    for key in was_lines | now_lines:
        was, current = was_lines.get(key), now_lines.get(key)
        for what, field in (("quantity", "quantity"), ("price", "total_minor"), ("tax", "tax_minor"), ("name", "name")):
            before, after = (was or {}).get(field), (current or {}).get(field)
            if before != after:
                named = current or was or {}
                changes.append({"what": what, "sku": key[0], "name": named["name"], "was": before, "now": after})
                break
    for field in ("currency", "delivery_fee_minor", "total_minor", "address", "payment_method"):
        if shown[field] != now[field]:
            changes.append({"what": field.removesuffix("_minor"), "was": shown[field], "now": now[field]})
    return changes
