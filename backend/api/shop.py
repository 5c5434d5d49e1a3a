"""The shop's own facts over HTTP."""

from __future__ import annotations

from fastapi import APIRouter

from backend.api.access import Anyone, Db
from backend.api.problems import describe
from backend.catalog import service as catalog
from backend.catalog.errors import ShopNotSetUp
from backend.inventory import service as inventory
from backend.schemas.base import Money, Words
from backend.schemas.shop import PaymentMethod, PickupPlace, Shop
from kernel.tokens import TokenRefused

router = APIRouter(tags=["Shop"], responses=describe(TokenRefused))


@router.get("/shop", summary="Who the shop is and how it sells", responses=describe(ShopNotSetUp))
def look(_caller: Anyone, db: Db) -> Shop:
    with db.read() as session:
        shop = catalog.shop(session)
        places = [place for place in inventory.locations(session) if place.is_pickup]
    methods = zip(shop.payment_methods, shop.payment_names, strict=True)
    return Shop(
        name=shop.name,
        country=shop.country,
        currency=shop.currency,
        locale=shop.locale,
        time_zone=shop.time_zone,
        languages=list(shop.languages),
        takes_online_payments=shop.online_provider is not None,
        payment_methods=[PaymentMethod(code=code, name=Words(**name)) for code, name in methods],
        hours=Words(**shop.hours),
        address=shop.address,
        phone=shop.phone,
        delivery=Words(**shop.delivery),
        delivery_fee=Money.of(shop.delivery_fee_minor, shop.currency),
        pickup_places=[PickupPlace(code=place.code, name=place.name, address=place.address) for place in places],
    )
