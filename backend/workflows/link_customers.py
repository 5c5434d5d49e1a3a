"""Link customers: two who are proven to be one person go on as one; undone, each has again what was theirs."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend.carts import service as carts
from backend.carts.service import MAX_LINES, Choice
from backend.customers import identities
from backend.customers.identities import Joined, Method
from backend.inventory import service as inventory


def link_customers(session: Session, one_id: str, other_id: str, method: Method, who: str) -> Joined:
    """The one person that both are. What lay in the carts lies in the one that goes on.

    Orders, invoices and addresses stay with whom they were made for, and are shown to the person (backend/persons.py).

    Records: `person_id`, IdentityEntry rows, the lines of two carts; what was held for them is given back.
    """
    joined = identities.join(session, one_id, other_id, method, who)
    for customer_id in joined.customer_ids:
        _hand_on_cart(session, customer_id, joined.person_id)
    return joined


def _hand_on_cart(session: Session, customer_id: str, person_id: str) -> None:
    """What the person's cart already has of a variant stays as it is: the same wish, said on two channels, is one."""
    left = carts.lock_open(session, customer_id)
    if left.id is None or not left.lines:
        return
    cart = carts.open_for_change(session, person_id)
    assert cart.id is not None, "an open cart has an id"
    for each in (left.id, cart.id):
        inventory.release_hold(session, each)
    has = {(line.sku, line.unit) for line in cart.lines}
    lines = [*cart.lines, *(line for line in left.lines if (line.sku, line.unit) not in has)][:MAX_LINES]
    ours, theirs = cart.choice, left.choice
    is_placed = ours.address is not None
    choice = Choice(
        address=ours.address if is_placed else theirs.address,
        pickup_location=ours.pickup_location if is_placed else theirs.pickup_location,
        payment_method=ours.payment_method or theirs.payment_method,
        discount_code=ours.discount_code or theirs.discount_code,
    )
    carts.save(session, cart.id, cart.version, lines, choice)
    carts.save(session, left.id, left.version, [], Choice())
