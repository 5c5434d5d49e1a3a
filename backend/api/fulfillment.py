"""Fulfillments over HTTP: the warehouse's queue, picking, packing, shipping, handing over."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Response
from sqlalchemy.orm import Session

from backend.api.access import Db, Staff, Warehouse, WrongRole
from backend.api.idempotency import Act
from backend.api.order_parts import to_fulfillment, to_fulfillments, to_pick_list
from backend.api.problems import InvalidRequest, describe
from backend.fulfillment import service as fulfillment
from backend.fulfillment.errors import (
    FulfillmentChanged,
    FulfillmentInWalk,
    FulfillmentNotFound,
    FulfillmentStepIllegal,
    NothingToPack,
    NothingToPutBack,
    NotInFulfillment,
    NotPacked,
    PackedTooMany,
    PickedTooMany,
    PickupCodeWrong,
    PickupLocked,
)
from backend.fulfillment.service import FullFulfillment, Pick
from backend.idempotency import IdempotencyConflict, IdempotencyKeyRequired
from backend.inventory.errors import LocationNotFound
from backend.invoicing.errors import SeriesUsedUp
from backend.ledger.errors import PeriodClosed
from backend.schemas.fulfillment import (
    CollectOrder,
    Fulfillment,
    FulfillmentPage,
    FulfillmentStatus,
    PackOrder,
    PickList,
    PickOrder,
    PutBack,
    ResetPickup,
    ShipOrder,
    StartPicking,
)
from backend.shipping.errors import CarrierNotFound, InvalidTrackingUrl, TrackingNumberMissing, TrackingNumberTaken
from backend.workflows.collect_order import collect_order, reset_pickup
from backend.workflows.pack_order import ToPack, pack_order
from backend.workflows.pick_order import pick_order
from backend.workflows.put_back import put_back
from backend.workflows.ship_order import ship_order
from backend.workflows.start_picking import start_picking
from kernel.tokens import Principal, TokenRefused

router = APIRouter(prefix="/staff/fulfillments", tags=["Fulfillment"], responses=describe(TokenRefused, WrongRole))
_ACT = (InvalidRequest, IdempotencyKeyRequired, IdempotencyConflict)
_STEP = (*_ACT, FulfillmentNotFound, FulfillmentChanged, FulfillmentStepIllegal)
# What leaves is billed in the same transaction.
_BILLED = (SeriesUsedUp, PeriodClosed)
PAGE = 50

Number = Annotated[str, Path(max_length=40, description="`PED-10023-1`.", examples=["PED-10023-1"])]


@router.get("", summary="The queue: the oldest first, or the next promise", responses=describe(LocationNotFound))
def page(
    _staff: Staff,
    db: Db,
    location: Annotated[str | None, Query(max_length=20, description="The code of a location.")] = None,
    status: Annotated[list[FulfillmentStatus] | None, Query()] = None,
    kind: Annotated[Literal["delivery", "pickup"] | None, Query()] = None,
    carrier: Annotated[str | None, Query(max_length=40, description="Only where this carrier goes.")] = None,
    by: Annotated[Literal["age", "promise"], Query(description="What comes first.")] = "age",
    cursor: Annotated[str | None, Query(max_length=40, description="`next_cursor` of the page before.")] = None,
) -> FulfillmentPage:
    with db.read() as session:
        return to_fulfillments(
            session,
            location,
            status or (),
            kind=kind,
            carrier=carrier,
            is_by_promise=by == "promise",
            cursor=cursor,
            limit=PAGE,
        )


@router.get("/pick-list", summary="One walk for several fulfillments", responses=describe(FulfillmentNotFound))
def pick_list_of_several(
    _staff: Staff, db: Db, number: Annotated[list[str], Query(min_length=1, max_length=50)]
) -> PickList:
    with db.read() as session:
        return to_pick_list(session, number)


@router.get("/{number}", summary="One fulfillment, with its lines and parcels", responses=describe(FulfillmentNotFound))
def one(number: Number, _staff: Staff, db: Db) -> Fulfillment:
    with db.read() as session:
        return to_fulfillment(session, fulfillment.find(session, number))


@router.get("/{number}/pick-list", summary="Where to go and what to take", responses=describe(FulfillmentNotFound))
def pick_list(number: Number, _staff: Staff, db: Db) -> PickList:
    with db.read() as session:
        return to_pick_list(session, [number])


@router.post("/{number}/start", summary="Take it to be picked", response_model=Fulfillment, responses=describe(*_STEP))
def start(number: Number, request: StartPicking, staff: Warehouse, act: Act) -> Response:
    return act.once(_answer(lambda session: start_picking(session, number, request.version, _who(staff))))


@router.post(
    "/{number}/picks",
    summary="Put what was found into the basket; say what was not",
    response_model=Fulfillment,
    responses=describe(*_STEP, FulfillmentInWalk, NotInFulfillment, PickedTooMany),
)
def pick(number: Number, request: PickOrder, staff: Warehouse, act: Act) -> Response:
    """Repeated calls add up. What is short is written off, and its customer is asked.

    What someone else carries in a walk they pick alone: take the walk over first.
    """
    picks = [Pick(one.line, one.quantity, one.short, one.reason) for one in request.picks]
    return act.once(_answer(lambda session: pick_order(session, number, request.version, picks, _who(staff))))


@router.post(
    "/{number}/put-back",
    summary="Take out of the basket what is in it by mistake",
    response_model=Fulfillment,
    responses=describe(*_STEP, FulfillmentInWalk, NotInFulfillment, NothingToPutBack),
)
def take_out(number: Number, request: PutBack, staff: Warehouse, act: Act) -> Response:
    def work(session: Session) -> FullFulfillment:
        return put_back(session, number, request.version, request.line, request.quantity, _who(staff))

    return act.once(_answer(work))


@router.post(
    "/{number}/parcels",
    summary="Close one or several parcels",
    response_model=Fulfillment,
    responses=describe(*_STEP, FulfillmentInWalk, NotInFulfillment, NothingToPack, PackedTooMany),
)
def pack(number: Number, request: PackOrder, staff: Warehouse, act: Act) -> Response:
    """What someone else still picks in a walk only they pack; once all of it is picked, anyone does."""
    parcels = [ToPack(tuple((line.line, line.quantity) for line in one.lines), one.weight_g) for one in request.parcels]
    return act.once(_answer(lambda session: pack_order(session, number, request.version, parcels, _who(staff))))


@router.post(
    "/{number}/ship",
    summary="Hand a packed parcel to its carrier; again changes nothing",
    response_model=Fulfillment,
    responses=describe(
        *_STEP, *_BILLED, NotPacked, CarrierNotFound, TrackingNumberMissing, TrackingNumberTaken, InvalidTrackingUrl
    ),
)
def ship(number: Number, request: ShipOrder, staff: Warehouse, act: Act) -> Response:
    def work(session: Session) -> FullFulfillment:
        return ship_order(
            session,
            number,
            request.version,
            shipment=request.shipment,
            carrier=request.carrier,
            tracking_number=request.tracking_number,
            tracking_url=request.tracking_url,
            who=_who(staff),
        )

    return act.once(_answer(work))


@router.post(
    "/{number}/collect",
    summary="Hand it over to the customer who says its code",
    response_model=Fulfillment,
    responses=describe(
        *_ACT, *_BILLED, FulfillmentNotFound, NotPacked, PickupCodeWrong, PickupLocked, FulfillmentStepIllegal
    ),
)
def collect(number: Number, request: CollectOrder, staff: Warehouse, db: Db, act: Act) -> Response:
    """After five wrong codes someone of the shop has to look at it, and reset it."""
    # In a transaction of its own: a refusal must not take the count back.
    with db.write() as session:
        fulfillment.count_try(session, number)
    taken = request.collected_minor
    return act.once(
        _answer(lambda session: collect_order(session, number, request.code, _who(staff), collected_minor=taken))
    )


@router.post(
    "/{number}/collect/reset",
    summary="Let codes be tried again",
    response_model=Fulfillment,
    responses=describe(*_ACT, FulfillmentNotFound, FulfillmentChanged, NotPacked),
)
def reset(number: Number, request: ResetPickup, staff: Warehouse, act: Act) -> Response:
    return act.once(_answer(lambda session: reset_pickup(session, number, request.version, _who(staff))))


def _answer(work: Callable[[Session], FullFulfillment]) -> Callable[[Session], Fulfillment]:
    return lambda session: to_fulfillment(session, work(session).fulfillment)


def _who(staff: Principal) -> str:
    return f"staff:{staff.subject}"
