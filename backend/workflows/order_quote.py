"""Order a quote: its customer accepts it, or someone of the shop places it for them."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.orm import Session

from backend.carts import service as carts
from backend.carts.errors import AddressMissing, CartEmpty, PaymentMethodMissing
from backend.carts.service import ConfirmedCart
from backend.customers import service as customers
from backend.inventory.errors import OutOfStock
from backend.orders import service as orders
from backend.orders.service import FullOrder
from backend.quotes import service as quotes
from backend.quotes.errors import QuoteExpired, QuoteOver, QuoteRepriced
from backend.quotes.models import Quote
from backend.workflows.place_order import place
from backend.workflows.price_quote import as_cart, price_quote
from kernel import clock


def accept_quote(session: Session, customer_id: str, number: str, confirmation: str) -> FullOrder:
    """The customer's own order; accepted again it is the same order.

    What it costs now is looked at: what differs from what was shown is refused, never changed silently.

    Records: what `place` records; what became of the quote.
    Raises: QuoteNotFound, QuoteOver, QuoteExpired, QuoteRepriced, OutOfStock, DiscountUsedUp.
    """
    quote = quotes.find(session, number, customer_id=customer_id, lock=True)
    if quote.status == "accepted":
        assert quote.order_id is not None, "what was accepted is an order"
        return orders.by_id(session, quote.order_id)
    if quote.status != "sent":
        raise QuoteOver(number=quote.number, status=quote.status)
    assert quote.valid_until is not None, "what was sent ends"
    if clock.now() >= quote.valid_until:
        raise QuoteExpired(number=quote.number)
    return _order(session, quote, confirmation, f"customer:{customer_id}", "accepted")


def place_quote(session: Session, number: str, version: int, confirmation: str, who: str) -> FullOrder:
    """Someone of the shop orders on their behalf, what they said on the telephone for instance.

    Records: what `place` records; what became of the quote.
    Raises: QuoteNotFound, QuoteOver, QuoteChanged, QuoteRepriced, CartEmpty, AddressMissing, PaymentMethodMissing,
    OutOfStock, DiscountUsedUp.
    """
    return _order(session, quotes.locked(session, number, version), confirmation, who, "placed")


def require_complete(quote: Quote) -> None:
    """Raises: CartEmpty, AddressMissing, PaymentMethodMissing."""
    content = quotes.content_of(quote)
    if not content.lines:
        raise CartEmpty()
    if content.address is None:
        raise AddressMissing()
    if content.payment_method is None:
        raise PaymentMethodMissing()


def _order(session: Session, quote: Quote, confirmation: str, who: str, status: str) -> FullOrder:
    require_complete(quote)
    now = price_quote(session, quote)
    for sku in now.priced.unavailable:
        raise OutOfStock(sku=sku, name=sku, unit=None, available=0)
    if now.confirmation != confirmation:
        raise QuoteRepriced(
            number=quote.number,
            was_minor=quote.total_minor,
            total_minor=now.priced.total_minor,
            currency=quote.currency,
            confirmation=now.confirmation,
        )
    choice = now.priced.choice
    cart_id = carts.open_ordered(session, quote.customer_id, choice)
    if choice.pickup_location is None and choice.address is not None:
        customers.add_address(session, quote.customer_id, choice.address)
    cart = as_cart(quotes.content_of(quote), cart_id, quote.customer_id)
    priced = replace(now.priced, id=cart_id, version=cart.version)
    confirmed = ConfirmedCart(cart_id, cart, False, priced.shown(), cart.version, clock.now())
    order = place(session, quote.customer_id, confirmed, priced, who)
    quotes.end(session, quote, status, order.order.id)
    return order
