"""Stock over HTTP, for staff."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from backend.api.access import Db, Staff, WrongRole
from backend.api.problems import describe
from backend.inventory import service as inventory
from backend.schemas.inventory import StockAnswer, StockLevel
from kernel.tokens import TokenRefused

router = APIRouter(prefix="/staff", tags=["Staff"], responses=describe(TokenRefused, WrongRole))


@router.get("/stock", summary="Stock per location, of one variant or of all")
def stock(_staff: Staff, db: Db, sku: Annotated[str | None, Query(max_length=40)] = None) -> StockAnswer:
    with db.read() as session:
        rows = inventory.levels(session, sku)
    return StockAnswer(
        levels=[
            StockLevel(sku=sku, location=location, on_hand=on_hand, reserved=reserved, available=on_hand - reserved)
            for sku, location, on_hand, reserved in rows
        ]
    )
