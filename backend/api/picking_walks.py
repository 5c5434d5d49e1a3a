"""Picking walks over HTTP: several fulfillments for one picker at once; each of them is picked as ever."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Path, Response
from sqlalchemy.orm import Session

from backend.api.access import Db, Staff, Warehouse, WrongRole
from backend.api.idempotency import Act
from backend.api.order_parts import to_fulfillment, to_pick_list, to_picker
from backend.api.problems import InvalidRequest, describe
from backend.fulfillment import service as fulfillment
from backend.fulfillment import walks
from backend.fulfillment.errors import (
    FulfillmentInWalk,
    FulfillmentNotFound,
    FulfillmentStepIllegal,
    NothingToWalk,
    WalkEnded,
    WalkNotFound,
    WalkUnderWay,
)
from backend.fulfillment.walks import FullWalk
from backend.idempotency import IdempotencyConflict, IdempotencyKeyRequired
from backend.inventory import service as inventory
from backend.inventory.errors import LocationNotFound
from backend.schemas.fulfillment import PickList
from backend.schemas.picking import LeaveOut, OpenWalk, OpenWalks, PickingWalk, StartWalk, WalkBasket
from backend.workflows.end_walk import end_walk
from backend.workflows.leave_out_of_walk import leave_out_of_walk
from backend.workflows.pack_order import letter
from backend.workflows.start_walk import start_walk
from backend.workflows.take_over_walk import take_over_walk
from kernel.tokens import Principal, TokenRefused

router = APIRouter(prefix="/staff/picking-walks", tags=["Fulfillment"], responses=describe(TokenRefused, WrongRole))
_ACT = (InvalidRequest, IdempotencyKeyRequired, IdempotencyConflict)

WalkId = Annotated[str, Path(max_length=36)]


@router.get("", summary="The walks that have not ended")
def open_ones(_staff: Staff, db: Db) -> OpenWalks:
    with db.read() as session:
        return OpenWalks(walks=[_to_open_walk(session, full) for full in walks.open_ones(session)])


@router.post(
    "",
    summary="Take several fulfillments to be picked in one walk",
    response_model=PickingWalk,
    responses=describe(
        *_ACT,
        LocationNotFound,
        FulfillmentNotFound,
        FulfillmentStepIllegal,
        FulfillmentInWalk,
        NothingToWalk,
        WalkUnderWay,
    ),
)
def start(request: StartWalk, staff: Warehouse, act: Act) -> Response:
    """What is in a walk is nobody else's; a walk of the caller's own with nothing left to find ends."""
    chosen, most = request.fulfillments, request.next or 0
    return act.once(_answer(lambda session: start_walk(session, request.location, chosen, most, _who(staff))))


@router.get("/{walk}", summary="A walk: its baskets, and what is still to be found", responses=describe(WalkNotFound))
def one(walk: WalkId, _staff: Staff, db: Db) -> PickingWalk:
    with db.read() as session:
        return _to_walk(session, walks.find(session, walk))


@router.post(
    "/{walk}/take-over",
    summary="Go on with a walk that someone else began",
    response_model=PickingWalk,
    responses=describe(*_ACT, WalkNotFound, WalkEnded, WalkUnderWay),
)
def take_over(walk: WalkId, staff: Warehouse, act: Act) -> Response:
    return act.once(_answer(lambda session: take_over_walk(session, walk, _who(staff))))


@router.post(
    "/{walk}/leave-out",
    summary="Carry one of them no further",
    response_model=PickingWalk,
    responses=describe(*_ACT, WalkNotFound, WalkEnded, FulfillmentNotFound),
)
def leave_out(walk: WalkId, request: LeaveOut, staff: Warehouse, act: Act) -> Response:
    """It stays as far as it is, and can be taken into another walk. The walk ends with its last one."""
    number = request.fulfillment
    return act.once(_answer(lambda session: leave_out_of_walk(session, walk, number, _who(staff))))


@router.post(
    "/{walk}/end",
    summary="End it; again changes nothing",
    response_model=PickingWalk,
    responses=describe(*_ACT, WalkNotFound),
)
def end(walk: WalkId, staff: Warehouse, act: Act) -> Response:
    return act.once(_answer(lambda session: end_walk(session, walk, _who(staff))))


def _answer(work: Callable[[Session], FullWalk]) -> Callable[[Session], PickingWalk]:
    return lambda session: _to_walk(session, work(session))


def _to_walk(session: Session, full: FullWalk) -> PickingWalk:
    walk = full.walk
    parts = {basket.id: fulfillment.by_id(session, basket.fulfillment_id).fulfillment for basket in full.baskets}
    carried = [parts[basket.id].number for basket in full.baskets if basket.left_at is None]
    location = inventory.location_by_id(session, walk.location_id).code
    return PickingWalk(
        id=walk.id,
        location=location,
        picker=to_picker(session, walk.picker),
        started_at=walk.started_at,
        ended_at=walk.ended_at,
        baskets=[
            WalkBasket(
                letter=letter(basket.position - 1),
                fulfillment=to_fulfillment(session, parts[basket.id]),
                left_at=basket.left_at,
            )
            for basket in full.baskets
        ],
        pick_list=to_pick_list(session, carried) if carried else PickList(location=location, lines=[]),
    )


def _to_open_walk(session: Session, full: FullWalk) -> OpenWalk:
    carried = [basket.fulfillment_id for basket in full.baskets if basket.left_at is None]
    lines = [line for part in fulfillment.lines_of(session, carried).values() for line in part]
    return OpenWalk(
        id=full.walk.id,
        location=inventory.location_by_id(session, full.walk.location_id).code,
        picker=to_picker(session, full.walk.picker),
        started_at=full.walk.started_at,
        baskets_count=len(carried),
        left_count=sum(1 for line in lines if line.picked + line.short < line.quantity),
    )


def _who(staff: Principal) -> str:
    return f"staff:{staff.subject}"
