"""Conversations over HTTP, as staff read them."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.params import Query

from bot import history
from bot.access import require
from bot.attachments import service as attachments
from bot.attachments import serving
from bot.conversations import service
from bot.conversations.models import Conversation, Owner
from bot.handoff import service as handoffs
from bot.handoff.errors import ConversationNotFound
from bot.outbox import service as outbox
from bot.schemas import ConversationDetail, ConversationView, MessageView
from kernel.db import Database
from kernel.errors import Invalid

PAGE = 50
# A message of files alone, in a list.
WORDLESS = "📎"
CURSOR_HEADER = "Next-Cursor"

router = APIRouter(prefix="/bot/api", dependencies=[Depends(require("staff"))], tags=["conversations"])


class CursorInvalid(Invalid):
    code, title = "cursor_invalid", "The cursor is not one of ours"


@router.get("/conversations")
def list_conversations(
    request: Request, response: Response, owner: Owner | None = None, cursor: str | None = None
) -> list[ConversationView]:
    """Conversations with messages, the latest first. The header `Next-Cursor` leads to the next page, if any."""
    before = _read_cursor(cursor) if cursor else None
    database: Database = request.app.state.database
    with database.read() as session:
        found = service.list_recent(session, owner=owner, before=before, limit=PAGE + 1)
        handed = handoffs.current_of(session, [conversation.id for conversation, _ in found])
    if len(found) > PAGE:
        found = found[:PAGE]
        response.headers[CURSOR_HEADER] = _cursor(found[-1][0])
    return [ConversationView.of(each, text or WORDLESS, handed.get(each.id)) for each, text in found]


@router.get("/conversations/{conversation_id}")
def get_conversation(request: Request, conversation_id: str) -> ConversationDetail:
    """One conversation as it stands."""
    return show(request, conversation_id)


def show(request: Request, conversation_id: str) -> ConversationDetail:
    """Raises: ConversationNotFound."""
    database: Database = request.app.state.database
    with database.read() as session:
        conversation = session.get(Conversation, conversation_id)
        if conversation is None:
            raise ConversationNotFound
        text = service.last_text(session, conversation)
        return ConversationDetail.of(conversation, text or WORDLESS, handoffs.current(session, conversation_id))


@router.get("/conversations/{conversation_id}/messages")
def list_messages(
    request: Request,
    conversation_id: str,
    after: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 200,
) -> list[MessageView]:
    """What was said after a `seq`, oldest first."""
    database: Database = request.app.state.database
    with database.read() as session:
        if session.get(Conversation, conversation_id) is None:
            raise ConversationNotFound
        found = history.after(session, conversation_id, after, limit)
        fates = outbox.fates(session, [shown.message.id for shown in found])
    return [MessageView.of(shown, fates.get(shown.message.id)) for shown in found]


@router.get("/attachments/{attachment_id}", response_class=Response)
def get_attachment(request: Request, attachment_id: str) -> Response:
    """The content of a file of a conversation."""
    database: Database = request.app.state.database
    with database.read() as session:
        attachment = attachments.find(session, attachment_id)
    return serving.answer(attachment, request.app.state.intake.content(attachment))


def _cursor(last: Conversation) -> str:
    assert last.last_message_at is not None, "a listed conversation has messages"
    return base64.urlsafe_b64encode(f"{last.last_message_at.isoformat()} {last.id}".encode()).decode()


def _read_cursor(cursor: str) -> tuple[datetime, str]:
    try:
        at, _, conversation_id = base64.urlsafe_b64decode(cursor.encode()).decode().partition(" ")
        instant = datetime.fromisoformat(at)
    except (binascii.Error, ValueError):
        raise CursorInvalid from None
    if instant.tzinfo is None or not conversation_id:
        raise CursorInvalid
    return instant, conversation_id
