"""Ratings over HTTP: how customers found it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from bot.desk.access import Viewer, looking
from bot.handoff import ratings
from bot.schemas.desk import RatingView
from kernel import clock
from kernel.db import Database

router = APIRouter(prefix="/bot/api/ratings", tags=["handoff"])


@router.get("")
def list_ratings(
    request: Request, _viewer: Annotated[Viewer, Depends(looking)], days: Annotated[int, Query(ge=1, le=366)] = 30
) -> list[RatingView]:
    """How customers found it in the last days, by who had the conversation."""
    database: Database = request.app.state.database
    with database.read() as session:
        found = ratings.standings(session, clock.now() - timedelta(days=days))
    return [RatingView.model_validate(asdict(each)) for each in found]
