"""What may be done with a quote."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.counters import next_value
from backend.persons import is_of
from backend.quotes.errors import QuoteChanged, QuoteNotFound, QuoteOver
from backend.quotes.models import Quote
from kernel import clock
from kernel.ids import new_id

SERIES, PREFIX = "quote", "COT-"
ENDED = ("accepted", "placed", "withdrawn")


@dataclass(frozen=True, slots=True)
class QuotedLine:
    sku: str
    unit: str
    factor: int
    base_quantity: int


@dataclass(frozen=True, slots=True)
class Content:
    """What is quoted, and how it is delivered and paid; `pickup_location` is a code, `address` its place then.

    `discount_code` is of what someone of the shop takes off.
    """

    lines: tuple[QuotedLine, ...]
    address: str | None
    pickup_location: str | None
    payment_method: str | None
    discount_code: str | None = None


def draft(session: Session, customer_id: str, content: Content, currency: str, total_minor: int, who: str) -> Quote:
    """Records: a Quote."""
    now = clock.now()
    quote = Quote(
        id=new_id(),
        number=f"{PREFIX}{next_value(session, SERIES)}",
        customer_id=customer_id,
        status="drafted",
        version=1,
        content=_kept(content),
        currency=currency,
        total_minor=total_minor,
        who=who,
        created_at=now,
        changed_at=now,
    )
    session.add(quote)
    session.flush()
    return quote


def change(session: Session, quote: Quote, content: Content, total_minor: int) -> None:
    """Say it all anew, of a (locked) quote that nobody was sent yet."""
    quote.content, quote.total_minor = _kept(content), total_minor
    touch(session, quote)


def touch(session: Session, quote: Quote) -> None:
    """Whoever looked before must look again."""
    quote.version += 1
    quote.changed_at = clock.now()
    session.flush()


def content_of(quote: Quote) -> Content:
    given: dict[str, Any] = dict(quote.content)
    return Content(**given | {"lines": tuple(QuotedLine(**line) for line in given["lines"])})


def _kept(content: Content) -> dict[str, Any]:
    return asdict(content) | {"lines": [asdict(line) for line in content.lines]}


def find(session: Session, number: str, *, customer_id: str | None = None, lock: bool = False) -> Quote:
    """Of a customer: one that they were sent.

    Raises: QuoteNotFound, for someone else's, too.
    """
    query = select(Quote).where(Quote.number == number.strip().upper())
    if customer_id is not None:
        query = query.where(is_of(Quote.customer_id, customer_id), Quote.status != "drafted")
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = session.scalar(query)
    if found is None:
        raise QuoteNotFound()
    return found


def locked(session: Session, number: str, version: int) -> Quote:
    """The quote as someone looked at it, still to be ordered.

    Raises: QuoteNotFound, QuoteOver, QuoteChanged.
    """
    quote = find(session, number, lock=True)
    if quote.status in ENDED:
        raise QuoteOver(number=quote.number, status=quote.status)
    if quote.version != version:
        raise QuoteChanged(number=quote.number, version=quote.version, status=quote.status)
    return quote


def send(session: Session, quote: Quote, valid_until: datetime) -> None:
    quote.status, quote.valid_until = "sent", valid_until
    touch(session, quote)


def end(session: Session, quote: Quote, status: str, order_id: str | None = None) -> None:
    """The (locked) quote was ordered, or is withdrawn."""
    quote.status, quote.order_id = status, order_id
    touch(session, quote)


def page(session: Session, statuses: Sequence[str], cursor: str | None, limit: int) -> tuple[list[Quote], str | None]:
    """The newest first, from after the number that `cursor` is; and the cursor of the page after."""
    query = select(Quote).order_by(Quote.id.desc()).limit(limit + 1)
    if statuses:
        query = query.where(Quote.status.in_(statuses))
    if cursor is not None:
        query = query.where(Quote.id < select(Quote.id).where(Quote.number == cursor).scalar_subquery())
    rows = list(session.scalars(query))
    return rows[:limit], rows[limit - 1].number if len(rows) > limit else None
