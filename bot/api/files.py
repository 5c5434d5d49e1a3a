"""Files of agents, by a link that opens one of them without signing in: providers fetch them there, and customers."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from bot.attachments import service as attachments
from bot.attachments import serving
from bot.attachments.errors import AttachmentNotFound
from bot.attachments.intake import Intake
from bot.attachments.links import PATH, PURPOSE
from bot.conversations.models import Message
from kernel.db import Database
from kernel.links import Links

router = APIRouter(include_in_schema=False)


@router.get(f"/{PATH}/{{token}}")
def open_file(request: Request, token: str) -> Response:
    """Raises: AttachmentNotFound, for what is over, not genuine, or a customer's own."""
    links: Links = request.app.state.links
    intake: Intake = request.app.state.intake
    database: Database = request.app.state.database
    link = links.read(PURPOSE, token)
    if link is None or link.is_over:
        raise AttachmentNotFound
    with database.read() as session:
        attachment = attachments.find(session, link.id)
        message = session.get(Message, attachment.message_id) if attachment.message_id else None
    if message is None or message.author != "agent":
        raise AttachmentNotFound
    return serving.answer(attachment, intake.content(attachment))
