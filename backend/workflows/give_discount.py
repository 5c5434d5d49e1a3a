"""Give a discount: someone of the shop takes an amount off a quote, of all of it or of one variant, with a reason."""

from __future__ import annotations

import secrets
from dataclasses import replace

from sqlalchemy.orm import Session

from backend.catalog.service import require_known
from backend.discounts import service as discounts
from backend.discounts.errors import DiscountOnNothing
from backend.discounts.service import NewDiscount
from backend.quotes import service as quotes
from backend.quotes.errors import QuoteOver
from backend.quotes.models import Quote
from backend.workflows.price_quote import PricedQuote, price_quote

DISCOUNT = "discount"


def give_discount(session: Session, quote: Quote, amount_minor: int, sku: str | None) -> PricedQuote:
    """The (locked) quote with this in place of what was given before. An amount: more goods do not make it more.

    It is a Discount for one use, by a code that nobody guesses, so an order has it, and loses it, as any other.

    Records: a Discount; the quote's next version.
    Raises: QuoteOver, UnknownSku, DiscountOnNothing, where there is nothing to take it off or another takes off more.
    """
    content = _of_draft(quote)
    if sku is not None:
        require_known(session, [sku])
    _withdraw(session, quote)
    code = f"{quote.number}-{secrets.token_hex(5).upper()}"
    discounts.put(session, code, _once(quote.number, amount_minor, sku))
    quotes.change(session, quote, replace(content, discount_code=code), quote.total_minor)
    priced = price_quote(session, quote)
    if priced.priced.discount is None or priced.priced.discount.code != code:
        raise DiscountOnNothing(discount=quote.number)
    quote.total_minor = priced.priced.total_minor
    session.flush()
    return priced


def take_discount_off(session: Session, number: str, version: int) -> PricedQuote:
    """What was given is not. Records: the Discount is withdrawn; the quote's next version.

    Raises: QuoteNotFound, QuoteOver, QuoteChanged.
    """
    quote = quotes.locked(session, number, version)
    content = _of_draft(quote)
    _withdraw(session, quote)
    quotes.change(session, quote, replace(content, discount_code=None), quote.total_minor)
    priced = price_quote(session, quote)
    quote.total_minor = priced.priced.total_minor
    session.flush()
    return priced


def _of_draft(quote: Quote) -> quotes.Content:
    if quote.status != "drafted":
        raise QuoteOver(number=quote.number, status=quote.status)
    return quotes.content_of(quote)


def _withdraw(session: Session, quote: Quote) -> None:
    code = quotes.content_of(quote).discount_code
    if code is not None:
        discounts.withdraw(session, code)


def _once(number: str, amount_minor: int, sku: str | None) -> NewDiscount:
    return NewDiscount(
        name_es=f"Descuento de la cotización {number}",
        name_en=f"Discount of quote {number}",
        is_automatic=False,
        kind="amount",
        percent=None,
        amount_minor=amount_minor,
        sku=sku,
        category=None,
        minimum_minor=0,
        valid_from=None,
        valid_until=None,
        max_uses=1,
        max_uses_each=1,
    )
