"""End a walk: its baskets stand where they are packed, and each order goes on by itself."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend.fulfillment import walks
from backend.fulfillment.errors import WalkUnderWay
from backend.fulfillment.walks import FullWalk


def end_walk(session: Session, walk_id: str, who: str) -> FullWalk:
    """What was not found yet stays being picked: alone, or in the next walk. One that has ended stays as it is.

    Records: the end of the walk and of its baskets.
    Raises: WalkNotFound.
    """
    full = walks.find(session, walk_id, lock=True)
    if full.walk.ended_at is None:
        walks.end(session, full, who)
    return full


def end_what_is_done(session: Session, who: str) -> None:
    """Whoever takes a walk on has no other: one with nothing left to find ends now.

    Raises: WalkUnderWay.
    """
    for mine in walks.open_ones(session, who):
        full = walks.find(session, mine.walk.id, lock=True)
        if walks.is_under_way(session, full):
            raise WalkUnderWay(walk=full.walk.id)
        end_walk(session, full.walk.id, who)
