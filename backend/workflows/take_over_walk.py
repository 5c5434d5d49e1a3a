"""Take over a walk: someone else goes on with it, as when a phone is lost or a shift ends."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend.fulfillment import walks
from backend.fulfillment.walks import FullWalk
from backend.workflows.end_walk import end_what_is_done


def take_over_walk(session: Session, walk_id: str, who: str) -> FullWalk:
    """Records: its picker.

    Raises: WalkNotFound, WalkEnded; WalkUnderWay when `who` has another.
    """
    if walks.find(session, walk_id).walk.picker != who:
        end_what_is_done(session, who)
    full = walks.find(session, walk_id, lock=True)
    walks.require_open(full)
    walks.pass_on(session, full.walk, who)
    return full
