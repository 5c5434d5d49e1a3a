"""Incoming stock: what suppliers have announced, and what of it has come."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from backend.inventory.errors import IncomingNotFound, IncomingOver
from backend.inventory.models import IncomingStock, Location
from kernel import clock
from kernel.ids import new_id

# Something of it is still to come.
IS_COMING = and_(IncomingStock.received < IncomingStock.quantity, IncomingStock.withdrawn_at.is_(None))


def announce(
    session: Session, sku: str, location_id: str, quantity: int, expected_on: date, reference: str
) -> IncomingStock:
    """Somebody will bring goods. Records: an IncomingStock."""
    assert quantity > 0, "an announcement is of something"
    row = IncomingStock(
        id=new_id(),
        sku=sku,
        location_id=location_id,
        quantity=quantity,
        received=0,
        expected_on=expected_on,
        reference=reference,
        created_at=clock.now(),
        withdrawn_at=None,
    )
    session.add(row)
    session.flush()
    return row


def sku_of_incoming(session: Session, incoming_id: str) -> list[str]:
    """Whose announcement that is, to be locked for; none of an unknown one."""
    return list(session.scalars(select(IncomingStock.sku).where(IncomingStock.id == incoming_id)))


def coming(session: Session, incoming_id: str) -> tuple[IncomingStock, str]:
    """What was announced and has not come whole, locked, with the code of its location.

    Raises: IncomingNotFound, IncomingOver.
    """
    row = session.get(IncomingStock, incoming_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise IncomingNotFound()
    if row.withdrawn_at is not None or row.received == row.quantity:
        raise IncomingOver(reference=row.reference, received=row.received, is_withdrawn=row.withdrawn_at is not None)
    return row, session.get_one(Location, row.location_id).code


def still_coming(session: Session, sku: str | None, limit: int) -> Sequence[tuple[IncomingStock, str]]:
    """What has not come yet, with the code of its location, the next first."""
    query = (
        select(IncomingStock, Location.code)
        .join(Location, Location.id == IncomingStock.location_id)
        .where(IS_COMING)
        .order_by(IncomingStock.expected_on, IncomingStock.id)
        .limit(limit)
    )
    if sku is not None:
        query = query.where(IncomingStock.sku == sku)
    return [row._tuple() for row in session.execute(query)]


def count_in(session: Session, sku: str, location_id: str, quantity: int, reference: str | None) -> None:
    """Of what was announced for a location so much has come: under its reference if it names one, else the next first.

    More than was announced is nobody's announcement. The levels of the sku are locked. Records: what was received.
    """
    query = (
        select(IncomingStock)
        .where(
            IncomingStock.sku == sku,
            IncomingStock.location_id == location_id,
            IS_COMING,
        )
        .order_by(IncomingStock.expected_on, IncomingStock.id)
        .execution_options(populate_existing=True)
    )
    expected = session.scalars(query).all()
    named = [each for each in expected if each.reference == reference]
    for each in named or expected:
        part = min(quantity, each.quantity - each.received)
        each.received += part
        quantity -= part
    session.flush()
