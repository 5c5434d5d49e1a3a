"""Answer a suggestion: one usual unit goes into the cart, or it is never offered to this customer again."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend.carts import service as carts
from backend.suggestions import service as suggestions
from backend.suggestions.errors import SuggestionOver
from backend.workflows.change_cart import Change, change_cart
from backend.workflows.price_cart import PricedCart, price_cart


def accept_suggestion(session: Session, customer_id: str, offer_id: str) -> PricedCart:
    """The cart with one usual unit of what was offered. Accepted again, the cart as it is.

    Records: the answer, the cart's lines and its next version.
    Raises: SuggestionNotFound, SuggestionOver, UnknownSku, OutOfStock, CartFull, QuantityTooLarge.
    """
    made = suggestions.find(session, customer_id, offer_id)
    cart = carts.look(session, customer_id)
    if made.outcome == "accepted":
        return price_cart(session, cart)
    if made.cart_id != cart.id:
        raise SuggestionOver(outcome=made.outcome)
    suggestions.answer(session, made, "accepted")
    return change_cart(session, customer_id, [Change("add", made.suggested_sku, "1")])


def decline_suggestion(session: Session, customer_id: str, offer_id: str) -> PricedCart:
    """The cart as it is; what was offered is not offered to this customer again.

    Records: the answer.
    Raises: SuggestionNotFound, SuggestionOver.
    """
    made = suggestions.find(session, customer_id, offer_id)
    if made.outcome != "declined":
        suggestions.answer(session, made, "declined")
    return price_cart(session, carts.look(session, customer_id))
