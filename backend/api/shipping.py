"""Zones, rates and parcels over HTTP: staff's routes, the carriers' webhook, the tracking link."""

from __future__ import annotations

from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Path, Request, Response
from fastapi.concurrency import run_in_threadpool
from sqlalchemy.orm import Session

from backend import idempotency
from backend.api.access import Admin, AppSettings, Db, Staff, Warehouse, WrongRole
from backend.api.idempotency import Act
from backend.api.problems import BodyTooLarge, InvalidRequest, describe
from backend.catalog.errors import ShopNotSetUp
from backend.idempotency import IdempotencyConflict, IdempotencyKeyRequired
from backend.invoicing.errors import SeriesUsedUp
from backend.ledger.errors import PeriodClosed
from backend.orders import service as orders
from backend.schemas.base import Money, Words
from backend.schemas.shipping import (
    CarrierAnswer,
    CarrierReceipt,
    Code,
    NewRate,
    NewTrackingEvent,
    RateAnswer,
    RateChange,
    StaffShipment,
    TrackedEvent,
    TrackedParcel,
    Tracking,
    TrackingEvent,
    ZoneAnswer,
    ZoneFacts,
)
from backend.shipping import service as shipping
from backend.shipping import signatures, tariff
from backend.shipping.carriers import CarrierEvent, carrier_of, carriers
from backend.shipping.errors import (
    CarrierNotFound,
    CarrierWithoutSecret,
    EventTimeImpossible,
    ParcelOfAnotherCarrier,
    RateNotFound,
    RateTaken,
    ShipmentNotFound,
    ShipmentStepIllegal,
    SignatureRefused,
    TrackingLinkExpired,
    TrackingLinkUnknown,
    UnknownTrackingEvent,
    UnreadableWebhook,
    ZoneInUse,
    ZoneNotFound,
)
from backend.shipping.models import EVENT_KINDS, Rate, Shipment, Zone
from backend.workflows.open_tracking import TrackedOrder, open_tracking
from backend.workflows.print_parcel_label import print_parcel_label
from backend.workflows.receive_carrier_events import read_events, receive_carrier_events
from backend.workflows.set_tariff import add_rate, change_rate, remove_rate, remove_zone, set_zone
from backend.workflows.track_shipment import track_shipment
from kernel import clock
from kernel.acts import is_key
from kernel.ids import new_id
from kernel.tokens import TokenRefused

router = APIRouter(tags=["Shipping"])
_STAFF = describe(TokenRefused, WrongRole)
_ACT = (InvalidRequest, IdempotencyKeyRequired, IdempotencyConflict, TokenRefused, WrongRole)
PDF = "application/pdf"
_LABEL: dict[int | str, dict[str, Any]] = {200: {"content": {PDF: {}}, "description": "The label."}}
ShipmentNumber = Annotated[str, Path(max_length=40, examples=["PED-10023-1-A"])]
ZoneCode = Annotated[Code, Path()]
RateId = Annotated[str, Path(max_length=36)]


@router.get("/staff/shipping/carriers", summary="The carriers there are", tags=["Staff"], responses=_STAFF)
def all_carriers(_staff: Staff) -> list[CarrierAnswer]:
    return [CarrierAnswer(code=carrier.code, name=carrier.name) for carrier in carriers()]


@router.get("/staff/shipping/zones", summary="Where the shop delivers", tags=["Staff"], responses=_STAFF)
def all_zones(_staff: Staff, db: Db) -> list[ZoneAnswer]:
    with db.read() as session:
        return [_to_zone(zone) for zone in tariff.zones(session)]


@router.put(
    "/staff/shipping/zones/{code}",
    summary="Add a zone, or change it",
    tags=["Staff"],
    response_model=ZoneAnswer,
    responses=describe(*_ACT),
)
def put_zone(code: ZoneCode, given: ZoneFacts, _staff: Admin, act: Act) -> Response:
    facts = given.model_dump(exclude={"name"}) | {"name_es": given.name.es, "name_en": given.name.en}
    return act.once(lambda session: _to_zone(set_zone(session, code, facts)))


@router.delete(
    "/staff/shipping/zones/{code}",
    summary="Take a zone away that no rate names",
    tags=["Staff"],
    response_model=ZoneAnswer,
    responses=describe(*_ACT, ZoneNotFound, ZoneInUse),
)
def delete_zone(code: ZoneCode, _staff: Admin, act: Act) -> Response:
    return act.once(lambda session: _to_zone(remove_zone(session, code)))


@router.get("/staff/shipping/rates", summary="What delivering costs", tags=["Staff"], responses=_STAFF)
def all_rates(_staff: Staff, db: Db) -> list[RateAnswer]:
    with db.read() as session:
        return [_to_rate(rate) for rate in tariff.rates(session)]


@router.post(
    "/staff/shipping/rates",
    summary="Add a rate",
    tags=["Staff"],
    response_model=RateAnswer,
    status_code=201,
    responses=describe(*_ACT, CarrierNotFound, ZoneNotFound, RateTaken, ShopNotSetUp),
)
def post_rate(given: NewRate, _staff: Admin, act: Act) -> Response:
    return act.once(lambda session: _to_rate(add_rate(session, **given.model_dump())), status=201)


@router.patch(
    "/staff/shipping/rates/{rate_id}",
    summary="Change a rate's price",
    tags=["Staff"],
    response_model=RateAnswer,
    responses=describe(*_ACT, RateNotFound),
)
def patch_rate(rate_id: RateId, given: RateChange, _staff: Admin, act: Act) -> Response:
    return act.once(lambda session: _to_rate(change_rate(session, rate_id, given.price_minor)))


@router.delete(
    "/staff/shipping/rates/{rate_id}",
    summary="Take a rate away",
    tags=["Staff"],
    response_model=RateAnswer,
    responses=describe(*_ACT, RateNotFound),
)
def delete_rate(rate_id: RateId, _staff: Admin, act: Act) -> Response:
    return act.once(lambda session: _to_rate(remove_rate(session, rate_id)))


@router.get(
    "/staff/shipments/{number}",
    summary="A parcel, with all that was said of it",
    tags=["Staff"],
    responses=_STAFF | describe(ShipmentNotFound),
)
def one_shipment(number: ShipmentNumber, _staff: Staff, db: Db) -> StaffShipment:
    with db.read() as session:
        return _to_shipment(session, shipping.find(session, number))


@router.get(
    "/staff/shipments/{number}/label",
    summary="The label of a parcel: a PDF with a QR code",
    tags=["Staff"],
    response_class=Response,
    responses=_STAFF | _LABEL | describe(ShipmentNotFound),
)
def label(number: ShipmentNumber, _staff: Staff, db: Db) -> Response:
    with db.read() as session:
        content = print_parcel_label(session, number)
    return Response(content, media_type=PDF)


@router.post(
    "/staff/shipments/{number}/events",
    summary="Enter what is known of a parcel",
    tags=["Staff"],
    response_model=StaffShipment,
    responses=describe(
        *_ACT,
        ShipmentNotFound,
        ShipmentStepIllegal,
        UnknownTrackingEvent,
        EventTimeImpossible,
        PeriodClosed,
        SeriesUsedUp,
    ),
)
def enter_event(number: ShipmentNumber, given: NewTrackingEvent, staff: Warehouse, act: Act) -> Response:
    if given.kind not in EVENT_KINDS:
        raise UnknownTrackingEvent(kind=given.kind, kinds=list(EVENT_KINDS))
    said = CarrierEvent(
        event_id=f"entry:{new_id()}",
        tracking_number=number,
        kind=given.kind,
        happened_at=given.happened_at or clock.now(),
        place=given.place,
        note=given.note,
        received_by=given.received_by,
        proof={"photo": given.photo} if given.photo else None,
        promised_on=given.promised_on,
        collected_minor=given.collected_minor,
    )

    def work(session: Session) -> StaffShipment:
        track_shipment(session, shipping.find(session, number), said, f"staff:{staff.subject}")
        return _to_shipment(session, shipping.find(session, number))

    return act.once(work)


@router.post(
    "/carriers/{code}/events",
    summary="A carrier's webhook, signed as Standard Webhooks say",
    response_model=CarrierReceipt,
    responses=describe(
        InvalidRequest,
        CarrierNotFound,
        CarrierWithoutSecret,
        SignatureRefused,
        UnreadableWebhook,
        UnknownTrackingEvent,
        ShipmentNotFound,
        ParcelOfAnotherCarrier,
        EventTimeImpossible,
        PeriodClosed,
        SeriesUsedUp,
        IdempotencyConflict,
        BodyTooLarge,
    ),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {"type": "object", "title": "What the carrier sends"},
                    "example": {
                        "events": [
                            {
                                "id": "evt-1",
                                "tracking_number": "PED-10023-1-A",
                                "kind": "in_transit",
                                "happened_at": "2026-11-25T15:00:00Z",
                                "place": "Bogotá",
                            }
                        ]
                    },
                }
            },
        }
    },
)
async def webhook(code: Annotated[str, Path(max_length=40)], request: Request, settings: AppSettings) -> Response:
    """All of its events count, or none. `webhook-id` names the act: the same again gets the kept answer."""
    body = await request.body()
    carrier = carrier_of(code).code
    demo_key = settings.signing_key() if settings.is_demo else None
    secret = signatures.secret_of(carrier, settings.carrier_secrets, demo_key)
    webhook_id = signatures.verify(secret, request.headers, body)
    if not is_key(webhook_id):
        raise UnreadableWebhook()
    said = read_events(carrier, request.headers, body)

    def work(session: Session) -> str:
        counted = receive_carrier_events(session, carrier, said)
        return CarrierReceipt(events=len(said), counted=counted).model_dump_json()

    fingerprint = idempotency.request_hash("POST", request.url.path, body)
    answered = await run_in_threadpool(
        idempotency.once, request.app.state.database, f"carrier:{carrier}", webhook_id, fingerprint, 200, work
    )
    return Response(answered.body, answered.status, media_type="application/json")


@router.get(
    "/tracking/{token}",
    summary="What a tracking link shows: no login, no names, no prices",
    responses=describe(InvalidRequest, TrackingLinkUnknown, TrackingLinkExpired),
)
def tracked(token: Annotated[str, Path(max_length=100)], db: Db, response: Response) -> Tracking:
    response.headers["Cache-Control"] = "no-store"
    with db.read() as session:
        return _to_tracking(open_tracking(session, token))


def _to_zone(zone: Zone) -> ZoneAnswer:
    return ZoneAnswer(
        code=zone.code,
        name=Words(es=zone.name_es, en=zone.name_en),
        places=zone.places,
        latitude=zone.latitude,
        longitude=zone.longitude,
        transit_days=zone.transit_days,
        position=zone.position,
        is_default=zone.is_default,
        is_served=zone.is_served,
    )


def _to_rate(rate: Rate) -> RateAnswer:
    price = Money.of(rate.price_minor, rate.currency)
    return RateAnswer(id=rate.id, carrier=rate.carrier, zone=rate.zone_code, up_to_g=rate.up_to_g, price=price)


def _to_shipment(session: Session, shipment: Shipment) -> StaffShipment:
    order = orders.by_id(session, shipment.order_id).order
    said = shipping.history(session, [shipment.id])[shipment.id]
    return StaffShipment(
        number=shipment.number,
        order=order.number,
        status=shipment.status,
        version=shipment.version,
        carrier=shipment.carrier,
        tracking_number=shipment.tracking_number,
        tracking_url=shipment.tracking_url,
        weight_g=shipment.weight_g,
        price=Money.of(shipment.price_minor, order.currency) if shipment.price_minor is not None else None,
        promised_on=shipment.promised_on,
        packed_at=shipment.packed_at,
        shipped_at=shipment.shipped_at,
        delivered_at=shipment.delivered_at,
        received_by=shipment.received_by,
        proof=shipment.proof,
        events=[
            TrackingEvent(
                kind=event.kind,
                carrier=event.carrier,
                place=event.place,
                note=event.note,
                happened_at=event.happened_at,
                received_at=event.received_at,
            )
            for event in said
        ],
    )


def _to_tracking(found: TrackedOrder) -> Tracking:
    zone = ZoneInfo(found.shop.time_zone)
    return Tracking(
        number=found.order.number,
        status=found.order.status,
        shop=found.shop.name,
        time_zone=found.shop.time_zone,
        placed_on=found.order.placed_at.astimezone(zone).date(),
        promised_on=found.promised_on,
        district=Words(**found.district) if found.district else None,
        waiting=found.waiting,
        parcels=[
            TrackedParcel(
                position=position,
                status=parcel.shipment.status,
                carrier=parcel.carrier,
                carrier_url=parcel.shipment.tracking_url,
                tracking_number=parcel.shipment.tracking_number,
                promised_on=parcel.shipment.promised_on,
                delivered_at=parcel.shipment.delivered_at,
                events=[
                    TrackedEvent(kind="packed", at=parcel.shipment.packed_at),
                    *(TrackedEvent(kind=said.kind, at=said.happened_at, place=said.place) for said in parcel.said),
                ],
            )
            for position, parcel in enumerate(found.parcels, 1)
        ],
    )
