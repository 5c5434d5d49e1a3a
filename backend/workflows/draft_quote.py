"""Draft a quote: someone of the shop puts a cart together for a customer."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from backend.carts.errors import CartFull
from backend.carts.service import MAX_LINES, Line
from backend.catalog.errors import UnknownPaymentMethod
from backend.catalog.service import offers
from backend.customers import service as customers
from backend.customers.errors import CustomerNotFound
from backend.quotes import service as quotes
from backend.quotes.errors import QuoteOver
from backend.quotes.service import Content, QuotedLine
from backend.workflows.change_cart import Change, apply
from backend.workflows.check_stock import check_stock
from backend.workflows.choose_checkout import pickup_address
from backend.workflows.offer_payment_methods import offer_payment_methods
from backend.workflows.price_cart import price_cart
from backend.workflows.price_quote import PricedQuote, as_cart, price_quote


@dataclass(frozen=True, slots=True)
class Drafted:
    """(sku, quantity as a decimal string, unit or None for the usual one) of each line, and what was chosen."""

    lines: Sequence[tuple[str, str, str | None]]
    address: str | None = None
    pickup_location: str | None = None
    payment_method: str | None = None


def draft_quote(session: Session, customer_id: str, drafted: Drafted, who: str, ready: Collection[str]) -> PricedQuote:
    """Nothing is promised by it: stock is only looked at.

    Records: a Quote.
    Raises: CustomerNotFound, and what a cart and its checkout are refused for.
    """
    if not customers.exists(session, customer_id):
        raise CustomerNotFound()
    content = _content(session, customer_id, drafted, ready)
    priced = price_cart(session, as_cart(content, None, customer_id))
    return price_quote(session, quotes.draft(session, customer_id, content, priced.currency, priced.total_minor, who))


def change_quote(session: Session, number: str, version: int, drafted: Drafted, ready: Collection[str]) -> PricedQuote:
    """Say it all anew, as long as its customer was not sent it.

    Records: its content, its next version.
    Raises: QuoteNotFound, QuoteOver, QuoteChanged, and what a cart and its checkout are refused for.
    """
    quote = quotes.locked(session, number, version)
    if quote.status != "drafted":
        raise QuoteOver(number=quote.number, status=quote.status)
    given = quotes.content_of(quote).discount_code
    content = replace(_content(session, quote.customer_id, drafted, ready), discount_code=given)
    priced = price_cart(session, as_cart(content, quote.id, quote.customer_id))
    quotes.change(session, quote, content, priced.total_minor)
    return price_quote(session, quote)


def _content(session: Session, customer_id: str, drafted: Drafted, ready: Collection[str]) -> Content:
    if len(drafted.lines) > MAX_LINES:
        raise CartFull(limit=MAX_LINES)
    offered = offers(session, sorted({sku for sku, _, _ in drafted.lines}))
    lines: list[Line] = []
    for sku, quantity, unit in drafted.lines:
        lines = apply(lines, Change("add", sku, quantity, unit), offered)
    check_stock(session, lines, offered)
    if drafted.payment_method is not None:
        methods = {method.code for method in offer_payment_methods(session, customer_id, ready)}
        if drafted.payment_method not in methods:
            raise UnknownPaymentMethod(payment_method=drafted.payment_method)
    place = drafted.pickup_location
    return Content(
        lines=tuple(QuotedLine(line.sku, line.unit, line.factor, line.base_quantity) for line in lines),
        address=pickup_address(session, place) if place is not None else drafted.address,
        pickup_location=place,
        payment_method=drafted.payment_method,
    )
