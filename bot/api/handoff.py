"""Taking conversations over, over HTTP: for staff who talk with customers; each act named by its Idempotency-Key."""

from __future__ import annotations

import asyncio
from typing import Annotated
from urllib.parse import unquote

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from bot.api.conversations import Looking, seen_by, show
from bot.attachments.errors import AttachmentCutOff
from bot.attachments.intake import Intake
from bot.conversations.models import Message
from bot.delivery import Delivery
from bot.desk.access import Viewer, acting, speaking
from bot.desk.context import Contexts
from bot.desk.desk import Desk
from bot.handoff import acts, papers
from bot.handoff import service as handoffs
from bot.handoff.acts import Doer
from bot.handoff.errors import ConversationNotFound
from bot.handoff.models import Note
from bot.history import shown
from bot.schemas.context import ContextView
from bot.schemas.conversations import AttachmentView, Claim, Close, ConversationDetail, MessageView, NewMessage, Release
from bot.schemas.desk import ActView, DraftText, NewNote, NoteView, Snooze, Tags, TemplateView, Transfer
from kernel.db import Database

ACTS_MOST = 200
# A slow line brings 15 MB in that time.
UPLOAD_TIMEOUT_S = 180.0

router = APIRouter(prefix="/bot/api/conversations/{conversation_id}", tags=["handoff"])
Acting = Annotated[Doer, Depends(acting)]


def _desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


TheDesk = Annotated[Desk, Depends(_desk)]


def _shown(request: Request, conversation_id: str, doer: Doer) -> ConversationDetail:
    return show(request, conversation_id, Viewer(doer.id, doer.name, doer.is_admin, may_act=True))


@router.post("/claim")
def claim(request: Request, conversation_id: str, body: Claim, doer: Acting, desk: TheDesk) -> ConversationDetail:
    """Take it over, as it was when one saw it (`version`): of two who do so one is refused `conversation_taken`."""
    desk.claim(conversation_id, doer, body.version)
    return _shown(request, conversation_id, doer)


@router.post("/messages", status_code=201)
def say(request: Request, conversation_id: str, body: NewMessage, doer: Acting, desk: TheDesk) -> MessageView:
    """Write to the customer."""
    template = (body.template, body.values) if body.template else None
    message_id = desk.say(conversation_id, doer, body.text, body.attachments, template)
    database: Database = request.app.state.database
    with database.read() as session:
        return MessageView.of(shown(session, session.get_one(Message, message_id)), None)


@router.get("/templates")
def list_templates(request: Request, conversation_id: str, viewer: Looking, desk: TheDesk) -> list[TemplateView]:
    """What may be sent there at any time, as the channel's provider approved it."""
    database: Database = request.app.state.database
    with database.read() as session:
        found = desk.templates(seen_by(session, conversation_id, viewer))
    return [TemplateView(name=each.name, text=each.text, variables=list(each.variables)) for each in found]


@router.post("/attachments", status_code=201)
async def take_in(
    request: Request, conversation_id: str, viewer: Annotated[Viewer, Depends(speaking)]
) -> AttachmentView:
    """Take in the body as a file to send with a message; its name is in the header `File-Name` (percent-encoded).

    What is not sent within a day is deleted.
    """
    await run_in_threadpool(_check_seen_by, request, conversation_id, viewer)
    intake: Intake = request.app.state.intake
    try:
        async with asyncio.timeout(UPLOAD_TIMEOUT_S):
            name = unquote(request.headers.get("File-Name", ""))
            return AttachmentView.of(await intake.take(conversation_id, name, request.stream()))
    except (TimeoutError, ClientDisconnect):
        raise AttachmentCutOff from None


def _check_seen_by(request: Request, conversation_id: str, viewer: Viewer) -> None:
    database: Database = request.app.state.database
    with database.read() as session:
        seen_by(session, conversation_id, viewer)


@router.post("/release")
def release(request: Request, conversation_id: str, body: Release, doer: Acting, desk: TheDesk) -> ConversationDetail:
    """Give it back to the assistant, which goes on where the customer was."""
    desk.release(conversation_id, doer, body.seen_seq, body.done)
    return _shown(request, conversation_id, doer)


@router.post("/close")
def close(request: Request, conversation_id: str, body: Close, doer: Acting, desk: TheDesk) -> ConversationDetail:
    """End it; the customer's next message opens it again. What the assistant has may be closed by anyone who acts."""
    desk.close(conversation_id, doer, body.seen_seq, ask_rating=body.ask_rating)
    return _shown(request, conversation_id, doer)


@router.post("/transfer")
def transfer(
    request: Request, conversation_id: str, body: Transfer, doer: Acting, desk: TheDesk
) -> ConversationDetail | None:
    """Give it to another agent, or to a team's queue. Null for who may not see it from then on."""
    desk.transfer(conversation_id, doer, body.version, agent_id=body.agent_id, team=body.team)
    try:
        return _shown(request, conversation_id, doer)
    except ConversationNotFound:
        return None


@router.post("/snooze")
def snooze(request: Request, conversation_id: str, body: Snooze, doer: Acting, desk: TheDesk) -> ConversationDetail:
    """Put it aside until then, or until its customer writes; null takes it out again."""
    desk.snooze(conversation_id, doer, body.until)
    return _shown(request, conversation_id, doer)


@router.put("/tags")
def tag(request: Request, conversation_id: str, body: Tags, doer: Acting, desk: TheDesk) -> ConversationDetail:
    """Say by which words it is found: all of them."""
    desk.tag(conversation_id, doer, body.tags)
    return _shown(request, conversation_id, doer)


@router.get("/notes")
def list_notes(request: Request, conversation_id: str, viewer: Looking) -> list[NoteView]:
    """What colleagues wrote for each other, oldest first."""
    database: Database = request.app.state.database
    with database.read() as session:
        seen_by(session, conversation_id, viewer)
        return [NoteView.of(each) for each in papers.notes(session, conversation_id)]


@router.post("/notes", status_code=201)
def note(request: Request, conversation_id: str, body: NewNote, doer: Acting, desk: TheDesk) -> NoteView:
    """Write something for colleagues. It is never sent, and stays as it is."""
    note_id = desk.note(conversation_id, doer, body.text)
    database: Database = request.app.state.database
    with database.read() as session:
        return NoteView.of(session.get_one(Note, note_id))


@router.get("/acts")
def list_acts(request: Request, conversation_id: str, viewer: Looking) -> list[ActView]:
    """What was done to it by whom, the latest first."""
    database: Database = request.app.state.database
    with database.read() as session:
        seen_by(session, conversation_id, viewer)
        return [ActView.of(each) for each in acts.of_conversation(session, conversation_id, ACTS_MOST)]


@router.get("/context")
def get_context(request: Request, conversation_id: str, viewer: Looking) -> ContextView:
    """All that who takes it over must know."""
    database: Database = request.app.state.database
    contexts: Contexts = request.app.state.contexts
    with database.read() as session:
        return ContextView.of(contexts.of(session, seen_by(session, conversation_id, viewer)))


@router.get("/draft")
def get_draft(request: Request, conversation_id: str, viewer: Looking) -> DraftText:
    """What the caller has begun to write there."""
    database: Database = request.app.state.database
    with database.read() as session:
        seen_by(session, conversation_id, viewer)
        return DraftText(text=papers.draft(session, conversation_id, viewer.id))


@router.put("/draft")
def keep_draft(
    request: Request, conversation_id: str, body: DraftText, viewer: Annotated[Viewer, Depends(speaking)]
) -> DraftText:
    """Keep what the caller has begun to write there, until it is sent. A customer on the web sees that they write."""
    database: Database = request.app.state.database
    delivery: Delivery = request.app.state.delivery
    news = []
    with database.write() as session:
        conversation = seen_by(session, conversation_id, viewer)
        papers.keep_draft(session, conversation_id, viewer.id, body.text)
        handoff = handoffs.current(session, conversation_id)
        has_it = conversation.owner == "agent" and handoff is not None and handoff.agent_id == viewer.id
        if has_it and body.text.strip() and not body.is_note:
            news.append(delivery.agent_writes(session, conversation_id))
    delivery.tell(news)
    return body
