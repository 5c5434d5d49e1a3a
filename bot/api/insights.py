"""Insights and doubts over HTTP: how conversations went, and what the assistant is to learn."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import AwareDatetime

from bot.api import cursors
from bot.desk.access import Viewer, acting, looking
from bot.desk.insights import insights
from bot.handoff.acts import Doer
from bot.learning import service as learning
from bot.schemas.insights import DoubtView, InsightsView, LabelView, NewLabel
from kernel.db import Database

PAGE = 50

router = APIRouter(prefix="/bot/api", tags=["insights"])
Viewing = Annotated[Viewer, Depends(looking)]


@router.get("/insights")
def get_insights(request: Request, _viewer: Viewing, since: AwareDatetime, until: AwareDatetime) -> InsightsView:
    database: Database = request.app.state.database
    with database.read() as session:
        return InsightsView.model_validate(asdict(insights(session, since, until)))


@router.get("/doubts")
def list_doubts(request: Request, response: Response, _viewer: Viewing, cursor: str | None = None) -> list[DoubtView]:
    """Those without a label, the latest first. The header `Next-Cursor` leads to the next page, if any."""
    before = cursors.read(cursor) if cursor else None
    database: Database = request.app.state.database
    with database.read() as session:
        found = learning.unlabelled(session, before, PAGE + 1)
    if len(found) > PAGE:
        found = found[:PAGE]
        response.headers[cursors.HEADER] = cursors.cursor_of(found[-1][0].at, found[-1][0].message_id)
    return [
        DoubtView(
            message_id=doubt.message_id,
            conversation_id=doubt.conversation_id,
            language=doubt.language,
            text=text,
            guess=doubt.guess,
            confidence=doubt.confidence,
            is_misunderstood=doubt.is_misunderstood,
            at=doubt.at,
        )
        for doubt, text in found
    ]


@router.put("/doubts/{message_id}/label", status_code=204)
def put_label(request: Request, message_id: str, body: NewLabel, doer: Annotated[Doer, Depends(acting)]) -> None:
    """Say what a message meant; again, and it is said anew. `doubt_not_found`."""
    database: Database = request.app.state.database
    with database.write() as session:
        learning.label(session, message_id, body.intent, body.text, doer.id)


@router.get("/labels")
def list_labels(request: Request, _viewer: Viewing) -> list[LabelView]:
    """All that people taught, the oldest first."""
    database: Database = request.app.state.database
    with database.read() as session:
        return [
            LabelView(language=each.language, intent=each.label, text=each.text)
            for each in learning.labelled(session)
            if each.label is not None and each.text is not None
        ]
