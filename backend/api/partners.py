"""Partners over HTTP: what staff say of them, and the purchase orders they answer with a token of their own."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from sqlalchemy.orm import Session

from backend.api.access import Admin, Db, PartnerToken, Sales, Staff, WrongRole
from backend.api.idempotency import Act
from backend.api.problems import InvalidRequest, describe
from backend.carts.quantity import in_units
from backend.catalog.errors import UnknownSku
from backend.catalog.service import shop
from backend.fulfillment import service as fulfillment
from backend.fulfillment.errors import NothingToPack, NotInFulfillment
from backend.idempotency import IdempotencyConflict, IdempotencyKeyRequired
from backend.invoicing.errors import SeriesUsedUp
from backend.ledger.errors import PeriodClosed
from backend.orders import service as orders
from backend.orders.models import OrderLine
from backend.partners import models, purchase_orders
from backend.partners import service as partners
from backend.partners.errors import (
    PartnerNotFound,
    PartnerTaken,
    PurchaseOrderChanged,
    PurchaseOrderNotFound,
    PurchaseOrderStepIllegal,
    ShipsOnImpossible,
    SupplyNotFound,
    SupplyTaken,
)
from backend.schemas import partners as shapes
from backend.schemas.base import Money, Text, Words
from backend.shipping.errors import CarrierNotFound, TrackingNumberMissing, TrackingNumberTaken
from backend.workflows.answer_purchase_order import Purchase, confirm_purchase_order, look_at_purchase
from backend.workflows.reject_purchase_order import reject_purchase_order
from backend.workflows.ship_purchase_order import ship_purchase_order
from backend.workflows.supply_variant import supply_variant
from kernel import clock
from kernel.tokens import Principal, TokenRefused, mint

router = APIRouter(responses=describe(TokenRefused, WrongRole))
_ACT = (InvalidRequest, IdempotencyKeyRequired, IdempotencyConflict)
PURCHASE_ORDERS = 100
_VERSION = "version:"

Code = Annotated[Text, Path(max_length=40, examples=["reposteria-abril"])]
Sku = Annotated[Text, Path(max_length=40, examples=["TORTA-CHOCOLATE"])]
Number = Annotated[Text, Path(max_length=20, examples=["OC-10001"])]
Before = Annotated[Text | None, Query(max_length=20, description="The number of the last one seen.")]


def _speaking(principal: PartnerToken, db: Db) -> models.Partner:
    """The partner whose token this is, while it is their latest."""
    with db.read() as session:
        try:
            partner = partners.find(session, principal.subject)
        except PartnerNotFound:
            raise TokenRefused("no such partner") from None
    if f"{_VERSION}{partner.token_version}" not in principal.grants:
        raise TokenRefused("revoked")
    return partner


Speaking = Annotated[models.Partner, Depends(_speaking)]


@router.get("/staff/partners", summary="All partners", tags=["Staff"])
def everyone(_staff: Staff, db: Db) -> list[shapes.Partner]:
    with db.read() as session:
        return [_to_partner(partner) for partner in partners.everyone(session)]


@router.post(
    "/staff/partners",
    summary="Take a partner in",
    tags=["Staff"],
    response_model=shapes.Partner,
    status_code=201,
    responses=describe(*_ACT, PartnerTaken),
)
def add(partner: shapes.NewPartner, _staff: Admin, act: Act) -> Response:
    return act.once(lambda session: _to_partner(partners.add(session, partner.code, _facts(partner))), status=201)


@router.get("/staff/partners/{code}", summary="One partner", tags=["Staff"], responses=describe(PartnerNotFound))
def one(code: Code, _staff: Staff, db: Db) -> shapes.Partner:
    with db.read() as session:
        return _to_partner(partners.find(session, code))


@router.put(
    "/staff/partners/{code}",
    summary="Say it all anew; one who is not active is sent nothing more",
    tags=["Staff"],
    response_model=shapes.Partner,
    responses=describe(*_ACT, PartnerNotFound),
)
def change(code: Code, partner: shapes.PartnerFacts, _staff: Admin, act: Act) -> Response:
    return act.once(lambda session: _to_partner(partners.change(session, code, _facts(partner))))


@router.post(
    "/staff/partners/{code}/tokens",
    summary="A token for the partner's own system",
    tags=["Staff"],
    response_model=shapes.PartnerToken,
    status_code=201,
    responses=describe(*_ACT, PartnerNotFound),
)
def give_token(code: Code, wish: shapes.NewPartnerToken, _staff: Admin, act: Act, request: Request) -> Response:
    lifetime = timedelta(days=wish.days)

    def work(session: Session) -> shapes.PartnerToken:
        partner = partners.find(session, code)
        principal = Principal("partner", partner.code, grants=frozenset({f"{_VERSION}{partner.token_version}"}))
        token = mint(principal, request.app.state.signing_key, lifetime)
        return shapes.PartnerToken(token=token, expires_at=clock.now() + lifetime)

    return act.once(work, status=201)


@router.delete(
    "/staff/partners/{code}/tokens",
    summary="Revoke every token of the partner",
    tags=["Staff"],
    response_model=shapes.Partner,
    responses=describe(*_ACT, PartnerNotFound),
)
def revoke_tokens(code: Code, _staff: Admin, act: Act) -> Response:
    return act.once(lambda session: _to_partner(partners.revoke_tokens(session, code)))


@router.get(
    "/staff/partners/{code}/supplies",
    summary="What a partner ships for us",
    tags=["Staff"],
    responses=describe(PartnerNotFound),
)
def supplies(code: Code, _staff: Staff, db: Db) -> list[shapes.Supply]:
    with db.read() as session:
        partner = partners.find(session, code)
        return [_to_supply(session, supply, partner) for supply in partners.supplies(session, partner)]


@router.put(
    "/staff/partners/{code}/supplies/{sku}",
    summary="Orders for this variant go to the partner from now on",
    tags=["Staff"],
    response_model=shapes.Supply,
    responses=describe(*_ACT, PartnerNotFound, UnknownSku, SupplyTaken),
)
def supply(code: Code, sku: Sku, wish: shapes.NewSupply, _staff: Sales, act: Act) -> Response:
    def work(session: Session) -> shapes.Supply:
        partner = partners.find(session, code)
        return _to_supply(session, supply_variant(session, partner, sku, wish.cost_minor), partner)

    return act.once(work)


@router.delete(
    "/staff/partners/{code}/supplies/{sku}",
    summary="New orders are served from our own stock again",
    tags=["Staff"],
    response_model=shapes.Supply,
    responses=describe(*_ACT, PartnerNotFound, SupplyNotFound),
)
def stop_supply(code: Code, sku: Sku, _staff: Sales, act: Act) -> Response:
    def work(session: Session) -> shapes.Supply:
        partner = partners.find(session, code)
        return _to_supply(session, partners.stop_supply(session, partner, sku), partner)

    return act.once(work)


@router.get(
    "/staff/purchase-orders",
    summary="Purchase orders, the newest first",
    tags=["Staff"],
    responses=describe(InvalidRequest, PartnerNotFound),
)
def page_for_staff(
    _staff: Staff,
    db: Db,
    partner: Annotated[Text | None, Query(max_length=40)] = None,
    status: shapes.PurchaseOrderStatus | None = None,
    before: Before = None,
) -> list[shapes.PurchaseOrder]:
    with db.read() as session:
        partner_id = None if partner is None else partners.find(session, partner).id
        return _page(session, partner_id, status, before)


@router.get(
    "/partner/purchase-orders",
    summary="The partner's own purchase orders, the newest first",
    tags=["Partners"],
    responses=describe(InvalidRequest),
)
def page(
    partner: Speaking, db: Db, status: shapes.PurchaseOrderStatus | None = None, before: Before = None
) -> list[shapes.PurchaseOrder]:
    with db.read() as session:
        return _page(session, partner.id, status, before)


@router.get(
    "/partner/purchase-orders/{number}",
    summary="One of the partner's own purchase orders",
    tags=["Partners"],
    responses=describe(PurchaseOrderNotFound),
)
def one_purchase_order(number: Number, partner: Speaking, db: Db) -> shapes.PurchaseOrder:
    with db.read() as session:
        return shown_purchase_order(session, look_at_purchase(session, partner, number), partner)


@router.post(
    "/partner/purchase-orders/{number}/confirm",
    summary="It ships on that day",
    tags=["Partners"],
    response_model=shapes.PurchaseOrder,
    responses=describe(*_ACT, PurchaseOrderNotFound, PurchaseOrderChanged, PurchaseOrderStepIllegal, ShipsOnImpossible),
)
def confirm(number: Number, answer: shapes.ConfirmPurchaseOrder, partner: Speaking, act: Act) -> Response:
    return act.once(
        lambda session: shown_purchase_order(
            session, confirm_purchase_order(session, partner, number, answer.version, answer.ships_on), partner
        )
    )


@router.post(
    "/partner/purchase-orders/{number}/reject",
    summary="It does not ship; the customer is asked what shall be instead",
    tags=["Partners"],
    response_model=shapes.PurchaseOrder,
    responses=describe(*_ACT, PurchaseOrderNotFound, PurchaseOrderChanged, PurchaseOrderStepIllegal),
)
def reject(number: Number, answer: shapes.RejectPurchaseOrder, partner: Speaking, act: Act) -> Response:
    return act.once(
        lambda session: shown_purchase_order(
            session, reject_purchase_order(session, partner, number, answer.version, answer.note), partner
        )
    )


@router.post(
    "/partner/purchase-orders/{number}/ship",
    summary="It left, as one parcel",
    tags=["Partners"],
    response_model=shapes.PurchaseOrder,
    responses=describe(
        *_ACT,
        PurchaseOrderNotFound,
        PurchaseOrderChanged,
        PurchaseOrderStepIllegal,
        NotInFulfillment,
        NothingToPack,
        CarrierNotFound,
        TrackingNumberMissing,
        TrackingNumberTaken,
        SeriesUsedUp,
        PeriodClosed,
    ),
)
def ship(number: Number, answer: shapes.ShipPurchaseOrder, partner: Speaking, act: Act) -> Response:
    return act.once(
        lambda session: shown_purchase_order(
            session,
            ship_purchase_order(
                session, partner, number, answer.version, answer.carrier, answer.tracking_number, answer.lines
            ),
            partner,
        )
    )


def _facts(partner: shapes.PartnerFacts) -> partners.PartnerFacts:
    return partners.PartnerFacts(
        partner.name, partner.kind, partner.email, partner.language, partner.lead_days, partner.is_active
    )


def _to_partner(partner: models.Partner) -> shapes.Partner:
    return shapes.Partner(
        code=partner.code,
        name=partner.name,
        kind=partner.kind,
        email=partner.email,
        language=partner.language,
        lead_days=partner.lead_days,
        is_active=partner.is_active,
    )


def _to_supply(session: Session, supply: models.PartnerSupply, partner: models.Partner) -> shapes.Supply:
    return shapes.Supply(sku=supply.sku, partner=partner.code, cost=Money.of(supply.cost_minor, shop(session).currency))


def _page(
    session: Session, partner_id: str | None, status: str | None, before: str | None
) -> list[shapes.PurchaseOrder]:
    rows = purchase_orders.page(session, partner_id, status, before, PURCHASE_ORDERS)
    partner_of = partners.by_ids(session, [row.partner_id for row in rows])
    shown = []
    for row in rows:
        full = fulfillment.by_id(session, row.fulfillment_id)
        purchase = Purchase(row, full, orders.by_id(session, full.fulfillment.order_id))
        shown.append(shown_purchase_order(session, purchase, partner_of[row.partner_id]))
    return shown


def shown_purchase_order(session: Session, purchase: Purchase, partner: models.Partner) -> shapes.PurchaseOrder:
    row, full, found = purchase.purchase_order, purchase.full, purchase.order
    return shapes.PurchaseOrder(
        number=row.number,
        partner=partner.code,
        order=found.order.number,
        fulfillment=full.fulfillment.number,
        status=row.status,
        version=row.version,
        address=found.order.address,
        lines=[
            # A line that its order no longer has is asked for all the same, until the partner is told.
            _to_line(session.get_one(OrderLine, line.order_line_id), line.quantity, line.picked)
            for line in full.lines
        ],
        ships_on=row.ships_on,
        note=row.note,
        sent_at=row.sent_at,
        answered_at=row.answered_at,
    )


def _to_line(line: OrderLine, base_quantity: int, shipped: int) -> shapes.PurchaseOrderLine:
    is_even = base_quantity % line.factor == 0
    return shapes.PurchaseOrderLine(
        sku=line.sku,
        names=Words(es=line.name, en=line.name_en),
        quantity=in_units(base_quantity, line.factor) if is_even else str(base_quantity),
        unit=line.unit if is_even else None,
        unit_names=Words(es=line.unit_name_es, en=line.unit_name_en) if is_even else None,
        base_quantity=base_quantity,
        shipped_quantity=shipped,
    )
