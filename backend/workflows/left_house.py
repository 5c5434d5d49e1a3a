"""Left house: how much of order lines is on its way, from our own shelves or from a partner's."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from backend.inventory import service as inventory
from backend.partners import service as partners


def left_house(session: Session, order_line_ids: Sequence[str]) -> dict[str, int]:
    """Base units of each line that have left."""
    ours = inventory.issued_to(session, order_line_ids)
    theirs = partners.shipped(session, order_line_ids)
    return {line_id: quantity + theirs.get(line_id, 0) for line_id, quantity in ours.items()}
