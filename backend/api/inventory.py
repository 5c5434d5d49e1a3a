"""Stock over HTTP, for staff: what lies where, what comes, goes and is counted."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from sqlalchemy.orm import Session

from backend.api.access import Admin, Db, Staff, Warehouse, WrongRole
from backend.api.idempotency import Act
from backend.api.problems import InvalidRequest, describe
from backend.catalog.errors import UnknownSku
from backend.idempotency import IdempotencyConflict, IdempotencyKeyRequired
from backend.inventory import models
from backend.inventory import service as inventory
from backend.inventory.errors import (
    BinNotFound,
    BinTaken,
    CountStale,
    IncomingNotFound,
    IncomingOver,
    LocationNotFound,
    LocationTaken,
    NotEnoughOnHand,
    NothingToAdjust,
    SameLocation,
    ThresholdNotFound,
)
from backend.schemas import inventory as shapes
from backend.schemas.base import Text, Words
from backend.workflows.adjust_stock import adjust_stock
from backend.workflows.announce_incoming import announce_incoming
from backend.workflows.count_stock import count_stock
from backend.workflows.look_at_bin import look_at_bin
from backend.workflows.receive_stock import Received, receive_stock
from backend.workflows.reschedule_incoming import reschedule_incoming
from backend.workflows.transfer_stock import transfer_stock
from backend.workflows.watch_stock import watch_stock
from backend.workflows.withdraw_incoming import withdraw_incoming
from kernel.tokens import TokenRefused

router = APIRouter(prefix="/staff/stock", tags=["Stock"], responses=describe(TokenRefused, WrongRole))
_ACT = (InvalidRequest, IdempotencyKeyRequired, IdempotencyConflict)
PAGE = 100

Sku = Annotated[Text | None, Query(max_length=40)]
At = Annotated[Text | None, Query(max_length=20, description="The code of a location.")]
Cursor = Annotated[Text | None, Query(max_length=60, description="`next_cursor` of the page before.")]
Code = Annotated[Text, Path(max_length=20, examples=["BODEGA-NORTE"])]
IncomingId = Annotated[Text, Path(max_length=36)]
BinCode = Annotated[Text, Path(max_length=20, examples=["A-01"])]


@router.get("", summary="Stock per location, of one variant or of all", responses=describe(LocationNotFound))
def stock(_staff: Staff, db: Db, sku: Sku = None, location: At = None, cursor: Cursor = None) -> shapes.StockAnswer:
    """A page holds a hundred variants, each with all its locations."""
    with db.read() as session:
        place = inventory.location(session, location) if location is not None else None
        rows, next_cursor = inventory.levels_page(session, sku, place.id if place else None, cursor, PAGE)
    return shapes.StockAnswer(levels=[_to_level(*row) for row in rows], next_cursor=next_cursor)


@router.get("/moves", summary="Stock moves, newest first", responses=describe(LocationNotFound))
def moves(_staff: Staff, db: Db, sku: Sku = None, location: At = None, cursor: Cursor = None) -> shapes.StockMoves:
    with db.read() as session:
        place = inventory.location(session, location) if location is not None else None
        rows = inventory.moves_page(session, sku, place.id if place else None, cursor, PAGE + 1)
    found = [
        shapes.StockMove(
            id=move.id,
            kind=move.kind,
            sku=move.sku,
            location=location_code,
            bin=bin_code,
            quantity=move.quantity,
            reference=move.reference,
            note=move.note,
            at=move.moved_at,
        )
        for move, location_code, bin_code in rows[:PAGE]
    ]
    return shapes.StockMoves(moves=found, next_cursor=found[-1].id if len(rows) > PAGE else None)


@router.post(
    "/receipts",
    summary="Receive goods; who waits for them is served first",
    response_model=shapes.StockReceived,
    status_code=201,
    responses=describe(*_ACT, LocationNotFound, BinNotFound, UnknownSku),
)
def receive(receipt: shapes.StockReceipt, staff: Warehouse, act: Act) -> Response:
    lines = [Received(line.sku, line.quantity, line.bin, line.cost_minor) for line in receipt.lines]

    def work(session: Session) -> shapes.StockReceived:
        note, who = receipt.note or "", f"staff:{staff.subject}"
        filled = receive_stock(session, receipt.location, lines, reference=receipt.reference, note=note, who=who)
        skus = sorted({line.sku for line in lines})
        return shapes.StockReceived(
            levels=[_to_level(*row) for sku in skus for row in inventory.levels(session, sku)],
            filled=[
                shapes.FilledBackorder(number=number, sku=each.sku, quantity=each.quantity) for number, each in filled
            ],
        )

    return act.once(work, status=201)


@router.get("/incoming", summary="What suppliers have announced and not brought yet, the next first")
def incoming(_staff: Staff, db: Db, sku: Sku = None) -> list[shapes.Incoming]:
    with db.read() as session:
        return [_to_incoming(row, code) for row, code in inventory.still_coming(session, sku, PAGE)]


@router.post(
    "/incoming",
    summary="Announce what a supplier will bring",
    response_model=shapes.Incoming,
    status_code=201,
    responses=describe(*_ACT, LocationNotFound, UnknownSku),
)
def announce(new: shapes.NewIncoming, staff: Warehouse, act: Act) -> Response:
    who = f"staff:{staff.subject}"

    def work(session: Session) -> shapes.Incoming:
        row = announce_incoming(session, new.sku, new.location, new.quantity, new.expected_on, new.reference, who)
        return _to_incoming(row, new.location)

    return act.once(work, status=201)


@router.patch(
    "/incoming/{incoming_id}",
    summary="It comes on another day; whose order is late by that is told",
    response_model=shapes.Incoming,
    responses=describe(*_ACT, IncomingNotFound, IncomingOver),
)
def reschedule(incoming_id: IncomingId, change: shapes.IncomingChange, staff: Warehouse, act: Act) -> Response:
    who = f"staff:{staff.subject}"
    return act.once(lambda session: _to_incoming(*reschedule_incoming(session, incoming_id, change.expected_on, who)))


@router.delete(
    "/incoming/{incoming_id}",
    summary="It does not come, or not the rest of it",
    response_model=shapes.Incoming,
    responses=describe(*_ACT, IncomingNotFound, IncomingOver),
)
def withdraw(incoming_id: IncomingId, staff: Warehouse, act: Act) -> Response:
    who = f"staff:{staff.subject}"
    return act.once(lambda session: _to_incoming(*withdraw_incoming(session, incoming_id, who)))


@router.post(
    "/transfers",
    summary="Carry free goods from one location to another",
    response_model=shapes.StockAnswer,
    status_code=201,
    responses=describe(*_ACT, LocationNotFound, BinNotFound, SameLocation, UnknownSku, NotEnoughOnHand),
)
def transfer(new: shapes.StockTransfer, _staff: Warehouse, act: Act) -> Response:
    def work(session: Session) -> shapes.StockAnswer:
        transfer_stock(
            session,
            new.sku,
            new.from_location,
            new.to_location,
            new.quantity,
            to_bin=new.to_bin,
            note=new.note or "",
        )
        return _levels(session, new.sku)

    return act.once(work, status=201)


@router.post(
    "/adjustments",
    summary="Write off what broke or went, write on what turned up",
    response_model=shapes.StockAnswer,
    status_code=201,
    responses=describe(*_ACT, LocationNotFound, BinNotFound, UnknownSku, NothingToAdjust, NotEnoughOnHand),
)
def adjust(new: shapes.StockAdjustment, staff: Warehouse, act: Act) -> Response:
    def work(session: Session) -> shapes.StockAnswer:
        adjust_stock(
            session,
            new.sku,
            new.location,
            new.difference,
            bin_code=new.bin,
            note=new.note,
            who=f"staff:{staff.subject}",
        )
        return _levels(session, new.sku)

    return act.once(work, status=201)


@router.post(
    "/counts",
    summary="Count a bin; the difference to the books is moved",
    response_model=shapes.StockCount,
    status_code=201,
    responses=describe(*_ACT, LocationNotFound, BinNotFound, UnknownSku, CountStale, NotEnoughOnHand),
)
def count(new: shapes.NewStockCount, staff: Warehouse, act: Act) -> Response:
    def work(session: Session) -> shapes.StockCount:
        who = f"staff:{staff.subject}"
        found = count_stock(
            session, new.location, new.bin, new.sku, new.counted, who=who, note=new.note or "", seen=new.expected
        )
        return shapes.StockCount(
            location=new.location,
            bin=new.bin,
            sku=found.sku,
            counted=found.counted,
            expected=found.expected,
            who=found.who,
            at=found.counted_at,
        )

    return act.once(work, status=201)


@router.get("/thresholds", summary="Below how much the shop wants to know")
def thresholds(
    _staff: Staff, db: Db, low: Annotated[bool, Query(description="Only those that are broken.")] = False
) -> list[shapes.Threshold]:
    with db.read() as session:
        return [_to_threshold(each) for each in inventory.watched(session, only_low=low, limit=PAGE)]


@router.put(
    "/thresholds",
    summary="Set below how much the shop wants to know",
    response_model=shapes.Threshold,
    responses=describe(*_ACT, LocationNotFound, UnknownSku),
)
def watch(new: shapes.NewThreshold, _staff: Warehouse, act: Act) -> Response:
    return act.once(lambda session: _to_threshold(watch_stock(session, new.sku, new.location, new.minimum)))


@router.delete(
    "/thresholds/{code}/{sku}",
    summary="Want to know no longer",
    response_model=shapes.Threshold,
    responses=describe(*_ACT, LocationNotFound, ThresholdNotFound),
)
def forget(code: Code, sku: Annotated[Text, Path(max_length=40)], _staff: Warehouse, act: Act) -> Response:
    return act.once(lambda session: _to_threshold(inventory.forget(session, sku, inventory.location(session, code))))


@router.get("/locations", summary="All locations, the preferred first")
def locations(_staff: Staff, db: Db) -> list[shapes.Location]:
    with db.read() as session:
        return [_to_location(place) for place in inventory.locations(session)]


@router.post(
    "/locations",
    summary="Open a location",
    response_model=shapes.Location,
    status_code=201,
    responses=describe(*_ACT, LocationTaken),
)
def open_location(new: shapes.NewLocation, _staff: Admin, act: Act) -> Response:
    return act.once(lambda session: _to_location(inventory.open_location(session, new.model_dump())), status=201)


@router.patch(
    "/locations/{code}",
    summary="Change what is known of a location",
    response_model=shapes.Location,
    responses=describe(*_ACT, LocationNotFound),
)
def change_location(code: Code, change: shapes.LocationChange, _staff: Admin, act: Act) -> Response:
    given = change.model_dump(exclude_none=True)
    return act.once(lambda session: _to_location(inventory.change_location(session, code, given)))


@router.get("/locations/{code}/bins", summary="Its bins in walking order", responses=describe(LocationNotFound))
def bins(code: Code, _staff: Staff, db: Db) -> list[shapes.Bin]:
    with db.read() as session:
        place = inventory.location(session, code)
        return [_to_bin(shelf) for shelf in inventory.bins(session, place.id)]


@router.get(
    "/locations/{code}/bins/{bin_code}",
    summary="What lies in a bin by the books",
    responses=describe(LocationNotFound, BinNotFound),
)
def one_bin(code: Code, bin_code: BinCode, _staff: Staff, db: Db) -> shapes.BinContent:
    with db.read() as session:
        lying = look_at_bin(session, code, bin_code)
    return shapes.BinContent(
        location=code,
        bin=bin_code,
        lines=[
            shapes.BinLine(
                sku=each.sku,
                names=Words(es=each.name, en=each.name_en),
                quantity=each.quantity,
                in_hands=each.in_hands,
            )
            for each in lying
        ],
    )


@router.post(
    "/locations/{code}/bins",
    summary="Put up a bin",
    response_model=shapes.Bin,
    status_code=201,
    responses=describe(*_ACT, LocationNotFound, BinTaken),
)
def put_up_bin(code: Code, new: shapes.NewBin, _staff: Warehouse, act: Act) -> Response:
    return act.once(
        lambda session: _to_bin(inventory.put_up_bin(session, code, new.code, new.walking_order)), status=201
    )


@router.patch(
    "/locations/{code}/bins/{bin_code}",
    summary="Change when pick lists come by a bin",
    response_model=shapes.Bin,
    responses=describe(*_ACT, LocationNotFound, BinNotFound),
)
def change_bin(code: Code, bin_code: BinCode, change: shapes.BinChange, _staff: Warehouse, act: Act) -> Response:
    return act.once(lambda session: _to_bin(inventory.change_bin(session, code, bin_code, change.walking_order)))


def _levels(session: Session, sku: str) -> shapes.StockAnswer:
    return shapes.StockAnswer(levels=[_to_level(*row) for row in inventory.levels(session, sku)])


def _to_level(sku: str, location: str, on_hand: int, reserved: int) -> shapes.StockLevel:
    return shapes.StockLevel(
        sku=sku, location=location, on_hand=on_hand, reserved=reserved, available=on_hand - reserved
    )


def _to_incoming(row: models.IncomingStock, location: str) -> shapes.Incoming:
    return shapes.Incoming(
        id=row.id,
        sku=row.sku,
        location=location,
        quantity=row.quantity,
        received=row.received,
        expected_on=row.expected_on,
        reference=row.reference,
        is_withdrawn=row.withdrawn_at is not None,
    )


def _to_threshold(watched: inventory.Watched) -> shapes.Threshold:
    return shapes.Threshold(
        sku=watched.sku, location=watched.location, minimum=watched.minimum, available=watched.available
    )


def _to_location(place: models.Location) -> shapes.Location:
    return shapes.Location(
        code=place.code,
        name=place.name,
        preference=place.preference,
        city=place.city,
        address=place.address,
        latitude=place.latitude,
        longitude=place.longitude,
        is_pickup=place.is_pickup,
    )


def _to_bin(shelf: models.Bin) -> shapes.Bin:
    return shapes.Bin(code=shelf.code, walking_order=shelf.walking_order)
