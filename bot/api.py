"""The bot's own HTTP API: conversations for staff, hints from our workers."""

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
from bot.outbox import service as outbox
from bot.schemas import ConversationView, MessageView, Wake
from kernel.db import Database
from kernel.errors import Invalid, NotFound

PAGE = 50
# A message of files alone, in a list.
WORDLESS = "📎"
CURSOR_HEADER = "Next-Cursor"

staff = APIRouter(prefix="/bot/api", dependencies=[Depends(require("staff"))], tags=["conversations"])
internal = APIRouter(prefix="/internal", dependencies=[Depends(require("service"))], include_in_schema=False)


class ConversationNotFound(NotFound):
    code, title = "conversation_not_found", "No such conversation"


class CursorInvalid(Invalid):
    code, title = "cursor_invalid", "The cursor is not one of ours"


@staff.get("/conversations")
def list_conversations(
    request: Request, response: Response, owner: Owner | None = None, cursor: str | None = None
) -> list[ConversationView]:
    """Conversations with messages, the latest first. The header `Next-Cursor` leads to the next page, if any."""
    before = _read_cursor(cursor) if cursor else None
    database: Database = request.app.state.database
    with database.read() as session:
        found = service.list_recent(session, owner=owner, before=before, limit=PAGE + 1)
    if len(found) > PAGE:
        found = found[:PAGE]
        response.headers[CURSOR_HEADER] = _cursor(found[-1][0])
    return [ConversationView.of(conversation, text or WORDLESS) for conversation, text in found]


@staff.get("/conversations/{conversation_id}/messages")
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


@staff.get("/attachments/{attachment_id}", response_class=Response)
def get_attachment(request: Request, attachment_id: str) -> Response:
    """The content of a file that a customer sent."""
    database: Database = request.app.state.database
    with database.read() as session:
        attachment = attachments.find(session, attachment_id)
    return serving.answer(attachment, request.app.state.intake.content(attachment))


@internal.post("/wake", status_code=204)
async def wake(request: Request, body: Wake) -> None:
    """A worker of ours has written into a conversation."""
    request.app.state.hub.wake(body.conversation_id)


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
