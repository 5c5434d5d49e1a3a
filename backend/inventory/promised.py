"""What order lines were promised, whether it has left the house or not."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from backend.base import table_of
from backend.inventory.models import Reservation
from backend.inventory.reservations import Reserved

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


def promised_to(session: Session, order_line_ids: Sequence[str]) -> list[Reserved]:
    """What is, or was until it left the house, promised to these lines, summed per line and location."""
    if not order_line_ids:
        return []
    rows = session.connection().execute(_of_lines, {"lines": list(order_line_ids)})
    return [Reserved(row.order_line_id, row.sku, row.location_id, int(row.quantity)) for row in rows]


def issued_to(session: Session, order_line_ids: Sequence[str]) -> dict[str, int]:
    """Base units of each line that have left the house."""
    query = (
        select(Reservation.order_line_id, func.sum(Reservation.quantity))
        .where(Reservation.order_line_id.in_(order_line_ids), Reservation.state == "issued")
        .group_by(Reservation.order_line_id)
    )
    left = {line_id: int(quantity) for line_id, quantity in session.execute(query)}
    return {line_id: left.get(line_id, 0) for line_id in order_line_ids}
