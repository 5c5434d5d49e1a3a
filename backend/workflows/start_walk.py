"""Start a walk: one picker takes several fulfillments of a location, and nobody else gets any of them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.fulfillment import service as fulfillment
from backend.fulfillment import walks
from backend.fulfillment.errors import FulfillmentInWalk, FulfillmentNotFound, NothingToWalk
from backend.fulfillment.models import Fulfillment
from backend.fulfillment.walks import FullWalk
from backend.inventory import service as inventory
from backend.orders.models import Order
from backend.workflows.end_walk import end_what_is_done
from backend.workflows.lock_fulfillment import lock_fulfillment, require_confirmed
from backend.workflows.look_at_queue import BY_PROMISE
from backend.workflows.start_picking import start_picking


def start_walk(session: Session, location_code: str, chosen: Sequence[str], most: int, who: str) -> FullWalk:
    """With the `chosen` ones, all or none; without any with the next, by promise, as many as wait and at most `most`.

    Records: a PickingWalk with its PickingBasket rows; what `start_picking` records.
    Raises: LocationNotFound, WalkUnderWay, FulfillmentNotFound (one of another place, too), FulfillmentInWalk,
    FulfillmentStepIllegal, NothingToWalk.
    """
    place = inventory.location(session, location_code)
    end_what_is_done(session, who)
    walk = walks.open_walk(session, place.id, who)
    taken = _take(session, place.id, chosen, who) if chosen else _take_next(session, place.id, most, who)
    if not taken:
        raise NothingToWalk()
    return walks.carry(session, walk, taken)


def _take(session: Session, location_id: str, chosen: Sequence[str], who: str) -> list[str]:
    parts = [fulfillment.find(session, number) for number in dict.fromkeys(chosen)]
    if any(part.location_id != location_id for part in parts):
        raise FulfillmentNotFound()
    # Orders are locked in the order of their ids, so that no two who take several wait for each other.
    for part in sorted(parts, key=lambda part: (part.order_id, part.id)):
        found, full = lock_fulfillment(session, part.number, None)
        basket = walks.last_baskets(session, [part.id]).get(part.id)
        if basket is not None and basket[1].left_at is None:
            raise FulfillmentInWalk(number=part.number)
        if basket is not None and full.fulfillment.status == "picking":
            # Begun in an earlier walk, and left.
            require_confirmed(found, full, "picking")
        else:
            start_picking(session, part.number, full.fulfillment.version, who)
    return [part.id for part in parts]


def _take_next(session: Session, location_id: str, most: int, who: str) -> list[str]:
    taken: list[str] = []
    while len(taken) < most:
        waiting = (
            select(Fulfillment.id, Fulfillment.number)
            .join(Order, Order.id == Fulfillment.order_id)
            .where(Fulfillment.location_id == location_id, Fulfillment.status == "pending", Order.status == "confirmed")
            .order_by(*BY_PROMISE)
            .limit(most - len(taken))
            # What someone is just taking is theirs; who waited for it could be waited for.
            .with_for_update(of=Order, skip_locked=True)
        )
        rows = session.execute(waiting).tuples().all()
        if not rows:
            break
        for part_id, number in rows:
            full = fulfillment.locked(session, part_id)
            # Someone may have taken it between our look and our lock.
            if full.fulfillment.status == "pending":
                start_picking(session, number, full.fulfillment.version, who)
                taken.append(part_id)
    return taken
