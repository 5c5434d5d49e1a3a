"""Canned replies over HTTP: what is said again and again, in both languages."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from bot.desk.access import Viewer, acting, looking
from bot.desk.desk import Desk
from bot.handoff import papers
from bot.handoff.acts import Doer
from bot.schemas.desk import CannedName, CannedView, NewCanned
from kernel.db import Database

router = APIRouter(prefix="/bot/api/canned-replies", tags=["handoff"])
Acting = Annotated[Doer, Depends(acting)]


@router.get("")
def list_canned(request: Request, _viewer: Annotated[Viewer, Depends(looking)]) -> list[CannedView]:
    database: Database = request.app.state.database
    with database.read() as session:
        return [CannedView.of(each) for each in papers.canned(session)]


@router.put("/{name}")
def set_canned(request: Request, name: CannedName, body: NewCanned, doer: Acting) -> CannedView:
    """Make it, or say it anew."""
    desk: Desk = request.app.state.desk
    desk.set_canned(doer, name, body.es, body.en)
    return CannedView(name=name, es=body.es.strip(), en=body.en.strip())


@router.delete("/{name}", status_code=204)
def remove_canned(request: Request, name: CannedName, doer: Acting) -> None:
    desk: Desk = request.app.state.desk
    desk.remove_canned(doer, name)
