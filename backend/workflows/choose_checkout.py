"""Choose how an order shall be delivered and paid; it stays with the cart until it is ordered."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from sqlalchemy.orm import Session

from backend.carts import service as carts
from backend.carts.errors import InvalidChange
from backend.catalog.errors import UnknownPaymentMethod
from backend.customers import service as customers
from backend.customers.errors import AddressNotFound, CustomerNotFound
from backend.fulfillment.errors import PickupLocationUnknown
from backend.inventory import service as inventory
from backend.workflows.offer_payment_methods import offer_payment_methods
from backend.workflows.price_cart import PricedCart, price_cart


def choose_checkout(
    session: Session,
    customer_id: str,
    *,
    address_id: str | None = None,
    address_text: str | None = None,
    payment_method: str | None = None,
    pickup_location: str | None = None,
    ready: Collection[str] = (),
) -> PricedCart:
    """Set what is given, keep the rest. An address written out is remembered with the customer.

    An order is delivered to an address or collected at a `pickup_location` (its code): the last that was said counts.
    `ready` are the payment providers that the shop has keys for.

    Records: the cart's choice and its next version; a new Address.
    Raises: AddressNotFound, UnknownPaymentMethod, PickupLocationUnknown; InvalidChange when several kinds of address
    are given.
    """
    if sum(given is not None for given in (address_id, address_text, pickup_location)) > 1:
        raise InvalidChange("an address is a saved one or free text, not both", op="checkout", missing="one address")
    if not customers.exists(session, customer_id):
        raise CustomerNotFound()
    if payment_method is not None:
        offered = offer_payment_methods(session, customer_id, ready)
        if payment_method not in {method.code for method in offered}:
            raise UnknownPaymentMethod(payment_method=payment_method)
    cart = carts.open_for_change(session, customer_id)
    place, address = cart.choice.pickup_location, _address(session, customer_id, address_id, address_text)
    if pickup_location is not None:
        place, address = pickup_location, pickup_address(session, pickup_location)
    elif address is not None:
        place = None
    choice = replace(
        cart.choice,
        address=address or cart.choice.address,
        payment_method=payment_method or cart.choice.payment_method,
        pickup_location=place,
    )
    assert cart.id is not None, "an open cart has an id"
    return price_cart(session, carts.save(session, cart.id, cart.version, cart.lines, choice))


def pickup_address(session: Session, code: str) -> str:
    """Where the customer goes to collect it, in words.

    Raises: PickupLocationUnknown.
    """
    place = next((place for place in inventory.locations(session) if place.code == code and place.is_pickup), None)
    if place is None:
        raise PickupLocationUnknown(pickup_location=code)
    return f"{place.name}, {place.address}" if place.address else place.name


def _address(session: Session, customer_id: str, address_id: str | None, text: str | None) -> str | None:
    if address_id is not None:
        saved = customers.address(session, customer_id, address_id)
        if saved is None:
            raise AddressNotFound()
        return saved.text
    return customers.add_address(session, customer_id, text).text if text is not None else None
