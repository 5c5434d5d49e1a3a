"""Price a quote: what it would cost if it were ordered now, and the word that stands for just that."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from sqlalchemy.orm import Session

from backend.carts.service import CartContent, Choice, Line
from backend.quotes import service as quotes
from backend.quotes.models import Quote
from backend.quotes.service import Content
from backend.workflows.price_cart import PricedCart, price_cart


@dataclass(frozen=True, slots=True)
class PricedQuote:
    """`confirmation` stands for these lines at these prices; another price is another one."""

    quote: Quote
    priced: PricedCart
    confirmation: str


def price_quote(session: Session, quote: Quote) -> PricedQuote:
    """At today's prices."""
    priced = price_cart(session, as_cart(quotes.content_of(quote), quote.id, quote.customer_id))
    shown = json.dumps(priced.shown(), sort_keys=True, ensure_ascii=False)
    return PricedQuote(quote, priced, hashlib.sha256(f"{quote.number}:{shown}".encode()).hexdigest()[:40])


def as_cart(content: Content, cart_id: str | None, customer_id: str) -> CartContent:
    return CartContent(
        id=cart_id,
        version=1,
        lines=tuple(Line(line.sku, line.unit, line.factor, line.base_quantity) for line in content.lines),
        choice=Choice(
            address=content.address,
            payment_method=content.payment_method,
            pickup_location=content.pickup_location,
            discount_code=content.discount_code,
        ),
        customer_id=customer_id,
    )
