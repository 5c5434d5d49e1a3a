"""What may be done with a cart and its lines."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from backend.base import insert_if_absent, table_of
from backend.carts.errors import CartFull, ConfirmationStale
from backend.carts.models import Cart, CartLine, Confirmation
from kernel import clock
from kernel.ids import new_id
from kernel.prepared import Prepared

CONFIRMATION_LIFETIME = timedelta(minutes=30)
MAX_LINES = 100

_cart, _line, _confirmation = table_of(Cart), table_of(CartLine), table_of(Confirmation)

_lines_of = Prepared(select(_line).where(_line.c.cart_id == bindparam("cart")).order_by(_line.c.position))
_confirmed = Prepared(
    select(
        _cart.c.id.label("cart_id"),
        _cart.c.customer_id,
        _cart.c.status,
        _cart.c.version,
        _cart.c.address,
        _cart.c.pickup_location,
        _cart.c.payment_method,
        _cart.c.discount_code,
        _confirmation.c.cart_version,
        _confirmation.c.content,
        _confirmation.c.expires_at,
    )
    .join(_cart, _cart.c.id == _confirmation.c.cart_id)
    .where(_confirmation.c.id == bindparam("confirmation"), _cart.c.customer_id == bindparam("customer"))
    .with_for_update(of=_cart)
)
_close = Prepared(
    update(_cart).where(_cart.c.id == bindparam("cart")).values(status="ordered", changed_at=bindparam("now"))
)


@dataclass(frozen=True, slots=True)
class Line:
    """`base_quantity` base units of `sku`, spoken of in a `unit` of `factor` base units; the rest `may_wait`."""

    sku: str
    unit: str
    factor: int
    base_quantity: int
    may_wait: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """How the order shall be delivered and paid, as far as it was said, and the code of the discount that was.

    `pickup_location` is the code of the location where it is collected; `address` is that of the location then.
    """

    address: str | None = None
    payment_method: str | None = None
    pickup_location: str | None = None
    discount_code: str | None = None


@dataclass(frozen=True, slots=True)
class CartContent:
    """A cart as it stands. `id` is None for a customer who has put nothing in yet."""

    id: str | None
    version: int
    lines: tuple[Line, ...]
    choice: Choice
    customer_id: str | None = None


@dataclass(frozen=True, slots=True)
class ConfirmedCart:
    """What was confirmed (`shown`, of `shown_version`) beside the cart as it stands now, which is locked."""

    cart_id: str
    cart: CartContent
    is_ordered: bool
    shown: dict[str, Any]
    shown_version: int
    expires_at: datetime


NOTHING = CartContent(id=None, version=0, lines=(), choice=Choice())


def look(session: Session, customer_id: str) -> CartContent:
    """The customer's open cart; NOTHING if there is none."""
    cart = session.scalar(select(Cart).where(Cart.customer_id == customer_id, Cart.status == "open"))
    return replace(NOTHING, customer_id=customer_id) if cart is None else _content(session, cart)


def open_for_change(session: Session, customer_id: str) -> CartContent:
    """The customer's open cart, made if there is none, locked until the transaction ends."""
    query = select(Cart).where(Cart.customer_id == customer_id, Cart.status == "open").with_for_update()
    # More than one round only when the cart we waited for became an order meanwhile.
    while (cart := session.scalar(query)) is None:
        row = {"id": new_id(), "customer_id": customer_id, "status": "open", "version": 0, "changed_at": clock.now()}
        insert_if_absent(session, Cart, row)
    return _content(session, cart)


def lock_open(session: Session, customer_id: str) -> CartContent:
    """The customer's open cart, locked until the transaction ends; NOTHING if there is none."""
    query = select(Cart).where(Cart.customer_id == customer_id, Cart.status == "open").with_for_update()
    cart = session.scalar(query)
    return replace(NOTHING, customer_id=customer_id) if cart is None else _content(session, cart)


def _content(session: Session, cart: Cart) -> CartContent:
    choice = Choice(cart.address, cart.payment_method, cart.pickup_location, cart.discount_code)
    return CartContent(cart.id, cart.version, _lines(session, cart.id), choice, cart.customer_id)


def _lines(session: Session, cart_id: str) -> tuple[Line, ...]:
    rows = _lines_of.rows(session, {"cart": cart_id})
    return tuple([Line(row.sku, row.unit, row.factor, row.base_quantity, row.may_wait) for row in rows])


def save(session: Session, cart_id: str, version: int, lines: Sequence[Line], choice: Choice) -> CartContent:
    """Write the content that the (locked) cart of `version` has now; it becomes the next version.

    Raises: CartFull.
    """
    if len(lines) > MAX_LINES:
        raise CartFull(limit=MAX_LINES)
    connection = session.connection()
    connection.execute(delete(_line).where(_line.c.cart_id == cart_id))
    if lines:
        rows = [
            {
                "cart_id": cart_id,
                "sku": line.sku,
                "unit": line.unit,
                "position": position,
                "factor": line.factor,
                "base_quantity": line.base_quantity,
                "may_wait": line.may_wait,
            }
            for position, line in enumerate(lines)
        ]
        connection.execute(insert(_line), rows)
    saved = connection.execute(
        update(_cart)
        .where(_cart.c.id == cart_id, _cart.c.version == version)
        .values(
            version=version + 1,
            address=choice.address,
            pickup_location=choice.pickup_location,
            payment_method=choice.payment_method,
            discount_code=choice.discount_code,
            changed_at=clock.now(),
        )
        .returning(_cart.c.customer_id)
    )
    return CartContent(cart_id, version + 1, tuple(lines), choice, saved.scalar_one())


def remember_confirmation(session: Session, cart: CartContent, shown: dict[str, Any]) -> tuple[str, datetime]:
    """Keep what the customer is about to be shown; (opaque confirmation, when it ends).

    Records: one Confirmation.
    """
    assert cart.id is not None, "an empty cart is not confirmed"
    confirmation = Confirmation(
        id=secrets.token_urlsafe(24),
        cart_id=cart.id,
        cart_version=cart.version,
        content=shown,
        expires_at=clock.now() + CONFIRMATION_LIFETIME,
    )
    session.add(confirmation)
    session.flush()
    return confirmation.id, confirmation.expires_at


def confirmed(session: Session, customer_id: str, confirmation: str) -> ConfirmedCart:
    """What this customer confirmed, with the cart locked. Someone else's confirmation is as unknown as none.

    Raises: ConfirmationStale.
    """
    row = _confirmed.first(session, {"confirmation": confirmation, "customer": customer_id})
    if row is None:
        raise ConfirmationStale(reason="unknown", changes=[])
    choice = Choice(row.address, row.payment_method, row.pickup_location, row.discount_code)
    cart = CartContent(row.cart_id, row.version, _lines(session, row.cart_id), choice, customer_id)
    return ConfirmedCart(row.cart_id, cart, row.status == "ordered", row.content, row.cart_version, row.expires_at)


def open_ordered(session: Session, customer_id: str, choice: Choice) -> str:
    """A cart for an order that nobody filled one for; its id. Records: a Cart, ordered already."""
    row = {
        "id": new_id(),
        "customer_id": customer_id,
        "status": "ordered",
        "version": 1,
        "address": choice.address,
        "pickup_location": choice.pickup_location,
        "payment_method": choice.payment_method,
        "changed_at": clock.now(),
    }
    session.connection().execute(insert(_cart), row)
    return str(row["id"])


def close(session: Session, cart_id: str) -> None:
    """The cart became an order."""
    _close.write(session, {"cart": cart_id, "now": clock.now()})
