"""Confirm a cart: bind what the customer is about to be shown, so that only that can be ordered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from backend.carts import service as carts
from backend.carts.errors import AddressMissing, CartEmpty, PaymentMethodMissing
from backend.catalog.service import offers
from backend.workflows.check_stock import check_stock
from backend.workflows.price_cart import PricedCart, price_cart


@dataclass(frozen=True, slots=True)
class ConfirmationToShow:
    """`confirmation` is opaque and stands for `cart` until `expires_at`."""

    confirmation: str
    cart: PricedCart
    expires_at: datetime


def confirm_cart(session: Session, customer_id: str) -> ConfirmationToShow:
    """What the customer will be asked to confirm.

    Records: a Confirmation.
    Raises: CartEmpty, AddressMissing, PaymentMethodMissing, OutOfStock.
    """
    cart = carts.look(session, customer_id)
    if not cart.lines:
        raise CartEmpty()
    if cart.choice.address is None:
        raise AddressMissing()
    if cart.choice.payment_method is None:
        raise PaymentMethodMissing()
    offered = offers(session, sorted({line.sku for line in cart.lines}))
    check_stock(session, cart.lines, offered)
    priced = price_cart(session, cart, offered)
    confirmation, expires_at = carts.remember_confirmation(session, cart, priced.shown() | _told(priced))
    return ConfirmationToShow(confirmation, priced, expires_at)


def _told(priced: PricedCart) -> dict[str, Any]:
    """What is shown beside what is confirmed: a later day is told when placing, and refuses nothing."""
    return {"promised_on": priced.promised_on.isoformat() if priced.promised_on else None}
