"""Price a cart: what its lines cost today, tax and delivery included. Everyone who shows or sells a cart asks here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from backend.carts.quantity import in_units
from backend.carts.service import CartContent, Choice, Line
from backend.catalog.service import Offer, Shop, offers, shop
from backend.discounts.terms import Goods, Terms
from backend.inventory import service as inventory
from backend.inventory.service import Point
from backend.partners.service import Supplier, suppliers
from backend.pricing import charge, listed
from backend.shipping.models import Zone
from backend.shipping.tariff import Tariff, tariff
from backend.workflows.discount_lines import Discounted, Refused, discount_lines
from backend.workflows.promise_delivery import promise_delivery
from kernel import clock


@dataclass(frozen=True, slots=True)
class PricedLine:
    """A line at today's price; amounts in minor units. `unit_price_minor` is for one `unit`, as the shop says its
    prices; `total_minor` is what is paid, tax included."""

    sku: str
    name: str
    name_en: str
    unit: str
    unit_name_es: str
    unit_name_en: str
    factor: int
    base_quantity: int
    price_minor: int
    price_quantity: int
    unit_price_minor: int
    price_includes_tax: bool
    tax_class: str
    tax_rate: Decimal
    discount_minor: int
    tax_minor: int
    total_minor: int


@dataclass(frozen=True, slots=True)
class PricedCart:
    """`unavailable` are the SKUs in the cart that are no longer sold: they cost nothing and block the confirmation.

    `zone` is the code of the address's delivery zone, None outside of all or before there is an address, and `near`
    its middle; `by_partner` says who ships which sku for us; `seller` is the shop as it was read;
    `promised_on` is the day it would arrive if it were ordered now, None where nothing can be promised.
    """

    id: str | None
    version: int
    currency: str
    lines: tuple[PricedLine, ...]
    unavailable: tuple[str, ...]
    subtotal_minor: int
    tax_minor: int
    discount: Terms | None
    discount_minor: int
    discount_refused: Refused | None
    delivery_rate_minor: int
    delivery_fee_minor: int
    total_minor: int
    choice: Choice
    weight_g: int
    zone: str | None
    promised_on: date | None
    near: Point | None
    by_partner: Mapping[str, Supplier]
    seller: Shop

    def shown(self) -> dict[str, Any]:
        """What a customer confirms, as plain values that can be kept and compared."""
        return {
            "lines": [
                {
                    "sku": line.sku,
                    "name": line.name,
                    "quantity": in_units(line.base_quantity, line.factor),
                    "unit": line.unit,
                    "total_minor": line.total_minor,
                    "tax_minor": line.tax_minor,
                    "discount_minor": line.discount_minor,
                }
                for line in self.lines
            ],
            "currency": self.currency,
            "discount": self.discount.code if self.discount else None,
            "discount_minor": self.discount_minor,
            "delivery_fee_minor": self.delivery_fee_minor,
            "total_minor": self.total_minor,
            "address": self.choice.address,
            "payment_method": self.choice.payment_method,
            "pickup_location": self.choice.pickup_location,
        }


def price_cart(
    session: Session, cart: CartContent, offered: Mapping[str, Offer] | None = None, *, with_discount: bool = True
) -> PricedCart:
    """The cart at today's prices. `offered`, if the caller has the offers already, is for every line.

    What the shop takes off is taken off, unless said otherwise.
    """
    if offered is None:
        offered = offers(session, sorted({line.sku for line in cart.lines}))
    sold = [line for line in cart.lines if line.sku in offered]
    discounted = _discount(session, cart, sold, offered) if with_discount else Discounted(None, [0] * len(sold))
    lines = tuple(
        _price_line(line, offered[line.sku], off) for line, off in zip(sold, discounted.off_minor, strict=True)
    )
    unavailable = tuple(line.sku for line in cart.lines if line.sku not in offered)
    seller = shop(session)
    delivery = tariff(session, seller.delivery_version)
    is_pickup = cart.choice.pickup_location is not None
    zone = delivery.zone_of(cart.choice.address) if cart.choice.address is not None and not is_pickup else None
    by_partner = suppliers(session, [line.sku for line in lines]) if lines else {}
    lead_days = max((supplier.lead_days for supplier in by_partner.values()), default=0)
    promised_on = None
    if lines:
        promised_on = promise_delivery(session, seller, zone, clock.now(), lead_days=lead_days, is_pickup=is_pickup)
    # What nobody weighed counts as nothing.
    weight_g = sum((offered[line.sku].weight_g or 0) * line.base_quantity for line in lines)
    rate_minor = _delivery_rate(seller, delivery, zone, weight_g) if lines and not is_pickup else 0
    subtotal_minor = sum(line.total_minor for line in lines)
    fee_minor = seller.delivery_of(subtotal_minor, rate_minor)
    return PricedCart(
        id=cart.id,
        version=cart.version,
        currency=seller.currency,
        lines=lines,
        unavailable=unavailable,
        subtotal_minor=subtotal_minor,
        tax_minor=sum(line.tax_minor for line in lines),
        discount=discounted.terms,
        discount_minor=sum(discounted.off_minor),
        discount_refused=discounted.refused,
        delivery_rate_minor=rate_minor,
        delivery_fee_minor=fee_minor,
        total_minor=subtotal_minor + fee_minor,
        choice=cart.choice,
        weight_g=weight_g,
        zone=zone.code if zone else None,
        promised_on=promised_on,
        near=Point(zone.latitude, zone.longitude) if zone else None,
        by_partner=by_partner,
        seller=seller,
    )


def promise_with(session: Session, cart: PricedCart, waits_until: date) -> date | None:
    """The day a priced cart would arrive when the last of what it waits for comes in on `waits_until`."""
    zone = tariff(session, cart.seller.delivery_version).zone(cart.zone)
    is_pickup = cart.choice.pickup_location is not None
    return promise_delivery(session, cart.seller, zone, clock.now(), waits_until=waits_until, is_pickup=is_pickup)


def pickup_place(session: Session, choice: Choice) -> str | None:
    """The id of the location where a cart is collected, and so the only one that may serve it; None for a delivery."""
    code = choice.pickup_location
    return inventory.location(session, code).id if code is not None else None


def _discount(session: Session, cart: CartContent, lines: Sequence[Line], offered: Mapping[str, Offer]) -> Discounted:
    goods = []
    for line in lines:
        offer = offered[line.sku]
        goods.append(Goods(line.sku, offer.category, listed(offer, line.base_quantity)))
    return discount_lines(session, cart.choice.discount_code, cart.customer_id, goods)


def _price_line(line: Line, offer: Offer, discount_minor: int) -> PricedLine:
    unit = next((unit for unit in offer.units if unit.code == line.unit), None)
    cost = charge(offer, line.base_quantity, discount_minor)
    return PricedLine(
        sku=line.sku,
        name=offer.name,
        name_en=offer.name_en,
        unit=line.unit,
        unit_name_es=unit.name["es"] if unit else line.unit,
        unit_name_en=unit.name["en"] if unit else line.unit,
        factor=line.factor,
        base_quantity=line.base_quantity,
        price_minor=offer.price_minor,
        price_quantity=offer.price_quantity,
        unit_price_minor=listed(offer, line.factor),
        price_includes_tax=offer.price_includes_tax,
        tax_class=offer.tax_class,
        tax_rate=offer.tax_rate,
        discount_minor=cost.discount_minor,
        tax_minor=cost.tax_minor,
        total_minor=cost.total_minor,
    )


def _delivery_rate(shop: Shop, delivery: Tariff, zone: Zone | None, weight_g: int) -> int:
    """The zone's rate for the weight; the shop's own fee while the address or its rate is not known."""
    rate = delivery.fee(zone.code, weight_g) if zone else None
    return shop.delivery_fee_minor if rate is None else rate
