"""What is promised to order lines: how much lies where, and what becomes of it once someone picks it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from backend.base import table_of
from backend.inventory.models import Reservation

_reservation = table_of(Reservation)
_of_lines = (
    select(
        _reservation.c.order_line_id,
        _reservation.c.sku,
        _reservation.c.location_id,
        func.sum(_reservation.c.quantity).label("quantity"),
    )
    .where(
        _reservation.c.order_line_id.in_(bindparam("lines", expanding=True)),
        _reservation.c.state.in_(("live", "issued")),
    )
    .group_by(_reservation.c.order_line_id, _reservation.c.sku, _reservation.c.location_id)
)


@dataclass(frozen=True, slots=True)
class Promised:
    """`quantity` base units at a location are an order line's: reserved for it, or issued to it."""

    order_line_id: str
    sku: str
    location_id: str
    quantity: int


def of_lines(session: Session, order_line_ids: Sequence[str]) -> list[Promised]:
    """What is, or was until it left the house, promised to these lines."""
    if not order_line_ids:
        return []
    rows = session.connection().execute(_of_lines, {"lines": list(order_line_ids)})
    return [Promised(row.order_line_id, row.sku, row.location_id, int(row.quantity)) for row in rows]
