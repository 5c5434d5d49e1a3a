"""The queue over HTTP: who waits for a person, who is next first."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from bot.api.conversations import show, views
from bot.conversations.models import Conversation
from bot.desk.access import Viewer, acting, looking
from bot.desk.desk import Desk
from bot.handoff import agents
from bot.handoff import service as handoffs
from bot.handoff.acts import Doer
from bot.schemas.conversations import ConversationDetail, ConversationView
from kernel.db import Database

QUEUE_MOST = 200

router = APIRouter(prefix="/bot/api/queue", tags=["handoff"])


@router.get("")
def list_queue(
    request: Request, viewer: Annotated[Viewer, Depends(looking)], team: str | None = None
) -> list[ConversationView]:
    """Those of the caller's teams, or of one of them."""
    database: Database = request.app.state.database
    with database.read() as session:
        own = [] if viewer.is_admin else agents.teams_of(session, viewer.id)
        teams = [team] if team and (not own or team in own) else own or None
        waiting = handoffs.waiting(session, teams=teams, limit=QUEUE_MOST)
        return views(session, [session.get_one(Conversation, each.conversation_id) for each in waiting], viewer)


@router.post("/next")
def take_next(request: Request, doer: Annotated[Doer, Depends(acting)]) -> ConversationDetail:
    """Take the one whose turn it is. `queue_empty`, `agent_full`."""
    desk: Desk = request.app.state.desk
    return show(request, desk.take_next(doer), Viewer(doer.id, doer.name, doer.is_admin, may_act=True))
