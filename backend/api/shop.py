"""The shop's own facts over HTTP."""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from backend.api.access import Admin, Anyone, Db, Staff, WrongRole
from backend.api.idempotency import Act
from backend.api.problems import InvalidRequest, describe
from backend.catalog import service as catalog
from backend.catalog.errors import PaymentMethodInvalid, ShopNotSetUp
from backend.catalog.payment_methods import PaymentMethod as Method
from backend.catalog.shop import set_free_delivery, set_prices
from backend.idempotency import IdempotencyConflict, IdempotencyKeyRequired
from backend.inventory import service as inventory
from backend.schemas.base import Money, Words
from backend.schemas.shop import (
    FreeDelivery,
    KeptPaymentMethod,
    NewFreeDelivery,
    NewPaymentSettings,
    NewPriceSettings,
    PaymentMethod,
    PaymentSettings,
    PickupPlace,
    PriceSettings,
    Shop,
)
from backend.workflows.set_payments import set_payments
from kernel.tokens import TokenRefused

router = APIRouter(tags=["Shop"], responses=describe(TokenRefused))


@router.get("/shop", summary="Who the shop is and how it sells", responses=describe(ShopNotSetUp))
def look(_caller: Anyone, db: Db, request: Request) -> Shop:
    with db.read() as session:
        shop = catalog.shop(session)
        places = [place for place in inventory.locations(session) if place.is_pickup]
    free_from = shop.free_delivery_from_minor
    return Shop(
        name=shop.name,
        country=shop.country,
        currency=shop.currency,
        locale=shop.locale,
        time_zone=shop.time_zone,
        languages=list(shop.languages),
        takes_online_payments=shop.online_provider in ready_providers(request),
        payment_methods=[to_method(method) for method in shop.payment_methods],
        hours=Words(**shop.hours),
        address=shop.address,
        phone=shop.phone,
        delivery=Words(**shop.delivery),
        delivery_fee=Money.of(shop.delivery_fee_minor, shop.currency),
        free_delivery_from=None if free_from is None else Money.of(free_from, shop.currency),
        prices_include_tax=shop.prices_include_tax,
        pickup_places=[PickupPlace(code=place.code, name=place.name, address=place.address) for place in places],
    )


@router.get(
    "/staff/shop/payments",
    summary="How the shop is paid",
    tags=["Staff"],
    responses=describe(WrongRole, ShopNotSetUp),
)
def payments(_staff: Staff, db: Db, request: Request) -> PaymentSettings:
    with db.read() as session:
        return _to_settings(catalog.shop(session), ready_providers(request))


@router.put(
    "/staff/shop/payments",
    summary="Set how the shop is paid",
    tags=["Staff"],
    response_model=PaymentSettings,
    responses=describe(
        WrongRole, InvalidRequest, IdempotencyKeyRequired, IdempotencyConflict, PaymentMethodInvalid, ShopNotSetUp
    ),
)
def put_payments(given: NewPaymentSettings, _staff: Admin, act: Act, request: Request) -> Response:
    methods = [Method(**method.model_dump()) for method in given.methods]
    ready = ready_providers(request)
    return act.once(lambda session: _to_settings(set_payments(session, methods, given.online_provider, ready), ready))


@router.put(
    "/staff/shop/prices",
    summary="Say whether prices include the tax",
    tags=["Staff"],
    response_model=PriceSettings,
    responses=describe(WrongRole, InvalidRequest, IdempotencyKeyRequired, IdempotencyConflict, ShopNotSetUp),
)
def put_prices(given: NewPriceSettings, _staff: Admin, act: Act) -> Response:
    """What was ordered before stays as it was agreed."""

    def work(session: Session) -> PriceSettings:
        set_prices(session, include_tax=given.include_tax)
        return PriceSettings(include_tax=given.include_tax)

    return act.once(work)


@router.put(
    "/staff/shop/free-delivery",
    summary="Say from which worth of goods on delivery is free",
    tags=["Staff"],
    response_model=FreeDelivery,
    responses=describe(WrongRole, InvalidRequest, IdempotencyKeyRequired, IdempotencyConflict, ShopNotSetUp),
)
def put_free_delivery(given: NewFreeDelivery, _staff: Admin, act: Act) -> Response:
    """What was ordered before stays as it was agreed."""

    def work(session: Session) -> FreeDelivery:
        set_free_delivery(session, given.from_minor)
        return FreeDelivery(from_minor=given.from_minor)

    return act.once(work)


def ready_providers(request: Request) -> list[str]:
    """The codes of the payment providers that this process has keys for."""
    codes: list[str] = request.app.state.providers.codes
    return codes


def to_method(method: Method) -> PaymentMethod:
    return PaymentMethod(**asdict(method) | {"name": Words(**method.name)})


def _to_settings(shop: catalog.Shop, ready: list[str]) -> PaymentSettings:
    return PaymentSettings(
        online_provider=shop.online_provider,
        providers=ready,
        methods=[
            KeptPaymentMethod(**asdict(method) | {"name": Words(**method.name)}) for method in shop.payment_methods
        ],
    )
