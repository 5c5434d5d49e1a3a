"""What may be done with a picking walk: open it, lay baskets into it, pass it on, end it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.base import insert_if_absent
from backend.fulfillment.errors import FulfillmentNotFound, WalkEnded, WalkNotFound, WalkUnderWay
from backend.fulfillment.models import Fulfillment, PickingBasket, PickingWalk
from kernel import clock
from kernel.ids import new_id


@dataclass(frozen=True, slots=True)
class FullWalk:
    """`baskets` are in the order of their letters, also those that were left."""

    walk: PickingWalk
    baskets: Sequence[PickingBasket]


def open_walk(session: Session, location_id: str, picker: str) -> PickingWalk:
    """Records: a PickingWalk.

    Raises: WalkUnderWay, also when its picker opened one in this very moment.
    """
    row = {"id": new_id(), "location_id": location_id, "picker": picker, "started_at": clock.now()}
    if not insert_if_absent(session, PickingWalk, row):
        raise WalkUnderWay()
    return session.get_one(PickingWalk, row["id"])


def carry(session: Session, walk: PickingWalk, fulfillment_ids: Sequence[str]) -> FullWalk:
    """A basket for each of these, in this order. Records: PickingBasket rows."""
    baskets = [
        PickingBasket(id=new_id(), walk_id=walk.id, fulfillment_id=each, position=position)
        for position, each in enumerate(fulfillment_ids, 1)
    ]
    session.add_all(baskets)
    session.flush()
    return FullWalk(walk, baskets)


def find(session: Session, walk_id: str, *, lock: bool = False) -> FullWalk:
    """Raises: WalkNotFound."""
    walk = session.get(PickingWalk, walk_id, with_for_update=lock or None, populate_existing=lock)
    if walk is None:
        raise WalkNotFound()
    return _full(session, walk)


def open_ones(session: Session, picker: str | None = None) -> list[FullWalk]:
    """The walks that have not ended, of one picker or of all; the oldest first."""
    query = select(PickingWalk).where(PickingWalk.ended_at.is_(None)).order_by(PickingWalk.id)
    if picker is not None:
        query = query.where(PickingWalk.picker == picker)
    return [_full(session, walk) for walk in session.scalars(query)]


def require_open(full: FullWalk) -> None:
    """Raises: WalkEnded."""
    if full.walk.ended_at is not None:
        raise WalkEnded()


def is_under_way(session: Session, full: FullWalk) -> bool:
    """Whether something that it carries is still to be found."""
    carried = [basket.fulfillment_id for basket in full.baskets if basket.left_at is None]
    query = select(Fulfillment.id).where(Fulfillment.id.in_(carried), Fulfillment.status == "picking")
    return session.scalar(query.limit(1)) is not None


def last_baskets(session: Session, fulfillment_ids: Sequence[str]) -> dict[str, tuple[PickingWalk, PickingBasket]]:
    """The basket that each of these is carried in, or was in last."""
    query = (
        select(PickingWalk, PickingBasket)
        .join(PickingBasket, PickingBasket.walk_id == PickingWalk.id)
        .where(PickingBasket.fulfillment_id.in_(fulfillment_ids))
    )
    rows = list(session.execute(query).tuples())
    rows.sort(key=lambda row: (row[1].left_at is None, row[1].id))
    return {basket.fulfillment_id: (walk, basket) for walk, basket in rows}


def picker_of(session: Session, fulfillment_id: str) -> str | None:
    """Who carries it in a walk; None when nobody does."""
    carried = last_baskets(session, [fulfillment_id]).get(fulfillment_id)
    return carried[0].picker if carried is not None and carried[1].left_at is None else None


def leave(session: Session, full: FullWalk, fulfillment_id: str) -> None:
    """The (locked) walk goes on without it. What is in its basket stays picked.

    Raises: FulfillmentNotFound when it is not carried.
    """
    basket = next((one for one in full.baskets if one.fulfillment_id == fulfillment_id and one.left_at is None), None)
    if basket is None:
        raise FulfillmentNotFound()
    basket.left_at = clock.now()
    session.flush()


def pass_on(session: Session, walk: PickingWalk, picker: str) -> None:
    """Someone else goes on with the (locked) walk."""
    walk.picker = picker
    session.flush()


def end(session: Session, full: FullWalk, who: str) -> None:
    """The (locked) walk is over: it carries nothing any more."""
    now = clock.now()
    for basket in full.baskets:
        if basket.left_at is None:
            basket.left_at = now
    full.walk.ended_at, full.walk.ended_by = now, who
    session.flush()


def _full(session: Session, walk: PickingWalk) -> FullWalk:
    query = select(PickingBasket).where(PickingBasket.walk_id == walk.id).order_by(PickingBasket.position)
    return FullWalk(walk, session.scalars(query.execution_options(populate_existing=True)).all())
