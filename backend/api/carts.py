"""The customer's cart over HTTP."""

from __future__ import annotations

from typing import Any, cast

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from backend.api.access import Customer, Db, WrongRole
from backend.api.idempotency import Act
from backend.api.problems import InvalidRequest, describe
from backend.api.shop import ready_providers, to_method
from backend.carts import service as carts
from backend.carts.errors import (
    AddressMissing,
    CartEmpty,
    CartFull,
    InvalidChange,
    InvalidQuantity,
    NotInCart,
    PaymentMethodMissing,
    QuantityTooLarge,
)
from backend.carts.quantity import in_units
from backend.catalog.errors import ShopNotSetUp, UnknownPaymentMethod, UnknownSku, UnknownUnit
from backend.customers.errors import AddressNotFound
from backend.discounts.errors import (
    DiscountBelowMinimum,
    DiscountEnded,
    DiscountNotYet,
    DiscountOnNothing,
    DiscountUnknown,
    DiscountUsedUp,
)
from backend.discounts.terms import Terms
from backend.fulfillment.errors import PickupLocationUnknown
from backend.idempotency import IdempotencyConflict, IdempotencyKeyRequired
from backend.inventory.errors import NotASubstitute, OutOfStock
from backend.pricing import as_listed
from backend.schemas.base import Money, Words
from backend.schemas.carts import (
    AppliedDiscount,
    Cart,
    CartChanges,
    CartLine,
    Checkout,
    CheckoutChoice,
    Confirmation,
    DiscountChoice,
    RefusedDiscount,
    ShortageChoice,
    WaitingLine,
)
from backend.schemas.shop import PaymentMethod
from backend.workflows.apply_discount import apply_discount, remove_discount
from backend.workflows.change_cart import Change, change_cart
from backend.workflows.choose_checkout import choose_checkout
from backend.workflows.confirm_cart import WaitingPart, confirm_cart
from backend.workflows.discount_lines import Refused
from backend.workflows.offer_payment_methods import offer_payment_methods
from backend.workflows.price_cart import PricedCart, PricedLine, price_cart
from backend.workflows.resolve_cart_shortage import resolve_cart_shortage
from kernel.tokens import TokenRefused

router = APIRouter(prefix="/cart", tags=["Cart"], responses=describe(TokenRefused, WrongRole))
_ACT = (InvalidRequest, IdempotencyKeyRequired, IdempotencyConflict)


@router.get("", summary="The open cart, at today's prices")
def look(customer: Customer, db: Db) -> Cart:
    with db.read() as session:
        return to_cart(price_cart(session, carts.look(session, customer.subject)))


@router.post(
    "/changes",
    summary="Change the cart: all of the changes or none",
    response_model=Cart,
    responses=describe(
        *_ACT, UnknownSku, UnknownUnit, InvalidQuantity, QuantityTooLarge, InvalidChange, CartFull, OutOfStock
    ),
)
def change(changes: CartChanges, customer: Customer, act: Act) -> Response:
    wanted = [
        Change(change.op, change.sku, change.quantity, change.unit, change.may_wait) for change in changes.changes
    ]
    return act.once(lambda session: to_cart(change_cart(session, customer.subject, wanted)))


@router.put(
    "/checkout",
    summary="Choose the address and the payment method",
    response_model=Cart,
    responses=describe(*_ACT, AddressNotFound, UnknownPaymentMethod, PickupLocationUnknown, InvalidChange),
)
def checkout(choice: CheckoutChoice, customer: Customer, act: Act, request: Request) -> Response:
    given, ready = choice.model_dump(), ready_providers(request)
    return act.once(lambda session: to_cart(choose_checkout(session, customer.subject, **given, ready=ready)))


@router.get("/payment-methods", summary="The ways in which this customer may pay", responses=describe(ShopNotSetUp))
def methods(customer: Customer, db: Db, request: Request) -> list[PaymentMethod]:
    with db.read() as session:
        offered = offer_payment_methods(session, customer.subject, ready_providers(request))
    return [to_method(method) for method in offered]


@router.post(
    "/confirmation",
    summary="Bind what the customer is about to be shown",
    response_model=Confirmation,
    responses=describe(*_ACT, CartEmpty, AddressMissing, PaymentMethodMissing, OutOfStock),
)
def confirm(customer: Customer, act: Act) -> Response:
    def work(session: Session) -> Confirmation:
        bound = confirm_cart(session, customer.subject)
        return Confirmation(
            confirmation=bound.confirmation,
            cart=to_cart(bound.cart),
            expires_at=bound.expires_at,
            held_until=bound.held_until,
            waiting=[_to_waiting(each) for each in bound.waiting],
        )

    return act.once(work)


@router.put(
    "/shortages",
    summary="Choose what to do about a line that is short",
    response_model=Cart,
    responses=describe(*_ACT, NotInCart, InvalidChange, NotASubstitute, CartFull, OutOfStock),
)
def resolve(choice: ShortageChoice, customer: Customer, act: Act) -> Response:
    """The choices come with the refusal `out_of_stock`, in `params.choices`."""
    return act.once(
        lambda session: to_cart(
            resolve_cart_shortage(session, customer.subject, choice.sku, choice.choice, choice.substitute_sku)
        )
    )


@router.put(
    "/discount",
    summary="Apply a discount by its code, in place of another",
    response_model=Cart,
    responses=describe(
        *_ACT,
        DiscountUnknown,
        DiscountNotYet,
        DiscountEnded,
        DiscountUsedUp,
        DiscountBelowMinimum,
        DiscountOnNothing,
    ),
)
def apply(choice: DiscountChoice, customer: Customer, act: Act) -> Response:
    """Discounts do not add up: the one that takes most off applies."""
    return act.once(lambda session: to_cart(apply_discount(session, customer.subject, choice.code)))


@router.delete(
    "/discount", summary="Take the discount's code off the cart", response_model=Cart, responses=describe(*_ACT)
)
def remove(customer: Customer, act: Act) -> Response:
    return act.once(lambda session: to_cart(remove_discount(session, customer.subject)))


def to_cart(cart: PricedCart) -> Cart:
    return Cart(
        id=cart.id,
        version=cart.version,
        currency=cart.currency,
        lines=[_to_line(line, cart.currency) for line in cart.lines],
        unavailable=list(cart.unavailable),
        subtotal=Money.of(sum(as_listed(line) for line in cart.lines), cart.currency),
        discount=applied(cart.discount, cart.discount_minor, cart.currency),
        discount_refused=_refused(cart.discount_refused, cart.currency),
        tax=Money.of(cart.tax_minor, cart.currency),
        prices_include_tax=all(line.price_includes_tax for line in cart.lines),
        delivery_fee=Money.of(cart.delivery_fee_minor, cart.currency),
        total=Money.of(cart.total_minor, cart.currency),
        is_empty=not cart.lines and not cart.unavailable,
        checkout=Checkout(
            address=cart.choice.address,
            payment_method=cart.choice.payment_method,
            pickup_location=cart.choice.pickup_location,
            discount_code=cart.choice.discount_code,
        ),
        promised_on=cart.promised_on,
    )


def applied(terms: Terms | None, amount_minor: int, currency: str) -> AppliedDiscount | None:
    """A discount as it is shown: not at all while it takes nothing off."""
    if terms is None or not amount_minor:
        return None
    name = Words(es=terms.name_es, en=terms.name_en)
    return AppliedDiscount(code=terms.code, name=name, amount=Money.of(amount_minor, currency))


def _refused(refused: Refused | None, currency: str) -> RefusedDiscount | None:
    if refused is None:
        return None
    minimum = Money.of(refused.minimum_minor, currency) if refused.minimum_minor else None
    return RefusedDiscount(code=refused.code, reason=cast(Any, refused.reason), minimum=minimum)


def _to_waiting(waiting: WaitingPart) -> WaitingLine:
    line = waiting.line
    return WaitingLine(
        sku=line.sku,
        name=line.name,
        names=Words(es=line.name, en=line.name_en),
        quantity=in_units(waiting.base_quantity, line.factor),
        unit=line.unit,
        unit_name=Words(es=line.unit_name_es, en=line.unit_name_en),
        base_quantity=waiting.base_quantity,
        promised_on=waiting.promised_on,
    )


def _to_line(line: PricedLine, currency: str) -> CartLine:
    return CartLine(
        sku=line.sku,
        name=line.name,
        names=Words(es=line.name, en=line.name_en),
        quantity=in_units(line.base_quantity, line.factor),
        unit=line.unit,
        unit_name=Words(es=line.unit_name_es, en=line.unit_name_en),
        base_quantity=line.base_quantity,
        unit_price=Money.of(line.unit_price_minor, currency),
        total=Money.of(as_listed(line), currency),
        discount=Money.of(line.discount_minor, currency),
        tax=Money.of(line.tax_minor, currency),
        tax_class=line.tax_class,
    )
