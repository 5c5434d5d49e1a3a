"""Leave out of a walk: one fulfillment is carried no further, the others are."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend.fulfillment import service as fulfillment
from backend.fulfillment import walks
from backend.fulfillment.walks import FullWalk


def leave_out_of_walk(session: Session, walk_id: str, number: str, who: str) -> FullWalk:
    """It stays as far as it is; what is in its basket stays picked. The walk ends with its last one.

    Records: the end of its basket, or of the walk.
    Raises: WalkNotFound, WalkEnded, FulfillmentNotFound.
    """
    full = walks.find(session, walk_id, lock=True)
    walks.require_open(full)
    walks.leave(session, full, fulfillment.find(session, number).id)
    if all(basket.left_at is not None for basket in full.baskets):
        walks.end(session, full, who)
    return full
