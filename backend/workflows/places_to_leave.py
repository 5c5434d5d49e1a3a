"""Where what comes back may be left: at the drop-off point that was chosen, else at any of the shop's."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from backend.returns.models import Return
from backend.returns.policy import DropOffPoint, policy


def places_to_leave(session: Session, rma: Return) -> Sequence[DropOffPoint]:
    if rma.way != "drop_off":
        return []
    return [DropOffPoint(**rma.drop_off_point)] if rma.drop_off_point else policy(session).drop_off_points
