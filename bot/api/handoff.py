"""Taking conversations over, over HTTP: for staff who talk with customers; each act named by its Idempotency-Key."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from bot.access import acting
from bot.api.conversations import show
from bot.conversations.models import Message
from bot.desk import Desk
from bot.handoff.acts import Doer
from bot.history import shown
from bot.schemas import Claim, ConversationDetail, Leave, MessageView, NewMessage
from kernel.db import Database

router = APIRouter(prefix="/bot/api/conversations/{conversation_id}", tags=["handoff"])
Acting = Annotated[Doer, Depends(acting)]


def _desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


TheDesk = Annotated[Desk, Depends(_desk)]


@router.post("/claim")
def claim(request: Request, conversation_id: str, body: Claim, doer: Acting, desk: TheDesk) -> ConversationDetail:
    """Take it over, as it was when one saw it (`version`): of two who do so one is refused `conversation_taken`."""
    desk.claim(conversation_id, doer, body.version)
    return show(request, conversation_id)


@router.post("/messages", status_code=201)
def say(request: Request, conversation_id: str, body: NewMessage, doer: Acting, desk: TheDesk) -> MessageView:
    """Write to the customer."""
    message_id = desk.say(conversation_id, doer, body.text, body.attachments)
    database: Database = request.app.state.database
    with database.read() as session:
        return MessageView.of(shown(session, session.get_one(Message, message_id)), None)


@router.post("/release")
def release(request: Request, conversation_id: str, body: Leave, doer: Acting, desk: TheDesk) -> ConversationDetail:
    """Give it back to the assistant."""
    desk.release(conversation_id, doer, body.seen_seq)
    return show(request, conversation_id)


@router.post("/close")
def close(request: Request, conversation_id: str, body: Leave, doer: Acting, desk: TheDesk) -> ConversationDetail:
    """End it; the customer's next message opens it again."""
    desk.close(conversation_id, doer, body.seen_seq)
    return show(request, conversation_id)
