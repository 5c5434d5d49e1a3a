"""Send a quote: its customer is shown it in the chat, and accepts it by one tap as long as it is valid."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from backend import events
from backend.carts.quantity import in_units
from backend.catalog.service import shop
from backend.discounts import service as discounts
from backend.quotes import service as quotes
from backend.quotes.errors import QuoteOver
from backend.quotes.models import Quote
from backend.workflows.order_quote import require_complete
from backend.workflows.price_quote import PricedQuote, price_quote
from kernel import clock


def send_quote(session: Session, number: str, version: int, valid_days: int) -> PricedQuote:
    """Records: what was sent and until when; the event `quote.sent`.

    Raises: QuoteNotFound, QuoteOver, QuoteChanged, CartEmpty, AddressMissing, PaymentMethodMissing.
    """
    quote = quotes.locked(session, number, version)
    if quote.status != "drafted":
        raise QuoteOver(number=quote.number, status=quote.status)
    require_complete(quote)
    now = price_quote(session, quote)
    quote.total_minor = now.priced.total_minor
    until = clock.now() + timedelta(days=valid_days)
    quotes.send(session, quote, until)
    given = quotes.content_of(quote).discount_code
    if given is not None:
        discounts.end_at(session, given, until)
    events.record(session, "quote.sent", quote.number, _fact(session, quote, now))
    return price_quote(session, quote)


def withdraw_quote(session: Session, number: str, version: int) -> Quote:
    """It is not to be had any more. Records: what became of the quote, and of what was taken off it.

    Raises: QuoteNotFound, QuoteOver, QuoteChanged.
    """
    quote = quotes.locked(session, number, version)
    given = quotes.content_of(quote).discount_code
    if given is not None:
        discounts.withdraw(session, given)
    quotes.end(session, quote, "withdrawn")
    return quote


def _fact(session: Session, quote: Quote, now: PricedQuote) -> dict[str, object]:
    """What the event says: enough to show it, and the word with which it is accepted."""
    assert quote.valid_until is not None, "what was sent ends"
    local = quote.valid_until.astimezone(ZoneInfo(shop(session).time_zone))
    return {
        "number": quote.number,
        "customer_id": quote.customer_id,
        "confirmation": now.confirmation,
        "until": local.isoformat(timespec="minutes"),
        "total": {"amount_minor": now.priced.total_minor, "currency": quote.currency},
        "lines": [
            {
                "sku": line.sku,
                "name": line.name,
                "name_en": line.name_en,
                "quantity": in_units(line.base_quantity, line.factor),
                "unit": line.unit,
                "unit_name_es": line.unit_name_es,
                "unit_name_en": line.unit_name_en,
            }
            for line in now.priced.lines
        ],
    }
