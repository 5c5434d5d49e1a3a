"""The shop's discounts over HTTP."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import APIRouter, Path, Response

from backend.api.access import Db, Sales, WrongRole
from backend.api.idempotency import Act
from backend.api.problems import InvalidRequest, describe
from backend.catalog import service as catalog
from backend.catalog.errors import ShopNotSetUp, UnknownCategory, UnknownSku
from backend.discounts import models
from backend.discounts import service as discounts
from backend.discounts.errors import DiscountInvalid, DiscountUnknown
from backend.idempotency import IdempotencyConflict, IdempotencyKeyRequired
from backend.schemas.base import Money
from backend.schemas.discounts import Discount, DiscountKind, NewDiscount
from backend.workflows.put_discount import put_discount
from kernel.tokens import TokenRefused

router = APIRouter(prefix="/staff/discounts", tags=["Staff"], responses=describe(TokenRefused, WrongRole))
_ACT = (InvalidRequest, IdempotencyKeyRequired, IdempotencyConflict, ShopNotSetUp)
LISTED = 1_000
Code = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$", examples=["LECHE10"])]


@router.get("", summary="All discounts, by their codes", responses=describe(ShopNotSetUp))
def look(_staff: Sales, db: Db) -> list[Discount]:
    with db.read() as session:
        currency = catalog.shop(session).currency
        return [_to_discount(row, currency) for row in discounts.every(session, LISTED)]


@router.put(
    "/{code}",
    summary="Put a discount up, or change it",
    response_model=Discount,
    responses=describe(*_ACT, UnknownSku, UnknownCategory, DiscountInvalid),
)
def put(code: Code, given: NewDiscount, _staff: Sales, act: Act) -> Response:
    """Orders that have it keep it as it was. One that was withdrawn is there again."""
    new = discounts.NewDiscount(**given.model_dump())
    return act.once(lambda session: _to_discount(put_discount(session, code, new), catalog.shop(session).currency))


@router.delete(
    "/{code}", summary="Withdraw a discount", response_model=Discount, responses=describe(*_ACT, DiscountUnknown)
)
def withdraw(code: Code, _staff: Sales, act: Act) -> Response:
    """Nobody gets it from now on; orders that have it keep it."""
    return act.once(lambda session: _to_discount(discounts.withdraw(session, code), catalog.shop(session).currency))


def _to_discount(row: models.Discount, currency: str) -> Discount:
    return Discount(
        code=row.code,
        name_es=row.name_es,
        name_en=row.name_en,
        is_automatic=row.is_automatic,
        kind=cast(DiscountKind, row.kind),
        percent=None if row.percent is None else f"{row.percent.normalize():f}",
        amount=None if row.amount_minor is None else Money.of(row.amount_minor, currency),
        sku=row.sku,
        category=row.category,
        minimum=Money.of(row.minimum_minor, currency),
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        max_uses=row.max_uses,
        max_uses_each=row.max_uses_each,
        uses=row.uses,
        withdrawn_at=row.withdrawn_at,
    )
