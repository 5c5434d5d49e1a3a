"""Look at what linking two customers would do: who goes on, and what of each is seen together from then on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.carts import service as carts
from backend.customers import identities
from backend.invoicing.models import Invoice
from backend.orders.models import Order


@dataclass(frozen=True, slots=True)
class Side:
    """One person as they are now: all their customers, where they are known, and how much there is of theirs."""

    customer_id: str
    channels: Sequence[str]
    orders: int
    invoices: int
    cart_lines: int


@dataclass(frozen=True, slots=True)
class LinkPreview:
    """`joined` would go on as `person`; None when they are one already."""

    person: Side
    joined: Side | None


def look_at_link(session: Session, one_id: str, other_id: str) -> LinkPreview:
    """Raises: CustomerNotFound."""
    person_id, joined_id = identities.who_goes_on(session, one_id, other_id)
    return LinkPreview(_side(session, person_id), _side(session, joined_id) if joined_id else None)


def _side(session: Session, customer_id: str) -> Side:
    ids = identities.ids_of_person(session, customer_id)

    def count(table: type[Order] | type[Invoice]) -> int:
        return session.scalar(select(func.count()).select_from(table).where(table.customer_id.in_(ids))) or 0

    channels = {each.channel for each in identities.of_person(session, customer_id)}
    lines = sum(len(carts.look(session, each).lines) for each in ids)
    return Side(customer_id, sorted(channels), count(Order), count(Invoice), lines)
