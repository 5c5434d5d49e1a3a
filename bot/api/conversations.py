"""Conversations over HTTP, as staff read them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.params import Query
from sqlalchemy.orm import Session

from bot import history
from bot.api import cursors
from bot.attachments import service as attachments
from bot.attachments import serving
from bot.attachments.errors import AttachmentNotFound
from bot.conversations import service
from bot.conversations.models import Conversation, Owner
from bot.desk.access import Viewer, looking, speaking
from bot.handoff import agents, papers, ratings, seen
from bot.handoff import service as handoffs
from bot.handoff.errors import ConversationNotFound
from bot.handoff.summary import summarise
from bot.outbox import service as outbox
from bot.schemas.conversations import ConversationDetail, ConversationView, MessageView, SeenUpTo
from kernel.db import Database

PAGE = 50
# From so many of its last messages a line of what a conversation is about is made.
GIST_OF = 20
UNREAD = "Unread-Conversations"
# A message of files alone, in a list.
WORDLESS = "📎"

router = APIRouter(prefix="/bot/api", tags=["conversations"])
Looking = Annotated[Viewer, Depends(looking)]


@router.get("/conversations")
def list_conversations(
    request: Request,
    response: Response,
    viewer: Looking,
    owner: Owner | None = None,
    team: str | None = None,
    tag: str | None = None,
    agent_id: str | None = None,
    channel: str | None = None,
    q: Annotated[str | None, Query(max_length=120)] = None,
    customer_id: Annotated[list[str], Query(max_length=100)] = [],  # noqa: B006
    cursor: str | None = None,
) -> list[ConversationView]:
    """Conversations with messages, the latest first: those that the caller may see, of an owner, a team, on a channel,
    with a tag, in the hands of an agent; in which `q` was said of late, or which are of one of these customers. The
    header `Next-Cursor` leads to the next page, if any; `Unread-Conversations` says in how many of those that wait, or
    that the caller has, there is something they have not seen.
    """
    before = cursors.read(cursor) if cursor else None
    request.app.state.signs.of(viewer)
    database: Database = request.app.state.database
    with database.read() as session:
        teams = [] if viewer.is_admin else agents.teams_of(session, viewer.id)
        sees = [handoffs.sees(viewer.id, teams)] if teams else []
        only = list(sees)
        only += [Conversation.team == team] if team else []
        only += [papers.is_tagged(tag)] if tag else []
        only += [handoffs.is_held_by(agent_id)] if agent_id else []
        only += [Conversation.channel == channel] if channel else []
        only += [service.is_about(q or "", customer_id)] if q or customer_id else []
        found = service.list_recent(session, owner=owner, before=before, limit=PAGE + 1, only=only)
        if len(found) > PAGE:
            found = found[:PAGE]
            last = found[-1][0]
            assert last.last_message_at is not None, "a listed conversation has messages"
            response.headers[cursors.HEADER] = cursors.cursor_of(last.last_message_at, last.id)
        unread = seen.conversations_unread(session, viewer.id, sees) if viewer.may_act else 0
        response.headers[UNREAD] = str(unread)
        return _views(session, found, viewer)


def views(session: Session, conversations: list[Conversation], viewer: Viewer) -> list[ConversationView]:
    """In this order."""
    return _views(session, [(each, service.last_text(session, each)) for each in conversations], viewer)


def _views(session: Session, found: list[tuple[Conversation, str]], viewer: Viewer) -> list[ConversationView]:
    ids = [conversation.id for conversation, _ in found]
    handed, tags = handoffs.current_of(session, ids), papers.tags(session, ids)
    with_people = [conversation.id for conversation, _ in found if conversation.owner in ("queued", "agent")]
    unread = seen.unread(session, viewer.id, with_people) if viewer.may_act else {}
    said = service.latest_said(session, with_people, GIST_OF)
    listed = []
    for each, text in found:
        view = ConversationView.of(each, text or WORDLESS, handed.get(each.id), tags[each.id])
        view.unread = unread.get(each.id, 0)
        if each.id in said:
            summary = summarise(said[each.id])
            view.gist = {language: summary.in_a_line(language) for language in ("es", "en")}
        listed.append(view)
    return listed


@router.put("/conversations/{conversation_id}/seen", status_code=204)
def note_seen(
    request: Request, conversation_id: str, body: SeenUpTo, viewer: Annotated[Viewer, Depends(speaking)]
) -> None:
    """The caller has the conversation before them, up to that message: it is unread no more."""
    database: Database = request.app.state.database
    with database.write() as session:
        seen_by(session, conversation_id, viewer)
        seen.note(session, conversation_id, viewer.id, body.seq)


@router.get("/conversations/{conversation_id}")
def get_conversation(request: Request, conversation_id: str, viewer: Looking) -> ConversationDetail:
    """One conversation as it stands."""
    return show(request, conversation_id, viewer)


def show(request: Request, conversation_id: str, viewer: Viewer) -> ConversationDetail:
    """Raises: ConversationNotFound."""
    database: Database = request.app.state.database
    with database.read() as session:
        conversation = seen_by(session, conversation_id, viewer)
        text, tags = service.last_text(session, conversation), papers.tags(session, [conversation_id])
        handoff = handoffs.current(session, conversation_id)
        detail = ConversationDetail.of(conversation, text or WORDLESS, handoff, tags[conversation_id])
        rating = ratings.latest(session, conversation_id)
        detail.rating = rating.score if rating else None
        return detail


def seen_by(session: Session, conversation_id: str, viewer: Viewer) -> Conversation:
    """Raises: ConversationNotFound, for another team's, too."""
    conversation = session.get(Conversation, conversation_id)
    if conversation is None or not handoffs.may_see(session, conversation, viewer.id, is_admin=viewer.is_admin):
        raise ConversationNotFound
    return conversation


@router.get("/conversations/{conversation_id}/messages")
def list_messages(
    request: Request,
    conversation_id: str,
    viewer: Looking,
    after: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 200,
) -> list[MessageView]:
    """What was said after a `seq`, oldest first."""
    database: Database = request.app.state.database
    with database.read() as session:
        seen_by(session, conversation_id, viewer)
        found = history.after(session, conversation_id, after, limit)
        fates = outbox.fates(session, [shown.message.id for shown in found])
    return [MessageView.of(shown, fates.get(shown.message.id)) for shown in found]


@router.get("/attachments/{attachment_id}", response_class=Response)
def get_attachment(request: Request, attachment_id: str, viewer: Looking) -> Response:
    """The content of a file of a conversation that the caller may see."""
    database: Database = request.app.state.database
    with database.read() as session:
        attachment = attachments.find(session, attachment_id)
        conversation = session.get_one(Conversation, attachment.conversation_id)
        if not handoffs.may_see(session, conversation, viewer.id, is_admin=viewer.is_admin):
            raise AttachmentNotFound
    return serving.answer(attachment, request.app.state.intake.content(attachment))
